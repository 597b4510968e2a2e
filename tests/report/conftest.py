"""Runs for reports, without training: their weights are random, so that every part of a network has an effect."""

from dataclasses import asdict

import numpy as np
import pytest

from nncli import build
from nncli.config.load import to_mapping
from nncli.data.scaling import Scaling
from nncli.runs import manifest, metrics
from nncli.runs.checkpoint import Checkpoint, save
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Data, Manifest
from nncli.runs.trained import open_trained
from nncli.training.events import EpochFinished
from nncli.training.loop import Progress


@pytest.fixture(scope="session")
def make_run(configuration):
    """Write the folder of a run from changes of a small configuration, and return its path.

    Weights are initial ones, and so are biases and statistics if `initial`; otherwise, those are random.
    """

    def make(path, mean=0.0, deviation=255.0, initial=False, shape=None, **changes):
        config, folder = configuration(**changes), RunFolder(path)
        rows, columns = shape or [config.data.size or 28] * 2
        parameters = build.network(config, rows * columns).parameters
        tensors = {name: parameters.value(name) for name in parameters} | parameters.statistics
        rng = np.random.default_rng(7)
        for name, tensor in tensors.items():
            if tensor.ndim == 1 and not initial:  # positive, as a variance must be
                tensor[...] = rng.uniform(0.5, 1.5, tensor.shape) if "bias" not in name else rng.uniform(-1, 1)
        state = {
            "dataset": "idx",
            "shape": [rows, columns],
            "scaling": Scaling(mean=mean, deviation=deviation).model_dump(),
            "progress": asdict(Progress(2, 8, 0.0, 0, None, 0, None, 0)),
        }
        folder.checkpoints.mkdir(parents=True)
        save(folder.best, Checkpoint(tensors, to_mapping(config), state))
        manifest.write(folder.manifest, Manifest(command=["nncli", "train"], seed=5, data=Data(name="idx", sha256={})))
        for epoch in (1, 2):
            metrics.append(
                folder.metrics, EpochFinished(epoch, 4 * epoch, 1.5, 0.4, 1.25, 0.3, 0.001, 1.0, 240.0, True)
            )
        return path

    return make


@pytest.fixture
def findings(make_run, digits, tmp_path):
    """Return the findings about a small run on the generated digits."""
    from nncli.report.findings import gather

    path, trained = open_trained(make_run(tmp_path / "run"))
    return gather(tmp_path / "run", path, trained, digits["test"])
