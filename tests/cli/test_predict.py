"""`nncli predict`: a digit for every readable picture, a message for every other, and agreement with `evaluate`."""

import io
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from nncli.cli.main import main
from nncli.cli.predict import _show_bars

THREE = math.exp(2) / (math.exp(2) + 9)  # what the hand-made network gives to a 3
OTHER = 1 / (math.exp(2) + 9)


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    """Two pictures of strokes and one file that is no picture."""
    monkeypatch.chdir(tmp_path)
    pixels = np.full((60, 40), 255, np.uint8)
    pixels[10:50, 15:25] = 0
    Image.fromarray(pixels).save("dark.png")
    Image.fromarray(255 - pixels).save("light.jpg")
    Path("bad.png").write_bytes(b"no picture")


def test_one_picture_is_a_digit_with_the_most_probable_as_bars(threes, capsys):
    assert main(["predict", "threes", "dark.png"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "dark.png: 3",
        f"  3  45.09%  {round(40 * THREE) * '█'}",
        f"  0   6.10%  {round(40 * OTHER) * '█'}",
        f"  1   6.10%  {round(40 * OTHER) * '█'}",
    ]
    assert captured.err == "note: dark.png: low confidence (45%): this may not be a digit\n"


@pytest.mark.parametrize(("width", "bar"), [(20, 7), (13, 0), (200, 40)])
def test_bars_fit_the_terminal(width, bar):
    printed = io.StringIO()
    _show_bars(9, [0.0] * 9 + [1.0], "x", Console(width=width, file=printed))
    assert printed.getvalue().splitlines()[1].count("█") == bar


def test_many_pictures_are_a_line_each(threes, capsys):
    assert main(["predict", "threes", "dark.png", "light.jpg", "dark.png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["3  45.09%  dark.png", "3  45.09%  light.jpg", "3  45.09%  dark.png"]


def test_json_lists_path_digit_and_probabilities(threes, capsys):
    assert main(["predict", "threes", "dark.png", "light.jpg", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(each["path"], each["digit"]) for each in document] == [("dark.png", 3), ("light.jpg", 3)]
    assert document[0]["remarks"] == ["low confidence (45%): this may not be a digit"]
    assert set(document[0]) == {"path", "digit", "probabilities", "remarks"}
    assert document[0]["probabilities"] == pytest.approx([OTHER] * 3 + [THREE] + [OTHER] * 6, rel=1e-5)


def test_the_probabilities_of_several_runs_are_averaged(threes, make_run, capsys):
    bias = np.zeros(10, np.float32)
    bias[7] = 9
    tensors = {"output.weights": np.zeros((10, 29 * 29), np.float32), "output.bias": bias}
    make_run("sevens", tensors, (29, 29), {"data": {"size": 29}, "model": {"layers": [{"units": 10}]}}, "mnist")
    checkpoint = "sevens/checkpoints/last.safetensors"
    for runs in (["threes", "sevens"], ["threes", checkpoint]):
        assert main(["predict", *runs, "dark.png", "light.jpg", "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert [(each["path"], each["digit"]) for each in document] == [("dark.png", 7), ("light.jpg", 7)]
        sure, rest = math.exp(9) / (math.exp(9) + 9), 1 / (math.exp(9) + 9)
        expected = [(OTHER + rest) / 2] * 3 + [(THREE + rest) / 2] + [(OTHER + rest) / 2] * 6
        expected[7] = (OTHER + sure) / 2
        assert document[0]["probabilities"] == pytest.approx(expected, rel=1e-5)
    assert main(["predict", "threes", "sevens"]) == 2
    assert "no images given; sevens is read as a run, so name image files after it" in capsys.readouterr().err


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_readable_pictures_are_read_and_every_other_reported(json_too, threes, capsys):
    assert main(["predict", "threes", "bad.png", "dark.png", "none.png", "light.jpg", *json_too]) == 4
    captured = capsys.readouterr()
    if json_too:
        document = json.loads(captured.out)
        assert [each["path"] for each in document] == ["bad.png", "dark.png", "none.png", "light.jpg"]
        assert ["error" in each for each in document] == [True, False, True, False]
        assert document[0]["error"].startswith("bad.png: not an image")
    else:
        assert [line.split()[-1] for line in captured.out.splitlines()] == ["dark.png", "light.jpg"]
    errors = [line for line in captured.err.splitlines() if not line.startswith("note: ")]
    assert [line.split(": ")[:2] for line in errors] == [["error", "bad.png"], ["error", "none.png"]]


def test_no_readable_picture(threes, capsys):
    assert main(["predict", "threes", "bad.png"]) == 4
    assert capsys.readouterr().out == ""


def test_a_pipe_is_refused_and_not_waited_for(threes, capsys):
    os.mkfifo("pipe.png")
    assert main(["predict", "threes", "pipe.png"]) == 4
    assert capsys.readouterr().err == "error: pipe.png: not a regular file; save the image to one\n"


def test_remarks_on_stderr_name_what_may_be_wrong(threes, capsys):
    strokes = np.asarray(Image.open("dark.png"))
    Image.fromarray(np.hstack([strokes] * 3)).save("three.png")
    Image.fromarray(np.full((60, 40), 180, np.uint8)).save("blank.png")
    assert main(["predict", "threes", "three.png"]) == 0
    notes = capsys.readouterr().err.splitlines()
    assert notes == [
        "note: three.png: 3 marks found, reading only the largest; use one digit per image",
        "note: three.png: low confidence (45%): this may not be a digit",
    ]
    assert main(["predict", "threes", "blank.png"]) == 4
    assert "no ink found" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_show_draws_what_the_network_sees(encoding, threes, capsys, monkeypatch):
    monkeypatch.setattr(Console, "encoding", encoding)
    assert main(["predict", "threes", "dark.png", "--show"]) == 0
    image, ink = capsys.readouterr().out.splitlines()[:14], "█" if encoding == "utf-8" else "@"
    assert image[6].strip() == ink * 5  # the stroke is a quarter as wide as high
    assert not image[0].strip()


def test_control_characters_of_a_name_are_shown_and_not_sent(threes, capsys):
    Path("dark.png").rename("a\x1b[31m.png")
    assert main(["predict", "threes", "a\x1b[31m.png"]) == 0
    assert capsys.readouterr().out.startswith("a\\x1b[31m.png: 3\n")


def test_a_network_for_other_shapes_says_so(lamp_run, capsys):
    assert main(["predict", "run", "dark.png"]) == 4
    assert "the images are 28x28, but the network expects 2x5" in capsys.readouterr().err


def test_output_that_is_not_finite_is_exit_6(make_run, capsys):
    tensors = {"output.weights": np.full((10, 784), 3e38, np.float32), "output.bias": np.zeros(10, np.float32)}
    make_run("run", tensors, (28, 28), {"model": {"layers": [{"units": 10}]}}, "mnist")
    assert main(["predict", "run", "dark.png", "--json"]) == 6
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "the network's output is not finite" in captured.err


def test_mnist_images_as_pictures_are_read_as_evaluate_reads_them(make_run, capsys, tmp_path):
    """The network compares with the mean image of each class, which is linear in the image and errs now and then."""
    folder = os.environ.get("NNCLI_DATA_DIR")
    if not folder:
        pytest.skip("NNCLI_DATA_DIR does not name a folder with MNIST")
    from nncli.build import trained
    from nncli.data.load import load
    from nncli.evaluation.probabilities import evaluate
    from nncli.runs import checkpoint

    data = load("mnist", "test", directory=Path(folder))
    means = np.stack([data.images[data.labels == k].mean(axis=0).ravel() / 255 for k in range(10)])
    tensors = {
        "output.weights": means.astype(np.float32),
        "output.bias": (-0.5 * np.square(means).sum(axis=1)).astype(np.float32),
    }
    run = make_run("means", tensors, (28, 28), {"model": {"layers": [{"units": 10}]}}, "mnist")
    network = trained(checkpoint.load(run / "checkpoints" / "best.safetensors"), "best")
    indices = np.arange(0, 10_000, 20)
    _, probabilities = evaluate(network.graph, network.batches(data.images, data.labels, indices))
    paths = [str(tmp_path / f"{i}.png") for i in indices]
    for i, path in zip(indices, paths, strict=True):
        Image.fromarray(data.images[i]).save(path)
    assert main(["predict", "means", *paths, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    digits = [each["digit"] for each in document]
    assert digits == probabilities.argmax(axis=0).tolist()
    assert 0.05 < np.mean(digits != data.labels[indices]) < 0.4
    np.testing.assert_allclose([each["probabilities"] for each in document], probabilities.T, rtol=1e-6)
