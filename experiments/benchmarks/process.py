"""Whole commands in fresh processes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.benchmarks.machine import THREADS
from experiments.benchmarks.tasks import Attempt
from nncli.data.load import load

HERE = Path(__file__).parent
LAUNCHER = HERE / "scripts" / "launch.py"
ROOT = HERE.parents[1]


def mnist_folder(directory: Path | None) -> Path:
    """Return the folder of MNIST's files, after downloading them if necessary.

    Raises:
        DataError: MNIST is not available.
    """
    return Path(load("mnist", "train", directory=directory).origin).absolute()


def environment() -> dict[str, str]:
    """Return the environment of a command: this one, with nncli on the path and no limit on threads."""
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)]))
    return {name: value for name, value in os.environ.items() if name not in THREADS} | {"PYTHONPATH": path}


class CommandError(Exception):
    """A command failed; the message is the end of what it printed."""


def run(command: Sequence[object], folder: Path) -> tuple[Attempt, str]:
    """Run Python with these arguments in a folder, and return the figures of its process and what it printed.

    The command chooses its number of threads by itself, on the processors that this process is limited to.

    Raises:
        CommandError: its exit code is not 0.
    """
    output = folder / "output"
    launcher = [sys.executable, LAUNCHER, output, sys.executable, *command]
    answer = subprocess.run(list(map(str, launcher)), cwd=folder, env=environment(), stdout=subprocess.PIPE, check=True)
    figures = json.loads(answer.stdout)
    printed = output.read_text(encoding="utf-8", errors="replace")
    if figures["code"]:
        raise CommandError(f"{' '.join(map(str, command))} exited with code {figures['code']}: {printed[-500:]}")
    return Attempt(figures["seconds"], figures["peak_bytes"]), printed
