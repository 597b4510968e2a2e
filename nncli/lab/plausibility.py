"""Backpropagation against rules that a brain could follow, and how much more slowly they learn.

The lecture closes with the claim that backprop, despite its success, is neurally implausible, and that the plausible
alternatives "learn much more slowly (on computers)". One implausible part is that x̄ = Wᵀ z̄ reads the forward
weights on the way back. Here the same network is trained on the same digits three times, by the same loop: with Wᵀ, and
with fixed random matrices in its place, layer by layer (feedback alignment) or from the output to each layer (direct
feedback alignment). Shown are the test error after each epoch, and the angle between each layer's update and the true
gradient: below 90 degrees an update still goes downhill. It starts near 90 and falls, as the forward weights come to
agree with the random ones.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nncli import build
from nncli.config.load import from_mapping
from nncli.config.schema import Config
from nncli.data.batches import Array, Batches
from nncli.data.dataset import Dataset
from nncli.engine.parameters import Parameters
from nncli.nn.credit import RULES
from nncli.nn.network import Network, NetworkGraph
from nncli.training import events
from nncli.training.evaluator import loss_and_error

EXAMPLES = 20_000
"""Training examples used, at most."""

PROBE = 1_000
"""Examples over which the angles are measured."""


@dataclass(frozen=True)
class Learning:
    """One rule's training.

    Attributes:
        errors: on the test set after each epoch, as fractions.
        angles: by layer, in degrees between its weights' update and the true gradient, before the first epoch and
            after each.
    """

    rule: str
    errors: list[float]
    angles: dict[str, list[float]]


@dataclass(frozen=True)
class Comparison:
    """The same network trained by each rule, backprop first."""

    dataset: str
    examples: int
    layers: list[int]
    epochs: int
    learnings: list[Learning]

    def epochs_of_backprop(self, learning: Learning) -> int | None:
        """Count the epochs after which backprop is as good as this rule at its end; None if it never is."""
        errors = self.learnings[0].errors
        return next((epoch for epoch, error in enumerate(errors, start=1) if error <= learning.errors[-1]), None)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self) | {
            "epochs_of_backprop": {each.rule: self.epochs_of_backprop(each) for each in self.learnings}
        }


def compare(
    train: Dataset,
    test: Dataset,
    *,
    hidden: tuple[int, ...] = (100, 100),
    epochs: int = 10,
    seed: int = 1,
    on_epoch: Callable[[str, int, float], None] = lambda *_: None,
) -> Comparison:
    """Train the same network by each rule.

    Args:
        train: of which the first EXAMPLES are used.
        test: whose error is measured after each epoch.
        hidden: units of each hidden layer.
        epochs: of each training.
        seed: of weights, order and random matrices.
        on_epoch: told the rule, the epoch and the test error after each.
    """
    train = replace(train, images=train.images[:EXAMPLES], labels=train.labels[:EXAMPLES])
    with threadpool_limits(limits=1):  # products this small gain nothing from more threads
        learnings = [_learn(configuration(rule, hidden, epochs, seed), train, test, on_epoch) for rule in RULES]
    return Comparison(train.name, len(train.labels), list(hidden), epochs, learnings)


def configuration(rule: str, hidden: tuple[int, ...], epochs: int, seed: int) -> Config:
    """Give the network and its training; all but the rule is the same."""
    return from_mapping(
        {
            "seed": seed,
            "data": {"validation": 0, "batch_size": 64},
            "model": {"layers": [*({"units": units} for units in hidden), {"units": 10}]},
            "optimizer": {"name": "sgd", "learning_rate": 0.05},
            "schedule": {"name": "cosine"},
            "training": {"epochs": epochs, "credit": rule},
        }
    )


def _learn(config: Config, train: Dataset, test: Dataset, on_epoch: Callable[[str, int, float], None]) -> Learning:
    training, scaling = build.training(config, train)
    judged = Batches(test.images, test.labels, np.arange(len(test.labels)), batch_size=500, scaling=scaling)
    probe = Batches(
        train.images, train.labels, np.arange(min(PROBE, len(train.labels))), batch_size=PROBE, scaling=scaling
    )
    x, targets = next(probe.epoch())
    angles = Angles(config, training.network)
    rule, errors, measured = config.training.credit, [], [angles.measure(x, targets)]
    for event in training.run():
        if isinstance(event, events.EpochFinished):
            errors.append(loss_and_error(NetworkGraph(training.network, config.loss), judged)[1])
            measured.append(angles.measure(x, targets))
            on_epoch(rule, event.epoch, errors[-1])
    return Learning(rule, errors, {layer: [each[layer] for each in measured] for layer in measured[0]})


class Angles:
    """Measures how far a rule's updates point from the gradient, at the weights a network has.

    Args:
        config: whose rule is compared with backpropagation.
        network: being trained; its error signals are left alone.
    """

    def __init__(self, config: Config, network: Network) -> None:
        self.network = network
        gradient = config.model_copy(update={"training": config.training.model_copy(update={"credit": "backprop"})})
        self._sides = [self._graph(each) for each in (config, gradient)]

    def _graph(self, config: Config) -> tuple[NetworkGraph, Parameters]:
        parameters = Parameters(self.network.parameters.shapes, self.network.parameters.values.dtype)
        return build.training_graph(config, self.network, np.random.default_rng(config.seed), parameters), parameters

    def measure(self, x: Array, targets: Array) -> dict[str, float]:
        """Give the angle in degrees for each layer's weights, over a batch of examples in columns."""
        for graph, parameters in self._sides:
            parameters.values[...] = self.network.parameters.values
            graph.forward(x, targets)
            graph.backward()
        (_, update), (_, gradient) = self._sides
        return {
            layer.name: angle(update.error(layer.weights), gradient.error(layer.weights))
            for layer in self.network.layers
        }


def angle(a: Array, b: Array) -> float:
    """Give the angle between two arrays as vectors, in degrees: 2 atan2(‖a' - b'‖, ‖a' + b'‖) of their directions."""
    u, v = (each.astype(np.float64) / np.linalg.norm(each) for each in (a, b))
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))))
