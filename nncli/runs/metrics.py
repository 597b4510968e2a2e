"""metrics.jsonl: one JSON line an epoch, durable as soon as it is written."""

import contextlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nncli import durable
from nncli.errors import RunError


def append(path: Path, record: Mapping[str, object]) -> None:
    """Add one line; NumPy scalars become plain numbers, and a number that is not finite becomes null.

    Raises:
        RunError: the line cannot be written; the lines before it are whole.

    """
    line = _to_line(record)
    with durable.reported(path), path.open("ab") as file:
        start = file.tell()
        try:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                os.ftruncate(file.fileno(), start)
            raise
        if start == 0:
            durable.sync_folder(path.parent)


def read(path: Path) -> list[dict[str, Any]]:
    """All records, oldest first; none where there is no file. A last line cut short by a crash is dropped.

    Raises:
        RunError: the file cannot be read, or a line other than the last is damaged.

    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    *lines, _torn = content.split(b"\n")
    return [_to_record(path, number, line) for number, line in enumerate(lines, start=1)]


def truncate(path: Path, *, step: int) -> None:
    """Keep the records up to and including a training step: what resuming from that step starts from.

    Raises:
        RunError: the file cannot be read or written.

    """
    records = read(path)
    kept = [record for record in records if record.get("step", 0) <= step]
    durable.write(path, [_to_line(record) for record in kept])


def _to_line(record: Mapping[str, object]) -> bytes:
    plain = {key: _to_plain(value) for key, value in record.items()}
    return json.dumps(plain, allow_nan=False).encode("ascii") + b"\n"


def _to_plain(value: object) -> object:
    """Turn a scalar into one that JSON knows."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _to_record(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise RunError(f"{path}:{number}: is damaged; mend or remove that line")
    return record
