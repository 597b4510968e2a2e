"""Whole commands in fresh processes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.benchmarks.machine import THREADS
from experiments.benchmarks.tasks import Attempt

HERE = Path(__file__).parent
LAUNCHER = HERE / "scripts" / "launch.py"
ROOT = HERE.parents[1]


class CommandError(Exception):
    """A command failed; the message is the end of what it printed."""


def run(command: Sequence[object], folder: Path) -> tuple[Attempt, str]:
    """Run a command of this Python in a folder, and give its figures and what it printed.

    It chooses its threads by itself, as it does for people, on the processors this process is confined to.

    Raises:
        CommandError: its exit code is not 0.
    """
    output = folder / "output"
    launcher = [sys.executable, LAUNCHER, output, sys.executable, *command]
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)]))
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    answer = subprocess.run(
        list(map(str, launcher)), cwd=folder, env=environment | {"PYTHONPATH": path}, stdout=subprocess.PIPE, check=True
    )
    figures = json.loads(answer.stdout)
    printed = output.read_text(encoding="utf-8", errors="replace")
    if figures["code"]:
        raise CommandError(f"{' '.join(map(str, command))} ended with {figures['code']}: {printed[-500:]}")
    return Attempt(figures["seconds"], figures["peak_bytes"]), printed
