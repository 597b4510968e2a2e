"""Backpropagation against rules that a brain could follow, and how much more slowly they learn.

The lecture closes with the claim that backprop, despite its success, is neurally implausible, and that the plausible
alternatives "learn much more slowly (on computers)". One implausible part is that x̄ = Wᵀ z̄ reads the forward
weights on the way back. Here the same network is trained on the same digits three times, by the same loop: with Wᵀ, and
with fixed random matrices in its place, layer by layer (feedback alignment) or from the output to each layer (direct
feedback alignment). Shown are the test error after each epoch, and the angle between each layer's update and the true
gradient: below 90 degrees an update still goes downhill. It starts near 90 and falls, as the forward weights come to
agree with the random ones.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure

from nncli import build
from nncli.config.schema import Config
from nncli.data.batches import Array
from nncli.data.dataset import Dataset
from nncli.engine.parameters import Parameters
from nncli.evaluation.probabilities import loss_and_error
from nncli.figures.curves import Curve, Panel, draw
from nncli.lab.demonstration import DataDir, HiddenLayers, Option, Progress, Seed
from nncli.lab.digits import batches, load_digits, perceptron_config
from nncli.lab.report import Illustrated, Part, Table
from nncli.nn.credit import RULES
from nncli.nn.network import Network, NetworkGraph
from nncli.training import events

EXAMPLES = 20_000
"""Training examples used, at most."""

PROBE = 1_000
"""Examples over which the angles are measured."""


def run(
    epochs: Annotated[int, Option("Epochs of each training.", minimum=1, maximum=200)] = 10,
    units: HiddenLayers = (100, 100),
    data_dir: DataDir = None,
    seed: Seed = 1,
    progress: Progress = lambda _: None,
) -> Illustrated:
    """Train the same network by each rule.

    One network is trained three times: the alternatives replace the transposed weights by fixed random matrices.

    Example:
      nncli lab plausibility --output plausibility.png
      nncli lab plausibility --units 50 --units 50 --units 50
    """
    train, test = load_digits("train", data_dir, EXAMPLES), load_digits("test", data_dir)
    learnings = [_learn(configuration(rule, units, epochs, seed), train, test, progress) for rule in RULES]
    values = {
        "dataset": train.name,
        "examples": len(train.labels),
        "layers": list(units),
        "epochs": epochs,
        "learnings": learnings,
        "epochs_of_backprop": {
            each["rule"]: epochs_to(each["errors"][-1], learnings[0]["errors"]) for each in learnings
        },
    }
    return Illustrated(_parts(values), values, draw=lambda: _draw(values))


def epochs_to(error: float, errors: Sequence[float]) -> int | None:
    """Count the epochs after which the errors of a training came this low; None if they never do."""
    return next((epoch for epoch, each in enumerate(errors, start=1) if each <= error), None)


def configuration(rule: str, hidden: tuple[int, ...], epochs: int, seed: int) -> Config:
    """Return the network and its training; all but the rule is the same."""
    return perceptron_config(
        hidden,
        seed=seed,
        data={"validation": 0, "batch_size": 64},
        optimizer={"name": "sgd", "learning_rate": 0.05},
        training={"epochs": epochs, "credit": rule},
    )


def _learn(config: Config, train: Dataset, test: Dataset, progress: Progress) -> dict[str, Any]:
    """Train by one rule.

    Returns:
        The rule; the error on the test set after each epoch; and for each layer the angle in degrees between its
        weights' update and the true gradient, before the first epoch and after each.
    """
    training, scaling = build.training(config, train)
    judged = batches(test, scaling=scaling)
    x, targets = next(batches(train, slice(PROBE), batch_size=PROBE, scaling=scaling).epoch())
    angles = Angles(config, training.network)
    rule, errors, measured = config.training.credit, [], [angles.measure(x, targets)]
    for event in training.run():
        if isinstance(event, events.EpochFinished):
            errors.append(loss_and_error(NetworkGraph(training.network, config.loss), judged)[1])
            measured.append(angles.measure(x, targets))
            progress(f"{rule}: epoch {event.epoch}/{config.training.epochs}, test error {errors[-1]:.2%}")
    return {
        "rule": rule,
        "errors": errors,
        "angles": {layer: [each[layer] for each in measured] for layer in measured[0]},
    }


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
        """Return the angle in degrees for each layer's weights, over a batch of examples in columns."""
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
    """Return the angle between two arrays as vectors, in degrees: 2 atan2(‖a' - b'‖, ‖a' + b'‖) of their directions."""
    u, v = (each.astype(np.float64) / np.linalg.norm(each) for each in (a, b))
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))))


def _parts(values: dict[str, Any]) -> list[Part]:
    learnings, epochs = values["learnings"], values["epochs"]
    errors = {each["rule"]: [f"{error:.2%}" for error in each["errors"]] for each in learnings}
    parts: list[Part] = [
        f"{values['dataset']}: {values['examples']:,} training examples, a {_network(values)}",
        _by_epoch(1, errors, "Test error"),
    ]
    for each in learnings[1:]:
        angles = {layer: [f"{degrees:.1f}" for degrees in measured] for layer, measured in each["angles"].items()}
        title = f"{each['rule']}: degrees between each layer's update and the true gradient"
        parts.append(_by_epoch(0, angles, title))
    for each in learnings[1:]:
        there = values["epochs_of_backprop"][each["rule"]]
        slower = f"after {there} of them" if there else "never"
        parts.append(
            f"{each['rule']} ends at {each['errors'][-1]:.2%} after {epochs} epochs; backprop is there {slower}."
        )
    return parts


def _network(values: dict[str, Any]) -> str:
    return f"784-{'-'.join(map(str, values['layers']))}-10 network"


def _by_epoch(first: int, columns: dict[str, list[str]], title: str) -> Table:
    """Make a table with a row an epoch, from the first on."""
    rows = [(str(epoch), *row) for epoch, row in enumerate(zip(*columns.values(), strict=True), start=first)]
    return Table(["epoch ", *(f"{name} " for name in columns)], rows, title, split=True)


def _draw(values: dict[str, Any]) -> Figure:
    learnings, epochs = values["learnings"], range(values["epochs"] + 1)
    errors = [Curve(each["rule"], epochs[1:], [100 * e for e in each["errors"]], "points") for each in learnings]
    panels = [Panel(errors, title="Test error", x_label="epoch", y_label="%")]
    for each in learnings[1:]:
        angles = [Curve(layer, epochs, degrees, "points") for layer, degrees in each["angles"].items()]
        guide = Curve("90°: a random direction", [0, epochs[-1]], [90, 90], "plain")
        panels.append(Panel([*angles, guide], title=each["rule"], x_label="epoch", y_label="degrees from the gradient"))
    caption = f"{values['dataset']}, {values['examples']:,} training examples, a {_network(values)}"
    return draw(panels, title="Backpropagation and two rules without weight transport", caption=caption)
