"""A deep linear network is one matrix, and linear layers learn no more than one linear layer.

The lecture: any sequence of linear layers can be equivalently represented with a single linear layer, y = W'x with
W' = W3 W2 W1, so that deep linear networks are no more expressive than linear regression. With biases the single
layer has one too: b' = W3 (W2 b1 + b2) + b3. `collapse` multiplies the layers out, and the network and its single
layer are compared on every test example: the outputs differ by rounding only. Beside them a linear model is trained
for as many epochs, and the same network with ReLU between its layers, which is not linear and does better.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nncli import build
from nncli.config.load import from_mapping
from nncli.data.batches import Batches
from nncli.data.dataset import Dataset
from nncli.data.scaling import Scaling
from nncli.engine.graph import Array
from nncli.errors import CheckpointError
from nncli.evaluation.metrics import wilson_interval
from nncli.nn.network import INPUT, Layer, Network, NetworkGraph
from nncli.training.evaluator import loss_and_error


@dataclass(frozen=True)
class Equality:
    """A linear network beside its single matrix.

    Attributes:
        layers: of the network.
        parameters: of the network, and of the single layer.
        examples: that both were run on.
        largest_output: the largest |y| of the network.
        difference: dtype -> the largest difference of two outputs, relative to `largest_output`.
        disagreements: on how many examples the two choose different classes, in float64.
    """

    layers: tuple[str, ...]
    parameters: tuple[int, int]
    examples: int
    largest_output: float
    difference: dict[str, float]
    disagreements: int


@dataclass(frozen=True)
class Row:
    """One network on the test set; the interval is Wilson's, for 95%."""

    name: str
    parameters: int
    train_loss: float
    test_error: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Report:
    """The comparison on all test examples, and the errors of the networks trained (none with a checkpoint)."""

    data: str
    equality: Equality
    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


DEEP_RATE, SHALLOW_RATE = 0.003, 0.03
"""Learning rates of Adam: a product of matrices moves further at one rate than a single matrix does."""


def run(train: Dataset, test: Dataset, *, hidden: tuple[int, ...] = (64, 64), epochs: int = 5, seed: int = 1) -> Report:
    """Train a deep linear network, a linear model and a ReLU network, and collapse the first."""
    deep = _train(train, "linear", hidden, DEEP_RATE, epochs, seed)
    networks = {
        "linear model": _train(train, "linear", (), SHALLOW_RATE, epochs, seed),
        "deep ReLU": _train(train, "relu", hidden, DEEP_RATE, epochs, seed),
    }
    networks = {"deep linear": deep, "its single matrix": collapse(deep, np.float32), **networks}
    scaled = {data.split: _batches(data) for data in (train, test)}
    rows = (_row(name, network, scaled["train"], scaled["test"]) for name, network in networks.items())
    return Report(train.name, compare(deep, scaled["test"]), tuple(rows))


def run_checkpoint(trained: build.Trained, test: Dataset, path: Path) -> Report:
    """Collapse a trained network whose layers are all linear.

    Raises:
        CheckpointError: a layer is not linear.
    """
    for layer in trained.network.layers:
        if layer.activation != "linear":
            raise CheckpointError(
                f"{path}: layer '{layer.name}' has the activation {layer.activation}, and only linear layers make one "
                "matrix; train with model.layers[…].activation: linear"
            )
    batches = trained.batches(test.images, test.labels, np.arange(len(test.labels)))
    return Report(test.name, compare(trained.network, batches), ())


def collapse(network: Network, dtype: npt.DTypeLike) -> Network:
    """Multiply the layers out, in float64, to one layer with the same outputs; layers may read several others."""
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


def compare(network: Network, batches: Batches) -> Equality:
    """Run a linear network and its single matrix on every example, in both precisions."""
    outputs = {}
    for dtype in ("float32", "float64"):
        outputs[dtype] = (
            _outputs(_with_dtype(network, dtype), batches),
            _outputs(collapse(network, dtype), batches),
        )
    deep, single = outputs["float64"]
    largest = float(np.abs(deep).max())
    return Equality(
        layers=tuple(layer.name for layer in network.layers),
        parameters=(network.parameters.size, collapse(network, np.float32).parameters.size),
        examples=batches.examples,
        largest_output=largest,
        difference={dtype: float(np.abs(a - b).max()) / largest for dtype, (a, b) in outputs.items()},
        disagreements=int(np.count_nonzero(deep.argmax(axis=0) != single.argmax(axis=0))),
    )


def _with_dtype(network: Network, dtype: npt.DTypeLike) -> Network:
    """Copy a network to another precision."""
    copy = Network(network.input_units, network.layers, dtype=dtype)
    copy.parameters.values[...] = network.parameters.values
    return copy


def _outputs(network: Network, batches: Batches) -> Array:
    """Give the outputs for a whole split, (outputs, examples)."""
    graph = NetworkGraph(network, "cross_entropy")
    columns = []
    for x, targets in batches.epoch():
        graph.forward(x.astype(graph.graph.dtype), targets)
        columns.append(graph.outputs.value.copy())
    return np.concatenate(columns, axis=1)


def _train(
    data: Dataset, activation: str, hidden: tuple[int, ...], learning_rate: float, epochs: int, seed: int
) -> Network:
    """Train a network on all examples of a split."""
    layers: list[dict[str, object]] = [{"units": units, "activation": activation} for units in hidden]
    config = from_mapping(
        {
            "seed": seed,
            "data": {"validation": 0},
            "model": {"layers": [*layers, {"units": 10}]},
            "optimizer": {"name": "adam", "learning_rate": learning_rate},
            "schedule": {"name": "cosine"},
            "training": {"epochs": epochs},
        }
    )
    training, _ = build.training(config, data)
    for _ in training.run():
        pass
    return training.network


def _batches(data: Dataset) -> Batches:
    """Give a split in order, pixels from 0 to 1."""
    return Batches(
        data.images,
        data.labels,
        np.arange(len(data.labels)),
        batch_size=build.EVALUATION_BATCH,
        scaling=Scaling(),
    )


def _row(name: str, network: Network, train: Batches, test: Batches) -> Row:
    graph = NetworkGraph(network, "cross_entropy")
    _, error = loss_and_error(graph, test)
    mistakes = round(error * test.examples)
    interval = wilson_interval(mistakes, test.examples)
    return Row(name, network.parameters.size, loss_and_error(graph, train)[0], error, interval)
