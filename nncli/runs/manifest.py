"""manifest.json: on what, with what and how a run was trained, and how it ended."""

import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

import numpy as np
import threadpoolctl  # type: ignore[import-untyped]
from pydantic import Field

import nncli
from nncli import durable, records
from nncli.errors import RunError
from nncli.records import Record

MAX_BYTES = 1 << 20

Status = Literal["running", "completed", "interrupted", "diverged", "failed"]


class Blas(Record):
    """The library that multiplies matrices, and on how many threads."""

    name: str
    version: str | None
    architecture: str | None  # of the kernels, such as SkylakeX
    threads: int


class Environment(Record):
    """What can change the last bits of a result while configuration and seed stay the same."""

    nncli: str
    python: str
    numpy: str
    platform: str
    blas: Blas | None

    @classmethod
    def current(cls) -> Self:
        """Describe this process as it is now; call it once the BLAS threads are set."""
        return cls(
            nncli=nncli.__version__,
            python=platform.python_version(),
            numpy=np.__version__,
            platform=platform.platform(),
            blas=_describe_blas(),
        )

    def differences(self, other: Self) -> list[str]:
        """List what differs from another environment, one line each: `numpy: 2.1.0, was 2.0.2`."""
        now, then = _flatten(self), _flatten(other)
        return [f"{key}: {value}, was {then[key]}" for key, value in now.items() if value != then[key]]


class Data(Record):
    """The data trained on; `fallback` says that it took the place of what was asked for."""

    name: str
    sha256: dict[str, str]
    fallback: bool = False


class Manifest(Record):
    """The contents of manifest.json. Times are in UTC; `seconds` count all parts of a resumed run."""

    format_version: Literal[1] = 1
    status: Status = "running"
    command: list[str]
    seed: int
    data: Data
    environment: Environment = Field(default_factory=Environment.current)
    started: datetime = Field(default_factory=lambda: datetime.now(UTC))
    finished: datetime | None = None
    seconds: float = 0.0
    best: dict[str, int | float | None] | None = None

    def later(self, seconds: float, best: dict[str, int | float | None] | None) -> Self:
        """Return the same run after so many more `seconds`."""
        return self.model_copy(update={"seconds": self.seconds + seconds, "best": best})

    def ended(self, status: Status) -> Self:
        """Return the same run at its end."""
        return self.model_copy(update={"status": status, "finished": datetime.now(UTC)})

    def resumed(self, command: list[str]) -> Self:
        """Return the same run as it is resumed, in the environment of this process."""
        changes = {"status": "running", "command": command, "finished": None}
        return self.model_copy(update=changes | {"environment": Environment.current()})


def write(path: Path, manifest: Manifest) -> None:
    """Replace manifest.json.

    Raises:
        WriteError: the file cannot be written; the old one is whole.

    """
    durable.write(path, [manifest.model_dump_json(indent=2).encode() + b"\n"])


def read(path: Path) -> Manifest:
    """Read manifest.json.

    Raises:
        RunError: there is none, or it is damaged or of a later version of nncli.

    """
    try:
        with path.open("rb") as file:
            return records.read(Manifest, file.read(MAX_BYTES))
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}; is this a run folder?") from error
    except ValueError as error:
        raise RunError(
            f"{path}: is not a manifest that this nncli reads: {error}; train again, or use the nncli that wrote it"
        ) from error


def _describe_blas() -> Blas | None:
    for library in threadpoolctl.threadpool_info():
        if library["user_api"] == "blas":
            return Blas(
                name=library["internal_api"],
                version=library["version"],
                architecture=library.get("architecture"),
                threads=library["num_threads"],
            )
    return None


def _flatten(environment: Environment) -> dict[str, object]:
    values = environment.model_dump(exclude={"platform"})  # a new kernel changes no result
    blas = values.pop("blas") or {}
    return values | {f"blas {key}": blas.get(key) for key in Blas.model_fields}
