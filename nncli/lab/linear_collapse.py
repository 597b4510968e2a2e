"""A deep linear network is equivalent to a single matrix, and learns nothing more than a linear layer does.

The lecture (slide "Any sequence of linear layers"): y = W3 W2 W1 x = W'x, so deep linear networks are no more
expressive than linear regression. With biases, b' = W3 (W2 b1 + b2) + b3. On every test example, the outputs of a
network and of its single layer differ only by rounding. A linear model and the same network with ReLU, which does
better, are trained for comparison.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from nncli import build
from nncli.data.batches import Batches
from nncli.data.dataset import Dataset
from nncli.data.load import load
from nncli.engine.graph import Array
from nncli.errors import CheckpointError
from nncli.evaluation.metrics import wilson_interval
from nncli.evaluation.probabilities import loss_and_error
from nncli.lab.demonstration import DataDir, Option, Part, Report, Seed, Table, numbers
from nncli.lab.digits import batches, load_digits, perceptron_config
from nncli.nn.network import INPUT, Layer, Network, NetworkGraph
from nncli.runs.trained import open_trained

DEEP_RATE, SHALLOW_RATE = 0.003, 0.03
"""Learning rates of Adam: at the same rate, a product of matrices changes more than a single matrix."""


def run(
    hidden_units: Annotated[int, Option("Number of units in each hidden layer.", minimum=1, maximum=1000)] = 64,
    hidden_layers: Annotated[int, Option("Number of hidden layers.", minimum=1, maximum=20)] = 2,
    epochs: Annotated[int, Option("Number of epochs for each network.", minimum=1, maximum=1000)] = 5,
    checkpoint: Annotated[
        Path | None, Option("Collapse this checkpoint or run, which must have only linear layers, instead of training.")
    ] = None,
    seed: Seed = 1,
    data_dir: DataDir = None,
) -> Report:
    """Collapse a deep linear network, and compare what it learns with a linear model and a ReLU network.

    Example:
      nncli lab linear-collapse --hidden-layers 4
      nncli lab linear-collapse --checkpoint runs/linear
    """
    if checkpoint is not None:
        return of_checkpoint(checkpoint, data_dir)
    train, test = load_digits("train", data_dir), load_digits("test", data_dir)
    hidden = (hidden_units,) * hidden_layers
    deep = _trained(train, hidden, "linear", epochs, seed)
    networks = {
        "deep linear": deep,
        "its single matrix": collapse(deep, np.float32),
        "linear model": _trained(train, (), "linear", epochs, seed),
        "deep ReLU": _trained(train, hidden, "relu", epochs, seed),
    }
    rows = [_row(name, network, batches(train), batches(test)) for name, network in networks.items()]
    return _report(train.name, equality(deep, batches(test)), rows)


def of_checkpoint(path: Path, data_dir: Path | None) -> Report:
    """Collapse a trained network, and compare the two on the test split of its dataset.

    Raises:
        CheckpointError: a layer is not linear, or the checkpoint cannot be used.
    """
    found, trained = open_trained(path)
    for layer in trained.network.layers:
        if layer.activation != "linear":
            raise CheckpointError(
                f"{found}: layer '{layer.name}' has the activation {layer.activation}, but only linear layers collapse "
                "into a single matrix; train with model.layers[…].activation: linear"
            )
    test = load(trained.inputs.dataset, "test", directory=data_dir or build.data_folder(trained.config), offline=True)
    return _report(test.name, equality(trained.network, trained.batches(test.images, test.labels)), [])


def collapse(network: Network, dtype: npt.DTypeLike) -> Network:
    """Multiply the layers out, in float64, to one layer with the same outputs; a layer may read several others."""
    maps = {INPUT: (np.eye(network.input_units), np.zeros(network.input_units))}  # x -> A x + c, by layer
    for layer in network.layers:
        weights = network.parameters.value(layer.weights).astype(np.float64)
        a = np.concatenate([maps[name][0] for name in layer.inputs])
        c = np.concatenate([maps[name][1] for name in layer.inputs])
        maps[layer.name] = weights @ a, weights @ c + network.parameters.value(layer.bias)
    a, c = maps[network.output]
    single = Network(network.input_units, [Layer("output", len(a), "linear")], dtype=dtype)
    single.parameters.assign({"output.weights": a, "output.bias": c})
    return single


def equality(network: Network, examples: Batches) -> dict[str, Any]:
    """Compare a linear network with its single matrix on every example, in both precisions.

    In the result, `difference` is the largest difference between their outputs, relative to the largest output, and
    `disagreements` counts the examples that they classify differently in float64.
    """
    outputs = {}
    for dtype in ("float32", "float64"):
        copy = Network(network.input_units, network.layers, dtype=dtype)
        copy.parameters.values[...] = network.parameters.values
        outputs[dtype] = _outputs(copy, examples), _outputs(collapse(network, dtype), examples)
    deep, single = outputs["float64"]
    largest = float(np.abs(deep).max())
    return {
        "layers": [layer.name for layer in network.layers],
        "parameters": [network.parameters.size, collapse(network, np.float32).parameters.size],
        "examples": examples.examples,
        "largest_output": largest,
        "difference": {dtype: float(np.abs(a - b).max()) / largest for dtype, (a, b) in outputs.items()},
        "disagreements": int(np.count_nonzero(deep.argmax(axis=0) != single.argmax(axis=0))),
    }


def _outputs(network: Network, examples: Batches) -> Array:
    """Return the outputs, (outputs, examples)."""
    graph = NetworkGraph(network, "cross_entropy")
    columns = []
    for x, targets in examples.epoch():
        graph.forward(x.astype(graph.graph.dtype), targets)
        columns.append(graph.outputs.value.copy())
    return np.concatenate(columns, axis=1)


def _trained(data: Dataset, hidden: tuple[int, ...], activation: str, epochs: int, seed: int) -> Network:
    """Train a network on every example of a split."""
    config = perceptron_config(
        hidden,
        activation=activation,
        seed=seed,
        data={"validation": 0},
        optimizer={"name": "adam", "learning_rate": DEEP_RATE if hidden else SHALLOW_RATE},
        training={"epochs": epochs},
    )
    training = build.training(config, data)
    for _ in training.run():
        pass
    return training.network


def _row(name: str, network: Network, train: Batches, test: Batches) -> dict[str, Any]:
    """Measure one network; the interval is Wilson's, for 95%."""
    graph = NetworkGraph(network, "cross_entropy")
    loss, _ = loss_and_error(graph, train)
    _, error = loss_and_error(graph, test)
    low, high = wilson_interval(round(error * test.examples), test.examples)
    size = network.parameters.size
    return {"name": name, "parameters": size, "train_loss": loss, "test_error": error, "interval": [low, high]}


def _report(data: str, equal: dict[str, Any], rows: list[dict[str, Any]]) -> Report:
    deep, single = equal["parameters"]
    facts = [
        ("layers multiplied", ", ".join(equal["layers"])),
        ("parameters", f"{deep:,}, collapsed to {single:,}"),
        ("test examples", f"{equal['examples']:,}"),
        ("largest output", f"{equal['largest_output']:.4g}"),
        *((f"largest difference, {d}", f"{v:.1e} of the largest output") for d, v in equal["difference"].items()),
        ("different predictions", f"{equal['disagreements']:,}"),
    ]
    parts: list[Part] = [f"data: {data}", Table(["the network and its single matrix", ""], facts)]
    if rows:
        learned = [
            (name, f"{parameters:,}", f"{loss:.4f}", f"{error:.2%}", f"{low:.2%} to {high:.2%}")
            for name, parameters, loss, error, (low, high) in (row.values() for row in rows)
        ]
        headers = ["network", *numbers("parameters", "training loss", "test error", "95% interval")]
        parts.append(Table(headers, learned, "Trained for the same number of epochs"))
    return Report(parts, {"data": data, "equality": equal, "rows": rows})
