"""manifest.json: the data, environment, times and status of a run."""

import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field

import nncli
from nncli import durable, records
from nncli.engine import blas
from nncli.errors import RunError
from nncli.records import Record

MAX_BYTES = 1 << 20

Status = Literal["running", "completed", "interrupted", "pruned", "diverged", "failed"]


class Blas(Record):
    """The library of matrix products, and its number of threads."""

    name: str
    version: str | None
    architecture: str | None  # of the kernels, such as SkylakeX
    threads: int


class Environment(Record):
    """The software and hardware that can change the last bits of a result."""

    nncli: str
    python: str
    numpy: str
    platform: str
    blas: Blas | None

    @classmethod
    def current(cls) -> Self:
        """Return the environment of this process; call it after the number of BLAS threads is set."""
        library = blas.library()
        return cls(
            nncli=nncli.__version__,
            python=platform.python_version(),
            numpy=np.__version__,
            platform=platform.platform(),
            blas=_blas(library) if library else None,
        )

    @property
    def threads(self) -> int | None:
        """The number of BLAS threads; None if the library is unknown."""
        return self.blas.threads if self.blas else None

    def differences(self, other: Self) -> list[str]:
        """Return the differences from another environment, as lines such as `numpy: 2.1.0, was 2.0.2`."""
        now, then = _flatten(self), _flatten(other)
        return [f"{key}: {value}, was {then[key]}" for key, value in now.items() if value != then[key]]


class Data(Record):
    """The training data; `fallback` is true if it replaced the dataset of the configuration."""

    name: str
    sha256: dict[str, str]
    fallback: bool = False


class Manifest(Record):
    """The contents of manifest.json.

    Times are in UTC. `seconds`, and `processor_seconds` summed over the threads, include all parts of a resumed run.
    """

    format_version: Literal[1] = 1
    status: Status = "running"
    command: list[str]
    seed: int
    data: Data
    environment: Environment = Field(default_factory=Environment.current)
    started: datetime = Field(default_factory=lambda: datetime.now(UTC))
    finished: datetime | None = None
    seconds: float = 0.0
    processor_seconds: float = 0.0
    best: dict[str, int | float | None] | None = None

    def later(self, seconds: float, processor_seconds: float, best: dict[str, int | float | None] | None) -> Self:
        """Return the manifest after `seconds` more of training."""
        times = {
            "seconds": self.seconds + seconds,
            "processor_seconds": self.processor_seconds + processor_seconds,
        }
        return self.model_copy(update=times | {"best": best})

    def ended(self, status: Status) -> Self:
        """Return the manifest of the ended run."""
        return self.model_copy(update={"status": status, "finished": datetime.now(UTC)})

    def resumed(self, command: list[str]) -> Self:
        """Return the manifest of the run resumed by this process."""
        changes = {"status": "running", "command": command, "finished": None}
        return self.model_copy(update=changes | {"environment": Environment.current()})


def write(path: Path, manifest: Manifest) -> None:
    """Replace manifest.json; WriteError if it cannot be written, with the old one unchanged."""
    durable.write(path, [manifest.model_dump_json(indent=2).encode() + b"\n"])


def read(path: Path) -> Manifest:
    """Read manifest.json.

    Raises:
        RunError: it is missing, damaged, or written by a later version of nncli.
    """
    try:
        with path.open("rb") as file:
            return records.read(Manifest, file.read(MAX_BYTES))
    except NotADirectoryError as error:
        raise RunError(f"{path.parent}: a file, not a run folder; name the folder of a run") from error
    except OSError as error:
        raise RunError(
            f"{path}: cannot be read: {error.strerror or error}; check that its folder is a run folder"
        ) from error
    except ValueError as error:
        raise RunError(
            f"{path}: not a manifest that nncli can read: {error}; train again, or use the nncli version that wrote it"
        ) from error


def _blas(library: dict[str, Any]) -> Blas:
    return Blas(
        name=library["internal_api"],
        version=library["version"],
        architecture=library.get("architecture"),
        threads=library["num_threads"],
    )


def _flatten(environment: Environment) -> dict[str, object]:
    values = environment.model_dump(exclude={"platform"})  # a new kernel changes no result
    blas = values.pop("blas") or {}
    return values | {f"blas {key}": blas.get(key) for key in Blas.model_fields}
