"""Loggers: their files hold every epoch once, also after a kill, and do not change the training."""

import csv
import io
import json
import struct

import numpy as np
import pytest
from PIL import Image
from tensorboardX.proto.event_pb2 import Event, SessionLog

from nncli.runs import checkpoint
from nncli.runs.recorder import Recorder

NUMBERS = ["train_loss", "train_error", "validation_loss", "validation_error", "learning_rate", "seconds"]
BOTH = "training.loggers=[tensorboard,csv]"


@pytest.fixture(autouse=True)
def without_images(request, monkeypatch):
    """Save the time that figures take, except where they are tested."""
    if "images" not in request.node.name:
        monkeypatch.setattr("nncli.runs.loggers._TensorBoard._write_images", lambda *_: None)


@pytest.fixture
def train(nncli, config_file, digits_dir):
    """Train or resume a small network with loggers."""
    path = config_file(optimizer={"learning_rate": 0.01}, training={"epochs": 3, "evaluate_every": 2})

    def run(*options, run="run"):
        return nncli("train", path, "--data-dir", digits_dir, "--run-dir", run, *options)

    return run


def metrics(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def events(folder):
    """Yield the events of all files in order, and forget the steps that a restart repeats, as TensorBoard does."""
    kept: list[Event] = []
    for file in sorted(folder.glob("events.out.tfevents.*")):
        content = file.read_bytes()
        while len(content) > 12:
            (size,) = struct.unpack("Q", content[:8])
            if len(content) < size + 16:  # truncated
                break
            event, content = Event.FromString(content[12 : 12 + size]), content[size + 16 :]
            if event.session_log.status == SessionLog.START:
                kept = [each for each in kept if each.step < event.step]
            kept.append(event)
    return kept


def own_reader(folder):
    scalars: dict[str, list[tuple[int, float]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                scalars.setdefault(value.tag, []).append((event.step, value.simple_value))
    return scalars


def reader_of_tensorboard(folder):
    module = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator",
        reason="tensorboard is not installed; run make tensorboard",
    )
    read = module.EventAccumulator(str(folder)).Reload()
    return {tag: [(each.step, each.value) for each in read.Scalars(tag)] for tag in read.Tags()["scalars"]}


READERS = pytest.mark.parametrize("reader", [own_reader, reader_of_tensorboard])


def assert_logged(folder, reader, epochs):
    """Compare the scalars and metrics.csv with metrics.jsonl."""
    lines = metrics(folder)
    assert [line["epoch"] for line in lines] == list(range(1, epochs + 1))
    scalars = reader(folder)
    for name in (*NUMBERS, "examples_per_second"):
        expected = [(line["epoch"], pytest.approx(line[name], rel=1e-6)) for line in lines if line[name] is not None]
        assert scalars[name] == expected
    rows = list(csv.DictReader((folder / "metrics.csv").read_text().splitlines()))
    assert rows == [{key: "" if value is None else str(value) for key, value in line.items()} for line in lines]


@READERS
def test_every_epoch_is_logged_once_after_a_kill_at_the_worst_moment(reader, train, tmp_path, monkeypatch):
    def kill(recorder):
        if recorder.training.progress.epoch == 3:
            raise RuntimeError
        save(recorder)

    save = Recorder._save_last
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "_save_last", kill)
        assert train("--set", BOTH).code == 1
    assert own_reader(tmp_path / "run")["train_loss"][-1][0] == 3  # logged, but not saved
    for file in (tmp_path / "run" / "metrics.csv", *(tmp_path / "run").glob("events.*")):
        with file.open("r+b") as opened:
            opened.truncate(file.stat().st_size - 5)
    assert train("--resume", "--set", BOTH, "--set", "training.epochs=4").code == 0
    assert_logged(tmp_path / "run", reader, 4)


@READERS
def test_loggers_that_are_added_later_have_the_epochs_before(reader, train, tmp_path):
    assert train().code == 0
    assert train("--resume", "--set", BOTH, "--set", "training.epochs=4").code == 0
    assert_logged(tmp_path / "run", reader, 4)
    assert train("--resume", "--set", "training.loggers=[csv]", "--set", "training.epochs=5").code == 0
    assert len((tmp_path / "run" / "metrics.csv").read_text().splitlines()) == 6


def test_histograms_and_images_of_the_weights(train, tmp_path):
    train("--set", BOTH, "--set", "training.epochs=1")
    weights = checkpoint.load(tmp_path / "run" / "checkpoints" / "last.safetensors").tensors
    values = [value for event in events(tmp_path / "run") if event.step == 1 for value in event.summary.value]
    histograms = {value.tag: value.histo for value in values if value.HasField("histo")}
    assert histograms.keys() == {name for name in weights if not name.startswith("state/")}
    for name, histogram in histograms.items():
        assert histogram.num == sum(histogram.bucket) == weights[name].size
        assert (histogram.min, histogram.max) == (weights[name].min(), weights[name].max())
    (image,) = [value.image for value in values if value.HasField("image")]
    with Image.open(io.BytesIO(image.encoded_image_string)) as picture:
        assert picture.size == (image.width, image.height)


def test_the_training_is_the_same(train, tmp_path):
    train("--set", BOTH)
    train(run="without")
    logged, plain = (checkpoint.load(tmp_path / run / "checkpoints" / "last.safetensors") for run in ("run", "without"))
    assert all(np.array_equal(logged.tensors[name], plain.tensors[name]) for name in plain.tensors)
    assert logged.state["progress"] == plain.state["progress"]


def test_force_removes_the_files(train, tmp_path):
    train("--set", BOTH)
    assert train("--force").code == 0
    assert not [*(tmp_path / "run").glob("events.*"), *(tmp_path / "run").glob("*.csv")]


def test_a_missing_package_is_reported_before_anything_is_written(train, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX", None)
    ended = train("--set", BOTH)
    assert ended.code == 1
    assert "tensorboardX is not installed" in ended.err
    assert "run: pip install 'nncli[tensorboard]'" in ended.err
    assert not (tmp_path / "run").exists()


def test_a_file_that_cannot_be_written_is_reported(train, tmp_path, monkeypatch):
    def full(file, event):
        if event.summary.value:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tensorboardX.event_file_writer.EventsWriter.write_event", full)
    ended = train("--set", BOTH)
    assert ended.code == 5
    assert "No space left on device" in ended.err
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["status"] == "failed"


def test_an_unknown_logger_is_an_error(train):
    ended = train("--set", "training.loggers=[wandb]")
    assert ended.code == 3
    assert "training.loggers[0]" in ended.err
