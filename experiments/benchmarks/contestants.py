"""The contestants on the command line: `nncli train`, and a script for each peer; each measures its test error."""

import json
from dataclasses import dataclass, replace
from importlib import util
from pathlib import Path

import numpy as np

from experiments.benchmarks.process import HERE, run
from experiments.benchmarks.scripts.task import read_mnist, scaled
from experiments.benchmarks.tasks import Attempt, Task


@dataclass(frozen=True)
class Nncli:
    """`nncli train`, then `nncli evaluate`, which is not timed."""

    name: str = "nncli"
    installed: bool = True
    schedules: bool = True

    def train(self, task: Task, data: Path, folder: Path, seed: int) -> Attempt:
        """Run the command; the run folder is `folder/run`."""
        config = folder / "task.yaml"
        config.write_text(json.dumps(task.configuration(seed)), encoding="utf-8")  # JSON is YAML
        command = ["-m", "nncli", "train", config, "--run-dir", "run", "--force", "--data-dir", data, "-q"]
        return run(command, folder)[0]

    def measure(self, attempt: Attempt, task: Task, data: Path, folder: Path) -> Attempt:
        """Return the attempt with the test error of the run's last checkpoint."""
        options = ["--checkpoint", "last", "--data-dir", data, "--json"]
        _, printed = run(["-m", "nncli", "evaluate", "run", *options], folder)
        return replace(attempt, error=json.loads(printed)["error"])


@dataclass(frozen=True)
class Script:
    """A peer's script, which writes its weights to a file."""

    name: str
    file: str
    requires: str
    schedules: bool = True

    @property
    def installed(self) -> bool:
        """Whether the peer can be imported."""
        return util.find_spec(self.requires) is not None

    def train(self, task: Task, data: Path, folder: Path, seed: int) -> Attempt:
        """Run the script; its weights are `folder/weights.npz`."""
        files = ["--data", data, "--weights", "weights.npz"]
        return run([HERE / "scripts" / self.file, *files, *task.arguments(seed)], folder)[0]

    def measure(self, attempt: Attempt, task: Task, data: Path, folder: Path) -> Attempt:
        """Return the attempt with the test error of its weights."""
        images, labels = read_mnist(data, "t10k")
        x = scaled(images, task.scale, read_mnist(data, "train")[0])
        with np.load(folder / "weights.npz") as weights:
            layers = [(weights[f"W{i}"], weights[f"b{i}"]) for i in range(len(task.hidden) + 1)]
        for W, b in layers[:-1]:
            x = np.maximum(x @ W + b, 0)
        W, b = layers[-1]
        return replace(attempt, error=float(np.mean((x @ W + b).argmax(axis=1) != labels)))


CONTESTANTS: list[Nncli | Script] = [
    Nncli(),
    Script("PyTorch", "train_torch.py", "torch"),
    Script("JAX scan", "train_jax.py", "jax"),
    Script("scikit-learn", "train_sklearn.py", "sklearn", schedules=False),
]
