"""Trained networks with every kind of operation, without training: their weights are random."""

from dataclasses import asdict

import numpy as np
import pytest

from nncli import build
from nncli.config.load import to_mapping
from nncli.data.scaling import Scaling
from nncli.runs.checkpoint import Checkpoint
from nncli.training.loop import Progress


@pytest.fixture(scope="session")
def trained(configuration):
    """Make a network with random weights, biases and statistics, from changes of a small configuration.

    With a `granularity`, they are multiples of its inverse.
    """

    def make(mean=0.0, deviation=255.0, granularity=None, **changes):
        config = configuration(**changes)
        side = config.data.size or 28
        parameters = build.network(config, side * side).parameters
        rng = np.random.default_rng(7)
        tensors = {name: parameters.value(name) for name in parameters} | parameters.statistics
        for name, tensor in tensors.items():
            if tensor.ndim == 1:  # positive, as a variance must be
                tensor[...] = rng.uniform(0.5, 1.5, tensor.shape)
            if granularity:
                tensor[...] = np.rint(tensor * granularity) / granularity
            assert tensor.any(), name
        state = {
            "dataset": "idx",
            "shape": [side, side],
            "scaling": Scaling(mean=mean, deviation=deviation).model_dump(),
            "progress": asdict(Progress(3, 30, 0.0, 0, None, 0, None, 0)),
        }
        return build.trained(Checkpoint(tensors, to_mapping(config), state), "checkpoint")

    return make
