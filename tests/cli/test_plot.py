"""`nncli plot`: its files and figures in both styles, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nncli.cli.plot import _worst
from nncli.evaluation.metrics import summarize
from nncli.runs.comparison import Outcome

ALL = ["curves", "confusion", "misclassified", "calibration"]


@pytest.fixture
def runs(nncli, config_file, digits_dir):
    for seed in (1, 2):
        folder = f"runs/{seed}"
        assert nncli("train", config_file(), "--seed", seed, "--run-dir", folder, "--data-dir", digits_dir).code == 0
    return "runs/1", "runs/2"


def test_all_figures_are_written_to_the_run_folder(runs, nncli):
    ended = nncli("plot", runs[0], "--count", "3")
    assert ended.out.splitlines() == [f"{runs[0]}/{name}.png" for name in ALL]
    assert ended.err == ""
    widths = {}
    for name in ALL:
        with Image.open(f"{runs[0]}/{name}.png") as image:
            widths[name] = image.width
    assert widths == dict.fromkeys(ALL, 1020) | {"misclassified": 2100}  # 3.4 and 7 inches at 300 dots per inch


@pytest.mark.parametrize("name", ALL)
def test_several_runs_share_a_figure(name, runs, nncli):
    ended = nncli("plot", *runs, "--figure", name, "--style", "slide", "--output", "figure.svg", "--count", "3")
    assert (ended.code, ended.out) == (0, "figure.svg\n")
    svg = Path("figure.svg").read_text()
    assert "DejaVu Sans" in svg
    assert {"curves": "small (2 seeds)", "confusion": "predicted", "calibration": ">1: "}.get(name, "Misclass") in svg


def test_what_is_refused(runs, nncli, tmp_path):
    (tmp_path / "gone").mkdir()
    usage = "use one --figure and one --output with several runs, and one --figure with --output"
    for arguments, code, said in (
        (runs, 2, usage),
        ([runs[0], "--output", "x.png"], 2, usage),
        (
            [runs[0], "--figure", "confusion", "--data-dir", "gone"],
            4,
            "needs the test images; use --data-dir, or --fig",
        ),
    ):
        ended = nncli("plot", *arguments)
        assert (ended.code, ended.out) == (code, "")
        assert said in ended.err
    ended = nncli("plot", runs[0], "--figure", "curves", "--data-dir", "gone")
    assert (ended.code, ended.err) == (0, "")


def test_the_worst_are_the_most_confident(digits):
    data = digits["test"]
    probabilities = np.full((10, len(data.labels)), 0.05)
    predicted = data.labels.astype(int)
    predicted[[3, 8]] = (predicted[[3, 8]] + 1) % 10
    probabilities[predicted, np.arange(len(predicted))] = 0.55
    probabilities[predicted[8], 8] = 0.6
    tested = Outcome(data, 0.0, probabilities, summarize(probabilities, data.labels))
    worst = _worst(tested, 5)
    assert [(each.label, each.predicted, each.probability) for each in worst] == [
        (data.labels[index], predicted[index], confidence) for index, confidence in ((8, 0.6), (3, 0.55))
    ]
    assert np.array_equal(worst[0].image, data.images[8])
