"""test.json: the test error of a run's best checkpoint, as last measured."""

import contextlib
from pathlib import Path

from nncli import durable, records
from nncli.errors import CheckpointError, WriteError
from nncli.records import Count, Number, Record
from nncli.runs import checkpoint
from nncli.runs.folder import RunFolder
from nncli.runs.outcome import Outcome

MAX_BYTES = 1 << 16


class Measurement(Record):
    """The contents of test.json; `checkpoint` is the SHA-256 that the measured checkpoint records of itself."""

    checkpoint: str
    dataset: str
    examples: Count
    error: Number
    loss: Number


def record(run: Path, measured: Path, outcome: Outcome) -> None:
    """Record an outcome on the test split if it is of the best checkpoint of a run folder that can be written."""
    folder, summary = RunFolder(run), outcome.summary
    if measured != folder.best:
        return
    found = Measurement(
        checkpoint=checkpoint.digest(measured),
        dataset=outcome.data.name,
        examples=summary.examples,
        error=summary.error,
        loss=outcome.loss,
    )
    with contextlib.suppress(WriteError):  # a folder may be read-only; the measurement can be repeated
        durable.write(folder.measurement, [found.model_dump_json(indent=2).encode() + b"\n"])


def read(folder: RunFolder) -> Measurement | None:
    """Return the measurement of the best checkpoint, or None if there is none or the checkpoint has changed since."""
    with contextlib.suppress(OSError, ValueError, CheckpointError):
        with folder.measurement.open("rb") as file:
            found = records.read(Measurement, file.read(MAX_BYTES))
        return found if found.checkpoint == checkpoint.digest(folder.best) else None
    return None
