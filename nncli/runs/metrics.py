"""metrics.jsonl: one JSON line an epoch, durable as soon as it is written."""

import contextlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from nncli import durable, records
from nncli.errors import RunError
from nncli.records import Count, Number, Record

MAX_BYTES = 1 << 26  # a quarter of a million epochs
MAX_LINE = 1 << 16


class Line(Record, extra="allow"):
    """One epoch. Losses and errors are null where they were not finite or not measured; unknown keys are kept."""

    epoch: Count
    step: Count
    train_loss: Number | None = None
    train_error: Number | None = None
    validation_loss: Number | None = None
    validation_error: Number | None = None
    learning_rate: Number | None = None
    seconds: Number | None = None
    examples_per_second: Number | None = None
    improved: bool | None = None


def append(path: Path, record: Mapping[str, object]) -> None:
    """Add one line; NumPy scalars become plain numbers, and a number that is not finite becomes null.

    Raises:
        WriteError: the line cannot be written; the lines before it are whole.

    """
    line = json.dumps({key: _to_plain(value) for key, value in record.items()}, allow_nan=False)
    with durable.reported(path), path.open("ab") as file:
        start = file.tell()
        try:
            file.write(line.encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                os.ftruncate(file.fileno(), start)
            raise
        if start == 0:
            durable.sync_folder(path.parent)


def read(path: Path) -> Iterator[Line]:
    """Return the lines one by one, oldest first; none where there is no file.

    A last line cut short by a crash is dropped.

    Raises:
        RunError: the file cannot be read or is too long, or a line other than the last is damaged.

    """
    return (line for _, line in _read(path))


def truncate(path: Path, *, step: int) -> None:
    """Keep the lines up to and including a training step: what resuming from that step starts from.

    Raises:
        RunError: the file cannot be read.
        WriteError: it cannot be written.

    """
    if path.exists():
        durable.write(path, (content for content, line in _read(path) if line.step <= step))


def _read(path: Path) -> Iterator[tuple[bytes, Line]]:
    """Yield each line as it stands in the file, and what it says."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise RunError(f"{path}: is longer than {MAX_BYTES:,} bytes, so no training wrote it; remove it")
            contents = iter(lambda: file.readline(MAX_LINE), b"")
            for number, content in enumerate(contents, start=1):
                if not content.endswith(b"\n") and len(content) < MAX_LINE:
                    return
                yield content, _to_line(path, number, content)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error


def _to_line(path: Path, number: int, content: bytes) -> Line:
    try:
        return records.read(Line, content)
    except ValueError as error:
        raise RunError(f"{path}:{number}: is damaged: {error}; fix or remove that line") from error


def _to_plain(value: object) -> object:
    """Turn a scalar into one that JSON knows."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
