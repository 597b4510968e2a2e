"""The run folders below a folder, each with its status, errors, time and configuration."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from nncli.config.schema import Config
from nncli.errors import RunError
from nncli.runs import manifest, measurement, metrics
from nncli.runs.folder import RunFolder

SORT_KEYS = ("started", "run", "status", "epochs", "validation", "test", "time")


@dataclass(frozen=True)
class Listed:
    """A run; errors are fractions of examples, and None if they are not known.

    `status` is that of the manifest, or `killed` if the run never ended and no process is training it.
    """

    path: Path
    status: manifest.Status | Literal["killed"]
    dataset: str
    seed: int
    epochs: int  # completed
    best_epoch: int | None
    validation_error: float | None
    test_error: float | None
    seconds: float
    started: datetime
    finished: datetime | None
    config: Config | None  # None if config.yaml is missing or invalid


def find(folder: Path) -> Iterator[Path]:
    """Yield the run folders in a folder and its subfolders, or the folder itself if it is one.

    Raises:
        RunError: the folder does not exist or cannot be read.
    """

    def refuse(error: OSError) -> None:
        if error.filename == os.fspath(folder):
            reason = f"cannot be read: {error.strerror or error}" if folder.exists() else "no such folder"
            raise RunError(f"{folder}: {reason}; name the folder with your runs, or train one with: nncli train CONFIG")

    for place, subfolders, files in os.walk(folder, onerror=refuse):
        subfolders.sort()
        if RunFolder(Path(place)).manifest.name in files:
            subfolders.clear()
            yield Path(place)


def read(path: Path) -> Listed:
    """Return what is known about a run.

    Raises:
        RunError: its manifest or metrics cannot be read.
    """
    folder = RunFolder(path)
    record, measured = manifest.read(folder.manifest), measurement.read(folder)
    lines, best = list(metrics.read(folder.metrics)), record.best or {}
    return Listed(
        path=path,
        status="killed" if record.status == "running" and not folder.in_use else record.status,
        dataset=record.data.name,
        seed=record.seed,
        epochs=lines[-1].epoch if lines else 0,
        best_epoch=int(best.get("epoch") or 0) or None,
        validation_error=best.get("validation_error"),
        test_error=measured.error if measured else None,
        seconds=record.seconds,
        started=record.started,
        finished=record.finished,
        config=folder.read_config(),
    )


def ordered(runs: Sequence[Listed], key: str, *, reverse: bool = False) -> list[Listed]:
    """Return runs sorted by one of `SORT_KEYS`; those without a value are last."""
    column = {"run": "path", "validation": "validation_error", "test": "test_error", "time": "seconds"}.get(key, key)
    known = [run for run in runs if getattr(run, column) is not None]
    return [
        *sorted(known, key=lambda run: getattr(run, column), reverse=reverse),
        *(run for run in runs if getattr(run, column) is None),
    ]
