"""`nncli evaluate`: its tables, its JSON document, its splits, and what it refuses."""

import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from nncli.cli.main import main
from nncli.cli.metrics import show_tables
from nncli.data.augment import Augmentation
from nncli.evaluation.metrics import summarize
from nncli.randomness import generator

KEYS = {
    *("dataset", "split", "checkpoint", "examples", "error", "accuracy", "interval", "loss", "halves"),
    *("confusion", "per_class", "calibration_error"),
}

TABLES = """\
idx test split, 20 examples
run/checkpoints/best.safetensors, epoch 3

error          5.00%  95% interval 0.89% to 23.61%
accuracy      95.00%
loss          0.3526
halves        10.00% and 0.00%  error on each half
calibration    9.15%  expected calibration error

rows: true, columns: predicted     per class, in %
   0  1  2  3  4  5  6  7  8  9      precision recall    F1
0  1  .  .  .  .  .  .  .  .  .    0      50.0  100.0  66.7
1  1  2  .  .  .  .  .  .  .  .    1     100.0   66.7  80.0
2  .  .  2  .  .  .  .  .  .  .    2     100.0  100.0 100.0
3  .  .  .  2  .  .  .  .  .  .    3     100.0  100.0 100.0
4  .  .  .  .  2  .  .  .  .  .    4     100.0  100.0 100.0
5  .  .  .  .  .  2  .  .  .  .    5     100.0  100.0 100.0
6  .  .  .  .  .  .  2  .  .  .    6     100.0  100.0 100.0
7  .  .  .  .  .  .  .  2  .  .    7     100.0  100.0 100.0
8  .  .  .  .  .  .  .  .  2  .    8     100.0  100.0 100.0
9  .  .  .  .  .  .  .  .  .  2    9     100.0  100.0 100.0
"""


@pytest.fixture(autouse=True)
def in_the_folder_of_the_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NNCLI_DATA_DIR", raising=False)


def test_the_tables_of_a_known_network(lamp_run, capsys):
    assert main(["evaluate", "run"]) == 0
    captured = capsys.readouterr()
    assert [line.rstrip() for line in captured.out.splitlines()] == TABLES.splitlines()
    assert captured.err == ""


def test_the_json_document_of_a_known_network(lamp_run, capsys):
    assert main(["evaluate", "run", "--checkpoint", "last", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == KEYS
    given = {key: document[key] for key in ("dataset", "split", "examples", "error", "accuracy", "halves")}
    assert given == {
        "dataset": "idx",
        "split": "test",
        "examples": 20,
        "error": 0.05,
        "accuracy": 0.95,
        "halves": [0.1, 0.0],
    }
    right, wrong = math.exp(4) / (math.exp(4) + 9), 1 / (math.exp(4) + 9)
    assert document["loss"] == pytest.approx(-0.95 * math.log(right) - 0.05 * math.log(wrong), rel=1e-5)
    assert document["calibration_error"] == pytest.approx(0.95 - right, rel=1e-5)
    assert document["interval"] == pytest.approx([0.00888, 0.23613], abs=1e-5)
    assert document["confusion"][1] == [1, 2] + 8 * [0]
    assert document["per_class"][1] == {"label": 1, "precision": 1.0, "recall": 2 / 3, "f1": 0.8, "support": 3}
    assert document["checkpoint"] == str(Path("run", "checkpoints", "last.safetensors"))


@pytest.mark.parametrize(("split", "examples"), [("train", 40), ("validation", 20), ("test", 20)])
def test_a_split_is_the_trainings(split, examples, lamp_run, capsys):
    assert main(["evaluate", "run", "--split", split, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["split"], document["examples"]) == (split, examples)
    assert [scores["support"] for scores in document["per_class"]][2:] == 8 * [examples // 10]
    assert document["error"] == (0.05 if split == "test" else 0)


def test_a_trained_run_is_measured_as_its_training_measured_it(nncli, config_file, digits_dir):
    trained = nncli("train", config_file(), "--data-dir", digits_dir, "--json")
    best = json.loads(trained.out)["best"]
    arguments = ("evaluate", "runs/small", "--split", "validation", "--data-dir", digits_dir, "--json")
    document = json.loads(nncli(*arguments).out)
    assert (document["examples"], document["error"]) == (60, best["validation_error"])
    last = json.loads(nncli(*arguments, "--checkpoint", "last").out)
    lines = [json.loads(line) for line in Path("runs/small/metrics.jsonl").read_text().splitlines()]
    assert last["error"] == lines[-1]["validation_error"]
    assert last["loss"] == pytest.approx(lines[-1]["validation_loss"], rel=1e-6)


def test_other_training_files_cannot_be_split_as_in_training(nncli, config_file, digits_dir, tmp_path):
    changed = shutil.copytree(digits_dir, tmp_path / "changed")
    assert nncli("train", config_file(), "--data-dir", digits_dir).code == 0
    images = changed / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1] + b"\x07")
    for split in ("train", "validation"):
        ended = nncli("evaluate", "runs/small", "--split", split, "--data-dir", changed)
        assert (ended.code, ended.out) == (4, "")
        assert ended.err.startswith(f"error: {changed}: not the files that the network was trained on")
    assert nncli("evaluate", "runs/small", "--split", "test", "--data-dir", changed).code == 0


def test_a_checkpoint_file_is_taken_as_it_is(lamp_run, capsys):
    file = Path("run", "checkpoints", "last.safetensors")
    assert main(["evaluate", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["checkpoint"] == str(file)


def test_the_folder_given_comes_before_the_configurations(lamp_run, lamps, capsys):
    elsewhere = lamps.rename("elsewhere")
    assert main(["evaluate", "run"]) == 4
    assert main(["evaluate", "run", "-v", "--data-dir", str(elsewhere)]) == 0
    assert capsys.readouterr().err.splitlines()[-1].startswith("idx from elsewhere; evaluated in ")


def test_a_network_trained_on_the_fallback_is_measured_on_it_and_says_so(make_run, capsys):
    config = {"data": {"name": "mnist", "fallback": "synthetic-digits"}, "model": {"layers": [{"units": 10}]}}
    tensors = {"output.weights": np.zeros((10, 784), np.float32), "output.bias": np.zeros(10, np.float32)}
    make_run("run", tensors, (28, 28), config, "synthetic-digits")
    assert main(["evaluate", "run", "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["dataset"], document["error"]) == ("synthetic-digits", 0.9)
    assert captured.err.startswith("warning: mnist was not available when this network was trained; ")


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
@pytest.mark.parametrize(("split", "examples"), [("train", 40), ("validation", 20), ("test", 20)])
def test_predictions_are_written_for_each_example(split, examples, suffix, lamp_run, lamps, capsys):
    file = f"predictions{suffix}"
    assert main(["evaluate", "run", "--split", split, "--json", "--predictions", file]) == 0
    captured = capsys.readouterr()
    assert captured.err == f"wrote {examples} predictions to {file}\n"
    if suffix == ".npz":
        written = dict(np.load(file))
        indices, labels, predictions = written["indices"], written["labels"], written["predictions"]
        probabilities = written["probabilities"]
    else:
        table = np.genfromtxt(file, delimiter=",", names=True)
        assert table.dtype.names == ("index", "label", "prediction", *(f"p{label}" for label in range(10)))
        indices, labels, predictions = (table[name].astype(int) for name in ("index", "label", "prediction"))
        probabilities = np.stack([table[f"p{label}"] for label in range(10)], axis=1)
    document = json.loads(captured.out)
    assert probabilities.shape == (examples, 10)
    assert np.array_equal(predictions, probabilities.argmax(axis=1))
    assert np.mean(predictions != labels) == document["error"]
    assert np.mean(-np.log(probabilities[np.arange(examples), labels])) == pytest.approx(document["loss"], rel=1e-6)
    prefix = "t10k" if split == "test" else "train"
    stored = np.fromfile(lamps / f"{prefix}-labels-idx1-ubyte", np.uint8)[8:]
    assert np.array_equal(stored[indices], labels)
    assert len(set(indices)) == examples


def test_predictions_go_with_tables_too_and_a_file_that_cannot_be_written_is_one_error(lamp_run, capsys):
    assert main(["evaluate", "run", "-q", "--predictions", "x.csv"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("idx test split, 20 examples")
    assert captured.err == ""
    assert main(["evaluate", "run", "--predictions", "missing/x.csv"]) == 5
    assert "missing/x.csv: cannot be written: the folder missing does not exist" in capsys.readouterr().err
    assert main(["evaluate", "run", "--predictions", "x.txt"]) == 2
    assert "must end in .npz or .csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("limit", "code"), [("0.04", 7), ("4.9%", 7), ("0.05", 0), ("5%", 0), ("1", 0), ("100%", 0), ("0", 7)]
)
def test_an_error_above_the_limit_ends_with_exit_code_7(limit, code, lamp_run, capsys):
    assert main(["evaluate", "run", "--max-error", limit, "--json"]) == code
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"] == 0.05
    lines = captured.err.splitlines()
    assert len(lines) == (code == 7)
    assert all("the test error of 5% is above the limit of" in line for line in lines)


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_leaves_early_does_not_open_the_gate(form, lamp_run):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "nncli", "evaluate", "run", "--max-error", "4%", "--predictions", "x.csv", *form]
    try:
        ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    finally:
        os.close(writing)
    assert ended.returncode == 7
    assert "is above the limit of 4%" in ended.stderr
    assert len(Path("x.csv").read_text().splitlines()) == 21


@pytest.mark.parametrize("limit", ["2", "-0.01", "101%", "nan", "inf%", "two", ""])
def test_a_limit_that_is_no_rate_is_refused(limit, lamp_run, capsys):
    assert main(["evaluate", "run", "--max-error", limit]) == 2
    assert "use a fraction such as 0.02 or a percentage such as 2%" in capsys.readouterr().err


ONE_LAYER = {"layers": [{"units": 10}]}


@pytest.fixture
def framed_run(make_run, lamps):
    """A run like `lamp_run` in a frame of 28x28 pixels, but less sure, and wrong about the first lamp."""
    weights = np.zeros((10, 28, 28), np.float32)
    for digit in range(10):
        weights[digit, 13 + digit // 5, 11 + digit % 5] = 1
    weights[1, 13, 11] = 9
    tensors = {"output.weights": weights.reshape(10, 784), "output.bias": np.zeros(10, np.float32)}
    data = {"name": "idx", "dir": str(lamps), "validation": 20, "size": 28}
    return make_run("framed", tensors, (28, 28), {"data": data, "model": ONE_LAYER}, "idx")


def test_an_ensemble_averages_probabilities_of_networks_with_their_own_frames(lamp_run, framed_run, capsys):
    command = ["evaluate", "run", "framed", "--ensemble"]
    assert main([*command, "--json", "--predictions", "x.npz", "--max-error", "4%"]) == 7
    printed = capsys.readouterr()
    assert "the ensemble: the test error of 5% is above the limit of 4%" in printed.err
    document = json.loads(printed.out)
    assert set(document) == KEYS - {"checkpoint"} | {"members"}
    assert [(each["checkpoint"], each["error"]) for each in document["members"]] == [
        (str(Path("run", "checkpoints", "best.safetensors")), 0.05),
        (str(Path("framed", "checkpoints", "best.safetensors")), 0.05),
    ]
    first = np.exp([[4, 0], [1, 9]])  # of a lit first lamp: for digits 0 and 1; all others have 1
    expected = (first / (first.sum(axis=1, keepdims=True) + 8)).mean(axis=0)
    probabilities = np.load("x.npz")["probabilities"]
    np.testing.assert_allclose(probabilities[10, :2], expected, rtol=1e-6)
    labels = np.load("x.npz")["labels"]
    assert document["loss"] == pytest.approx(-np.log(probabilities[np.arange(20), labels]).mean(), rel=1e-6)
    assert document["error"] == 0.05  # the lamp of a true 0
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "idx test split, 20 examples",
        "average of 2 networks:",
        "run/checkpoints/best.safetensors, epoch 3: error 5.00%",
        "framed/checkpoints/best.safetensors, epoch 3: error 5.00%",
    ]


def test_probabilities_are_averaged_over_distorted_copies(lamp_run, lamps, make_run, capsys):
    tensors = {"output.weights": 4 * np.eye(10, dtype=np.float32), "output.bias": np.zeros(10, np.float32)}
    data = {"name": "idx", "dir": str(lamps), "validation": 20, "augment": {"shift": 1}}
    make_run("distorted", tensors, (2, 5), {"data": data, "model": ONE_LAYER}, "idx")
    assert main(["evaluate", "distorted", "--copies", "3", "--json", "--predictions", "x.npz"]) == 0
    document = json.loads(capsys.readouterr().out)
    images = (255 * np.eye(10, dtype=np.uint8)[np.resize(np.arange(10), 20)]).reshape(-1, 2, 5)
    copies = [Augmentation(shift=0.5).apply(images, generator(1, "copies", copy, 0)) for copy in range(3)]
    raised = np.exp(4 * np.reshape(copies, (3, 20, 10)) / 255)
    expected = (raised / raised.sum(axis=2, keepdims=True)).mean(axis=0)
    found = np.load("x.npz")
    np.testing.assert_allclose(found["probabilities"], expected, rtol=1e-5)
    assert document["loss"] == pytest.approx(-np.log(expected[np.arange(20), found["labels"]]).mean(), rel=1e-5)
    assert not Path("distorted/test.json").exists()
    assert main(["evaluate", "distorted", "run", "--ensemble", "--copies", "1"]) == 5
    assert "run/checkpoints/best.safetensors: was trained without data.augment" in capsys.readouterr().err
    assert main(["evaluate", "distorted", "--copies", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["distorted/checkpoints/best.safetensors, epoch 3", "averaged over 1 distorted copy"]
    assert main(["evaluate", "distorted"]) == 0
    assert Path("distorted/test.json").exists()


def test_members_that_do_not_belong_together_are_refused(lamp_run, make_run, lamps, capsys):
    tensors = {"output.weights": np.eye(10, dtype=np.float32), "output.bias": np.zeros(10, np.float32)}
    data = {"name": "idx", "dir": str(lamps), "validation": 20}
    make_run("reseeded", tensors, (2, 5), {"seed": 7, "data": data, "model": ONE_LAYER}, "idx")
    make_run("clothes", tensors, (2, 5), {"data": {"name": "fashion-mnist"}, "model": ONE_LAYER}, "fashion-mnist")
    elsewhere = shutil.copytree(lamps, lamps.with_name("elsewhere"))
    images = elsewhere / "t10k-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1] + b"\x07")
    moved = {"data": data | {"dir": str(elsewhere)}, "model": ONE_LAYER}
    make_run("moved", tensors, (2, 5), moved, "idx")
    shutil.copytree("run", "copy")
    for arguments, code, message in [
        (["run", "--ensemble"], 2, "--ensemble needs at least two runs"),
        (["run", "reseeded"], 2, "several runs are evaluated only with --ensemble"),
        (["run", "run/checkpoints/best.safetensors", "--ensemble"], 5, "the same checkpoint as run/checkpoints/best"),
        (["run", "copy", "--ensemble"], 5, "copy/checkpoints/best.safetensors: the same checkpoint as run/checkpoints"),
        (["run", "clothes", "--ensemble"], 5, "trained on fashion-mnist, but run/checkpoints/best.safetensors on idx"),
        (["run", "moved", "--ensemble"], 4, "elsewhere: not the same files as in"),
        (["run", "reseeded", "--ensemble", "--split", "validation"], 4, "held out different validation examples"),
    ]:
        assert main(["evaluate", *arguments]) == code, arguments
        captured = capsys.readouterr()
        assert captured.out == ""
        assert message in captured.err
    assert main(["evaluate", "run", "moved", "--ensemble", "-q", "--data-dir", str(lamps)]) == 0
    assert main(["evaluate", "run", "reseeded", "--ensemble"]) == 0


def test_members_trained_on_other_files_are_refused(nncli, config_file, digits_dir, tmp_path):
    changed = shutil.copytree(digits_dir, tmp_path / "changed")
    images = changed / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1] + b"\x07")
    for number, folder in enumerate([digits_dir, changed]):
        config = config_file(training={"epochs": 1})
        assert nncli("train", config, "--data-dir", folder, "--run-dir", f"run{number}").code == 0
    ended = nncli("evaluate", "run0", "run1", "--ensemble")
    assert ended.code == 5
    assert "trained on other files than run0/checkpoints/best.safetensors (train-images-idx3-ubyte)" in ended.err


@pytest.mark.parametrize(
    ("data", "shape", "dataset", "split", "code", "message"),
    [
        ({"validation": 0}, (2, 5), "idx", "validation", 4, "no examples were held out"),
        ({"validation": 60}, (2, 5), "idx", "train", 4, "data.validation: cannot hold out 60 of 60 examples"),
        ({}, (5, 2), "idx", "test", 4, "the images are 2x5, but the network expects 5x2"),
        ({}, (2, 5), "letters", "test", 5, "was trained on 'letters', which is not in its configuration"),
    ],
)
def test_a_split_that_is_not_available(data, shape, dataset, split, code, message, lamps, make_run, capsys):
    tensors = {"output.weights": np.eye(10, dtype=np.float32), "output.bias": np.zeros(10, np.float32)}
    make_run("run", tensors, shape, {"data": {"name": "idx", "dir": str(lamps), **data}, "model": ONE_LAYER}, dataset)
    assert main(["evaluate", "run", "--split", split]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert message in line


@pytest.mark.parametrize("largest", [3e38, 1e38], ids=["output overflows", "loss overflows"])
def test_numbers_that_overflow_are_one_message_and_exit_6(largest, lamps, make_run, capsys):
    weights = np.full((10, 10), -largest, np.float32)
    weights[0] = largest
    tensors = {"output.weights": weights, "output.bias": weights[:, 0].copy()}
    config = {"data": {"name": "idx", "dir": str(lamps)}, "model": ONE_LAYER}
    make_run("run", tensors, (2, 5), config, "idx")
    assert main(["evaluate", "run", "--json"]) == 6
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "is not finite; use an earlier checkpoint" in captured.err


@pytest.mark.parametrize(("width", "matrix"), [(31, True), (30, False), (20, False)])
def test_where_the_matrix_does_not_fit_the_worst_confusions_are_listed(width, matrix):
    labels = np.repeat(np.arange(10, dtype=np.uint8), 3)
    predicted = labels.copy()
    predicted[[0, 1, 5]] = 7
    summary = summarize(0.5 * np.eye(10)[:, predicted] + 0.05, labels)
    printed = io.StringIO()
    console = Console(width=width, file=printed)
    show_tables(summary, 0.5, "mnist test", "x, epoch 1", console)
    lines = [line.rstrip() for line in printed.getvalue().splitlines()]
    assert ("rows: true, columns: predicted" in lines) == matrix
    assert ("true predicted count" in lines) == (not matrix)
    if not matrix:
        start = lines.index("true predicted count")
        assert lines[start + 1 : start + 4] == ["   0         7     2", "   1         7     1", ""]
    assert max(len(line) for line in lines[2:]) <= width


@pytest.mark.parametrize(("no_color", "shaded"), [(False, True), (True, False)])
def test_the_confusion_matrix_is_shaded_on_a_terminal_with_colours(no_color, shaded, capsys):
    labels = np.array([0] * 10 + [1] * 3)
    probabilities = np.eye(10)[[1] * 9 + [2] + [0, 0, 1]].T
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=True, color_system="truecolor", no_color=no_color)
    show_tables(summarize(probabilities, labels), 1.0, "split", "checkpoint", console)
    backgrounds = re.findall(r"48;2;(\d+);(\d+);(\d+)m *(\d+)", stream.getvalue())
    assert [(each[-1], each[1]) for each in backgrounds] == (
        [("9", "120"), ("1", "236"), ("2", "199")] if shaded else []
    )
