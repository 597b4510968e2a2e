"""`nncli plot`: its files and figures in both styles, and what it refuses."""

from pathlib import Path

import pytest
from PIL import Image

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
    for arguments, code, said in (
        (runs, 2, "several runs share one figure; choose it with --figure, and its file with --output"),
        ([runs[0], "--output", "x.png"], 2, "--output is the file of one figure; choose it with --figure"),
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
