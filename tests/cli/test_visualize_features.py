"""`nncli visualize-features`: where the picture goes, what is in it, and the units in the terminal."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nncli.cli.main import main


@pytest.fixture(autouse=True)
def in_the_folder_of_the_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def deep(make_run):
    """Two hidden layers of 6 and 5 units, with random weights."""
    rng = np.random.default_rng(1)
    tensors = {}
    for name, units, inputs in (("hidden1", 6, 784), ("hidden2", 5, 6), ("output", 10, 5)):
        tensors[f"{name}.weights"] = rng.normal(0, 0.1, (units, inputs)).astype(np.float32)
        tensors[f"{name}.bias"] = np.zeros(units, np.float32)
    return make_run(
        "deep", tensors, (28, 28), {"model": {"layers": [{"units": 6}, {"units": 5}, {"units": 10}]}}, "mnist"
    )


def size(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return picture.size


@pytest.mark.parametrize(
    ("arguments", "where", "said"),
    [
        (["run"], "run/features.png", "output: weights of 10 units"),
        (["run/checkpoints/last.safetensors"], "run/checkpoints/features.png", "output: weights of 10 units"),
        (["run", "--units", "4"], "run/features.png", "output: weights of 4 of 10 units"),
        (["run", "--output", "mine.PNG"], "mine.PNG", "output: weights of 10 units"),
        (["run", "--layer", "1", "--sort", "index"], "run/features.png", "output: weights of 10 units"),
    ],
)
def test_the_picture_is_written_and_its_place_said(arguments, where, said, lamp_run, capsys):
    assert main(["visualize-features", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{where}: {said}\n"
    assert captured.err == ""
    assert min(size(where)) > 100
    assert [path.name for path in Path(where).parent.glob(".*.tmp")] == []


def test_each_layer_has_its_own_picture(deep, capsys):
    for number in "123":
        assert main(["visualize-features", "deep", "--layer", number]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "deep/features.png: hidden1: weights of 6 units",
        "deep/features-layer2.png: hidden2: preferred inputs of 5 units",
        "deep/features-layer3.png: output: preferred inputs of 10 units",
    ]


def test_the_same_checkpoint_gives_the_same_bytes(deep):
    for name in ("a.png", "b.png"):
        assert main(["visualize-features", "deep", "--layer", "2", "--output", name]) == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_a_layer_that_is_not_there_is_named_with_those_that_are(deep, capsys):
    assert main(["visualize-features", "deep", "--layer", "4"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[0] == (
        "error: Invalid value for '--layer': no layer 4; "
        "the layers of this network are 1 (hidden1), 2 (hidden2), 3 (output)"
    )


def test_the_terminal_shows_units_and_writes_nothing(lamp_run, capsys):
    assert main(["visualize-features", "run", "--terminal", "--units", "2", "--sort", "index"]) == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "output: weights of 2 of 10 units",
        "'=~-' below zero, '+*#' above",
        "0      1",
        "*       *",
    ]
    assert not Path("run", "features.png").exists()


def test_terminal_and_output_do_both(lamp_run, capsys):
    assert main(["visualize-features", "run", "--terminal", "--output", "both.png"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("both.png: output: weights of 10 units\n")
    assert "'=~-' below zero" in out
    assert Path("both.png").exists()


def test_the_picture_is_there_even_if_nobody_reads_the_units(lamp_run, monkeypatch):
    def gone(*_arguments, **_options):
        raise BrokenPipeError

    monkeypatch.setattr("nncli.cli.visualize_features.results", gone)
    assert main(["visualize-features", "run", "--terminal", "--output", "both.png"]) == 0
    assert Path("both.png").exists()
