"""The record of one finished run of a row: what was trained, and its error on the test split."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from nncli import durable, records
from nncli.errors import RunError
from nncli.records import Count, Number, Record
from nncli.runs.manifest import Environment

FOLDER = "records"
MAX_BYTES = 1 << 20


class Result(Record):
    """A finished run.

    Attributes:
        row: name of the row.
        seed: seed of the run.
        configuration: resolved configuration, without what depends on the machine.
        error: fraction of the test examples misclassified.
        loss: mean loss on the test examples.
        examples: number of test examples.
        epochs: number of epochs of training.
        seconds: training time.
        processor_seconds: processor time of the training, summed over its threads; None if not measured.
        weights: SHA-256 of the checkpoint that was evaluated, or of a committee's, one after the other.
        environment: software and hardware of the run.
        finished: when the run ended.
        digest: SHA-256 of everything else, to detect later changes.
    """

    row: str
    seed: Count
    configuration: dict[str, Any]
    error: Number
    loss: Number
    examples: Count
    epochs: Count
    seconds: Number
    processor_seconds: Number | None = None
    weights: str
    environment: Environment
    finished: datetime
    digest: str = ""

    def signed(self) -> Self:
        """Return the result with its digest."""
        return self.model_copy(update={"digest": self._digest()})

    def _digest(self) -> str:
        unmeasured = {"processor_seconds"} if self.processor_seconds is None else set()
        document = self.model_dump(mode="json", exclude={"digest"} | unmeasured)
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def path_of(tables: Path, row: str, seed: int) -> Path:
    """Return the path of a record of a table in the folder `tables`."""
    return tables / FOLDER / f"{row}-{seed}.json"


def write(path: Path, result: Result) -> None:
    """Write a record, and make its folder if it is missing; WriteError if that fails."""
    durable.make_folder(path.parent)
    durable.write(path, [result.signed().model_dump_json(indent=2).encode() + b"\n"])


def read(path: Path) -> Result:
    """Return a record.

    Raises:
        RunError: it cannot be read, or it was changed after it was written.
    """
    try:
        with path.open("rb") as file:
            result = records.read(Result, file.read(MAX_BYTES))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read as a record: {error}; remove it, and run its row again") from error
    if result.digest != result.signed().digest:
        raise RunError(f"{path}: was changed after the run; remove it, and run its row again")
    return result
