"""test.json: the test error of a run's best checkpoint, as last measured."""

import contextlib
from pathlib import Path

from nncli import durable, records
from nncli.errors import CheckpointError, WriteError
from nncli.records import Count, Number, Record
from nncli.runs import checkpoint
from nncli.runs.folder import RunFolder

MAX_BYTES = 1 << 16


class Measurement(Record):
    """The contents of test.json; `checkpoint` is the SHA-256 that the measured checkpoint records of itself."""

    checkpoint: str
    dataset: str
    examples: Count
    error: Number
    loss: Number


def record(run: Path, measured: Path, *, dataset: str, examples: int, error: float, loss: float) -> None:
    """Record a measurement if it is of the best checkpoint of a run folder that can be written."""
    folder = RunFolder(run)
    if measured != folder.best:
        return
    digest = checkpoint.digest(measured)
    found = Measurement(checkpoint=digest, dataset=dataset, examples=examples, error=error, loss=loss)
    with contextlib.suppress(WriteError):  # a folder may be read-only; the measurement can be repeated
        durable.write(folder.measurement, [found.model_dump_json(indent=2).encode() + b"\n"])


def read(folder: RunFolder) -> Measurement | None:
    """Return the measurement of the best checkpoint, or None if there is none or the checkpoint has changed since."""
    with contextlib.suppress(OSError, ValueError, CheckpointError):
        with folder.measurement.open("rb") as file:
            found = records.read(Measurement, file.read(MAX_BYTES))
        return found if found.checkpoint == checkpoint.digest(folder.best) else None
    return None
