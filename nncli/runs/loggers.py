"""Loggers: files for other programs, written while a run trains: metrics.csv, and event files for TensorBoard.

A logger is called before the checkpoint of an epoch is saved. A run that is killed in between trains that epoch again
when it is resumed, and logs it again: metrics.csv is written anew, and TensorBoard is told to forget it.
"""

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Protocol

from PIL import Image

from nncli import durable
from nncli.config.schema import Config
from nncli.extras import require
from nncli.nn.network import INPUT
from nncli.runs import metrics
from nncli.runs.folder import RunFolder
from nncli.training.events import EpochFinished
from nncli.training.loop import Training

UNITS = 64  # of the first layer, shown as images

_COLUMNS = [field.name for field in fields(EpochFinished)]
_NUMBERS = [name for name in _COLUMNS if name not in ("epoch", "step", "improved")]
_DPI = 60  # of the images, which are for a glance


class Logger(Protocol):
    """Writes files about epochs."""

    def log(self, epoch: EpochFinished) -> None:
        """Write an epoch; WriteError if that is not possible."""

    def close(self) -> None:
        """Close the files."""


def check(config: Config) -> None:
    """Check that the packages that the loggers of a configuration need are installed.

    Raises:
        MissingExtraError: one is not.
    """
    if "tensorboard" in config.training.loggers:
        require("tensorboardX", "tensorboard")


def open_loggers(folder: RunFolder, training: Training, shape: tuple[int, int]) -> list[Logger]:
    """Open the loggers of a configuration; the metrics of the epochs so far are those of the run folder.

    Args:
        folder: the run folder.
        training: the training, restored if it is resumed.
        shape: (rows, columns) of an image.

    Raises:
        MissingExtraError: a package is not installed.
        WriteError: a file cannot be written.
    """
    names = dict.fromkeys(training.config.training.loggers)
    return [_Csv(folder) if name == "csv" else _TensorBoard(folder, training, shape) for name in names]


class _Csv:
    """Writes metrics.csv, with the columns of metrics.jsonl; a value that is None is an empty cell."""

    def __init__(self, folder: RunFolder) -> None:
        self.path = folder.csv
        rows = [_COLUMNS, *(list(asdict(epoch).values()) for epoch in metrics.read(folder.metrics))]
        durable.write(self.path, [_csv_line(row) for row in rows])

    def log(self, epoch: EpochFinished) -> None:
        """Append a line."""
        with durable.reported(self.path), self.path.open("ab") as file:
            file.write(_csv_line(list(asdict(epoch).values())))

    def close(self) -> None:
        """Do nothing: the file is closed after every line."""


def _csv_line(row: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue().encode()


class _TensorBoard:
    """Writes an event file; the step of each event is its epoch.

    Events are written and synced at once. tensorboardX's SummaryWriter would do so in a thread, which waits forever
    after an error such as a full disk.
    """

    def __init__(self, folder: RunFolder, training: Training, shape: tuple[int, int]) -> None:
        writer = require("tensorboardX.event_file_writer", "tensorboard")
        self.protocol = require("tensorboardX.proto.event_pb2", "tensorboard")
        self.summary = require("tensorboardX.summary", "tensorboard")
        self.folder, self.training, self.shape = folder, training, shape
        earlier = folder.event_files()
        done = training.progress.epoch
        with durable.reported(folder.path):
            self.file = writer.EventsWriter(str(folder.path / "events"), f".{len(earlier)}")
            restart = self.protocol.SessionLog(status=self.protocol.SessionLog.START)
            self._write(done + 1, session_log=restart)  # forget the epochs from here on
            for epoch in [] if earlier else metrics.read(folder.metrics):
                self._write_numbers(epoch)
            self.file.flush()

    def log(self, epoch: EpochFinished) -> None:
        """Write the numbers of an epoch, the histograms of its weights, and the images of the first layer."""
        with durable.reported(self.folder.path):
            self._write_numbers(epoch)
            for name, values in self.training.evaluated.named_values().items():
                self._write(epoch.epoch, summary=self.summary.histogram(name, values, bins="auto"))
            self._write_images(epoch)
            self.file.flush()

    def close(self) -> None:
        """Close the event file."""
        with durable.reported(self.folder.path):
            self.file.close()

    def _write(self, epoch: int, **content: Any) -> None:  # noqa: ANN401 - a protocol buffer
        self.file.write_event(self.protocol.Event(wall_time=time.time(), step=epoch, **content))

    def _write_numbers(self, epoch: EpochFinished) -> None:
        for name in _NUMBERS:
            if (value := getattr(epoch, name)) is not None:
                self._write(epoch.epoch, summary=self.summary.scalar(name, value))

    def _write_images(self, epoch: EpochFinished) -> None:
        """Write the weights of units that read the image alone; nothing if there are none."""
        from nncli.figures.sheet import features  # slow to import

        first = next((layer for layer in self.training.network.layers if layer.inputs == (INPUT,)), None)
        if first:
            weights = self.training.network.matrix(first, self.training.evaluated)[:UNITS]
            figure = features(weights, self.shape, title=first.name, caption=f"weights after epoch {epoch.epoch}")
            figure.savefig(file := io.BytesIO(), format="png", dpi=_DPI)
            with Image.open(file) as picture:
                width, height = picture.size
            image = {"height": height, "width": width, "colorspace": 4, "encoded_image_string": file.getvalue()}
            value = {"tag": first.weights, "image": image}
            self._write(epoch.epoch, summary=self.summary.Summary(value=[value]))
