"""The trained network that a command works on: its argument, its option, and how it is opened."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from nncli.build import Trained

Command = TypeVar("Command", bound=Callable[..., Any])


def checkpoint_options(command: Command) -> Command:
    """Add RUN_OR_CHECKPOINT (parameter `run: Path`) and --checkpoint (`which: "best" | "last"`)."""
    command = click.option(
        "--checkpoint",
        "which",
        type=click.Choice(["best", "last"]),
        default="best",
        show_default=True,
        help="Which checkpoint of a run folder; a checkpoint file is taken as it is.",
    )(command)
    return click.argument("run", metavar="RUN_OR_CHECKPOINT", type=click.Path(path_type=Path))(command)


def open_trained(run: Path, which: Literal["best", "last"]) -> "tuple[Path, Trained]":
    """Find a checkpoint and rebuild its network; give the file's path too.

    Raises:
        RunError: there is no such run or checkpoint.
        CheckpointError: it is damaged, or does not hold the network it describes.
    """
    from nncli.build import trained
    from nncli.runs.checkpoint import load
    from nncli.runs.folder import resolve

    path = resolve(run, which)
    return path, trained(load(path), str(path))
