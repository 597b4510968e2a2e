"""metrics.jsonl: one JSON line per epoch, durable when written."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from nncli import durable, records
from nncli.errors import RunError
from nncli.training.events import EpochFinished

MAX_BYTES = 1 << 25  # a hundred thousand epochs
MAX_LINE = 1 << 16


def append(path: Path, epoch: EpochFinished) -> None:
    """Add one line.

    Raises:
        WriteError: the line cannot be written; the lines before it are unchanged.
    """
    line = json.dumps(asdict(epoch), allow_nan=False)
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


def read(path: Path) -> Iterator[EpochFinished]:
    """Yield the lines in order; none if the file does not exist.

    A last line truncated by a crash is ignored, and so are unknown keys.

    Raises:
        RunError: the file cannot be read or is too long, or a line before the last is damaged.
    """
    return (line for _, line in _read(path))


def truncate(path: Path, *, step: int) -> None:
    """Remove the lines after a training step, to resume from it; the others keep their bytes.

    Raises:
        RunError: the file cannot be read.
        WriteError: it cannot be written.
    """
    if path.exists():
        durable.write(path, (content for content, line in _read(path) if line.step <= step))


def _read(path: Path) -> Iterator[tuple[bytes, EpochFinished]]:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise RunError(f"{path}: larger than {MAX_BYTES:,} bytes, too large to read; move it elsewhere")
            contents = iter(lambda: file.readline(MAX_LINE), b"")
            for number, content in enumerate(contents, start=1):
                if not content.endswith(b"\n") and len(content) < MAX_LINE:
                    return
                yield content, _parse(path, number, content)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error


def _parse(path: Path, number: int, content: bytes) -> EpochFinished:
    try:
        return records.read(EpochFinished, content)
    except ValueError as error:
        raise RunError(f"{path}:{number}: corrupt: {error}; fix or remove that line") from error
