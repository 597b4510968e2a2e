"""A graph under trial: built node by node over random parameters, then differentiated both ways."""

import numpy as np
import pytest

from nncli.engine.gradcheck import GradientCheck
from nncli.engine.graph import BATCH, Graph, Input
from nncli.engine.parameters import Parameter, Parameters
from nncli.nn.batch_norm import BatchNorm


class Trial:
    """A float64 graph with random parameters and random batches of any size."""

    def __init__(self, **shapes):
        self.rng = np.random.default_rng(1986)
        self.parameters = Parameters(shapes, np.float64)
        self.parameters.values[...] = 0.5 * self.rng.standard_normal(self.parameters.size)
        self.graph = Graph(np.float64)
        self.leaf = {name: self.add(Parameter(self.parameters, name), name) for name in shapes}
        self.dropout_rng = np.random.default_rng(7)
        self.draws = {}

    def add(self, node, name=""):
        return self.graph.add(node, name)

    def examples(self, units, *, needs_error=True):
        x = self.add(Input((units, BATCH), needs_error=needs_error), "x")
        self.draws[x] = lambda size: self.rng.standard_normal((units, size))
        return x

    def targets(self, units):
        targets = self.add(Input((units, BATCH)), "targets")
        self.draws[targets] = lambda size: np.eye(units)[:, self.rng.integers(0, units, size)]
        return targets

    def batch_norm(self, z, *, training):
        mean, variance = self.rng.standard_normal(8), self.rng.uniform(0.5, 2, 8)
        return BatchNorm(z, self.leaf["gain"], self.leaf["shift"], mean, variance, training=training)

    def repeat_masks(self):
        self.dropout_rng.bit_generator.state = self.dropout_state

    def disagreements(self, loss, *batch_sizes):
        """Take batches of these sizes one after the other and check the gradient on each."""
        self.graph.differentiate(loss)
        self.dropout_state = self.dropout_rng.bit_generator.state
        inputs = [node for node in self.draws if node.needs_error]
        found = []
        for size in batch_sizes:
            for node, draw in self.draws.items():
                node.value = draw(size)
            self.graph.bind(size)
            check = GradientCheck(self.graph, self.rng, self.repeat_masks)
            found += check.compare(self.parameters, inputs, samples=3)
        return [each for each in found if not each.agrees]


@pytest.fixture
def new_trial():
    return Trial
