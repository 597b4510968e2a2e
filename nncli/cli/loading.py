"""Load a trained network or a dataset for a command: show progress, and warn about a fallback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.filesize import decimal

from nncli import build
from nncli.cli.console import status, warn
from nncli.config.schema import Config
from nncli.data.dataset import Dataset, Split
from nncli.data.load import load
from nncli.runs import checkpoint
from nncli.runs.folder import resolve


def open_trained(run: Path, which: Literal["best", "last"]) -> tuple[Path, build.Trained]:
    """Return the path of a checkpoint and its network.

    Raises:
        RunError: the run or checkpoint does not exist.
        CheckpointError: the checkpoint is corrupt or inconsistent.
    """
    path = resolve(run, which)
    return path, build.trained(checkpoint.load(path), str(path))


def load_for_training(
    config: Config, *, offline: bool, console: Console, trained_on: str | None = None
) -> tuple[Dataset, bool]:
    """Return the training split of a configuration's data, and whether it comes from the fallback.

    A run that was `trained_on` the fallback is resumed on it, even if the other data is available now.

    Raises:
        DataError: the data is missing or corrupt.
    """
    reason = None
    with loading(console, config.data.name) as on_progress:
        if config.data.fallback and config.data.fallback == trained_on:
            data = load(config.data.fallback, "train")
        else:
            data, reason = build.dataset(config, "train", offline=offline, on_progress=on_progress)
    if reason is not None:
        warn(f"warning: {config.data.name} is not available: {reason}")
    falls_back = data.name != config.data.name
    if falls_back:
        warn(f"WARNING: USING {data.name.upper()} INSTEAD OF {config.data.name.upper()}")
    return data, falls_back


def load_by_name(name: str, split: Split, folder: Path | None, *, offline: bool, console: Console) -> Dataset:
    """Return one split of a dataset; see `nncli.data.load.load`."""
    with loading(console, name) as on_progress:
        return load(name, split, directory=folder, offline=offline, on_progress=on_progress)


@contextmanager
def loading(console: Console, name: str) -> Iterator[Callable[[int, int, str], None]]:
    """Print a line for each download within the block, and show its progress on a terminal.

    The block receives a function to call with the bytes done, the total bytes, and a description.
    """
    printed = set()
    with status(console, f"loading {name}") as say:

        def on_progress(done: int, total: int, what: str) -> None:
            say(f"{decimal(done)} of {decimal(total)}")
            if what not in printed:
                printed.add(what)
                console.print(f"{what} ({decimal(total)}) ...", soft_wrap=True)

        yield on_progress
