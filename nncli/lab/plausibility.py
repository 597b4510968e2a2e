"""Backpropagation compared with rules that a brain could follow, which learn more slowly.

The lecture: "backprop is believed to be neurally implausible", and the plausible alternatives "learn much more slowly
(on computers)". It is implausible that x̄ = Wᵀ z̄ uses the forward weights on the way back. Here the same network is
trained with Wᵀ, and with fixed random matrices in its place: layer by layer (feedback alignment), or from the output to
each layer (direct feedback alignment). An update less than 90 degrees from the gradient still goes downhill; the angle
falls as the forward weights come to agree with the random ones.
"""

import math
from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure

from nncli import build
from nncli.config.schema import Config
from nncli.data.dataset import Dataset
from nncli.engine.graph import Array
from nncli.engine.parameters import Parameters
from nncli.evaluation.probabilities import loss_and_error
from nncli.figures.curves import Curve, Panel, draw
from nncli.lab.demonstration import DataDir, HiddenLayers, Illustrated, Option, Progress, Seed, Table, count_until
from nncli.lab.digits import batches, load_digits, perceptron_config
from nncli.nn.credit import RULES
from nncli.nn.network import Network, NetworkGraph
from nncli.training.events import EpochFinished

EXAMPLES = 20_000  # to train on, at most
PROBE = 1_000  # examples that angles are measured on


def run(
    epochs: Annotated[int, Option("Number of epochs for each rule.", minimum=1, maximum=200)] = 10,
    units: HiddenLayers = (100, 100),
    data_dir: DataDir = None,
    seed: Seed = 1,
    progress: Progress = lambda _: None,
) -> Illustrated:
    """Train the same network by each rule.

    Train one network with three rules: backpropagation, and two that replace the transposed weights with fixed random
    matrices.

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
            each["rule"]: count_until(learnings[0]["errors"], each["errors"][-1]) for each in learnings
        },
    }
    return Illustrated(_parts(values), values, draw=lambda: _draw(values))


def configuration(rule: str, hidden: tuple[int, ...], epochs: int, seed: int) -> Config:
    """Return the configuration of a training; only the rule differs."""
    return perceptron_config(
        hidden,
        seed=seed,
        data={"validation": 0, "batch_size": 64},
        optimizer={"name": "sgd", "learning_rate": 0.05},
        training={"epochs": epochs, "credit": rule},
    )


def _learn(config: Config, train: Dataset, test: Dataset, progress: Progress) -> dict[str, Any]:
    """Train by one rule; return the test error after each epoch, and each layer's angle at the start and after each."""
    training = build.training(config, train)
    scaling = training.batches.scaling
    held_out = batches(test, scaling=scaling)
    x, targets = next(batches(train, slice(PROBE), batch_size=PROBE, scaling=scaling).epoch())
    rule, errors, measured = config.training.credit, [], [angles(config, training.network, x, targets)]
    for event in training.run():
        if isinstance(event, EpochFinished):
            errors.append(loss_and_error(NetworkGraph(training.network, config.loss), held_out)[1])
            measured.append(angles(config, training.network, x, targets))
            progress(f"{rule}: epoch {event.epoch}/{config.training.epochs}, test error {errors[-1]:.2%}")
    by_layer = {layer: [each[layer] for each in measured] for layer in measured[0]}
    return {"rule": rule, "errors": errors, "angles": by_layer}


def angles(config: Config, network: Network, x: Array, targets: Array) -> dict[str, float | None]:
    """Return the angle between each layer's update by the configured rule and the gradient, on a batch of examples.

    The network's own error signals are not changed.
    """
    signals = []
    for rule in (config.training.credit, "backprop"):
        parameters = Parameters(network.parameters.shapes, network.parameters.values.dtype)
        parameters.values[...] = network.parameters.values
        ruled = config.model_copy(update={"training": config.training.model_copy(update={"credit": rule})})
        graph = build.training_graph(ruled, network, np.random.default_rng(config.seed), parameters)
        graph.forward(x, targets)
        graph.backward()
        signals.append(parameters)
    mine, true = signals
    return {layer.name: angle(mine.error(layer.weights), true.error(layer.weights)) for layer in network.layers}


def angle(a: Array, b: Array) -> float | None:
    """Return the angle between two arrays as vectors, in degrees; None if one of them is zero and has no direction.

    It is 2 atan2(‖u - v‖, ‖u + v‖) for the unit vectors u and v, which is accurate for small angles too.
    """
    norms = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if 0 in norms:
        return None
    u, v = (each.astype(np.float64) / norm for each, norm in zip((a, b), norms, strict=True))
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))))


def _parts(values: dict[str, Any]) -> list[str | Table]:
    learnings, epochs = values["learnings"], range(values["epochs"] + 1)
    errors = {each["rule"]: [f"{error:.2%}" for error in each["errors"]] for each in learnings}
    tables, conclusions = [Table.of_numbers("epoch", epochs[1:], errors, "Test error")], []
    for each in learnings[1:]:
        rule, needed = each["rule"], values["epochs_of_backprop"][each["rule"]]
        columns = {
            layer: ["undefined" if angle is None else f"{angle:.1f}" for angle in measured]
            for layer, measured in each["angles"].items()
        }
        title = f"{rule}: angle in degrees between each layer's update and the true gradient"
        tables.append(Table.of_numbers("epoch", epochs, columns, title))
        conclusions.append(
            f"{rule} has an error of {each['errors'][-1]:.2%} after epoch {values['epochs']}; "
            f"backprop {f'reaches this error after epoch {needed}' if needed else 'never reaches this error'}."
        )
    return [_setting(values), *tables, *conclusions]


def _setting(values: dict[str, Any]) -> str:
    network = f"784-{'-'.join(map(str, values['layers']))}-10 network"
    return f"{values['dataset']}: {values['examples']:,} training examples, a {network}"


def _draw(values: dict[str, Any]) -> Figure:
    learnings, epochs = values["learnings"], range(values["epochs"] + 1)
    errors = [Curve(each["rule"], epochs[1:], [100 * e for e in each["errors"]], "points") for each in learnings]
    panels = [Panel(errors, title="Test error", x_label="epoch", y_label="%")]
    for each in learnings[1:]:
        curves = [
            Curve(layer, epochs, [math.nan if angle is None else angle for angle in measured], "points")
            for layer, measured in each["angles"].items()
        ]
        guide = Curve("90°: a random direction", [0, epochs[-1]], [90, 90], "plain")
        panels.append(Panel([*curves, guide], title=each["rule"], x_label="epoch", y_label="angle to the gradient (°)"))
    return draw(panels, title="Backpropagation and two rules without weight transport", caption=_setting(values))
