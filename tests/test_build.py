"""From a checkpoint back to its network: the same output, or a message that says what does not fit."""

import copy

import numpy as np
import pytest

from nncli import build
from nncli.config.load import to_mapping
from nncli.data.batches import Batches
from nncli.data.scaling import Scaling
from nncli.errors import CheckpointError, DataError
from nncli.nn.network import NetworkGraph
from nncli.runs.checkpoint import Checkpoint
from nncli.training.evaluator import evaluate


@pytest.fixture
def make_checkpoint(configuration, digits):
    """Make the checkpoint of a network after so many epochs, with the network that it is of."""

    def make(**changes):
        config = configuration(**changes)
        training, scaling = build.training(config, digits["train"])
        for _ in training.run():
            pass
        snapshot = training.snapshot()
        state = snapshot.state | build.context(digits["train"], scaling, fallback=False)
        return Checkpoint(dict(snapshot.tensors), to_mapping(config), state), training

    return make


VARIANTS = {
    "plain": {},
    "float64": {"dtype": "float64"},
    "standardized": {"data": {"scale": "standardize"}},
    "squared error": {"loss": "squared_error"},
    "dropout": {"model": {"input_dropout_probability": 0.2}},
    "averaged": {"training": {"average_weights": 2}},
    "skip": {"model": {"layers": [{"units": 6, "name": "a"}, {"units": 10, "inputs": ["input", "a"]}]}},
}


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_the_network_is_the_one_that_was_validated(changes, make_checkpoint, digits):
    checkpoint, training = make_checkpoint(**changes)
    trained = build.trained(checkpoint, "best")
    data = digits["train"]
    _, indices = build.split_indices(trained.config, data)
    loss, probabilities = evaluate(trained.graph, trained.batches(data.images, data.labels, indices))
    graph = NetworkGraph(training.network, trained.config.loss, parameters=training.evaluated)
    expected_loss, expected = evaluate(graph, training.validation)
    assert loss == expected_loss
    np.testing.assert_array_equal(probabilities, expected)
    assert (trained.epoch, trained.dataset, trained.shape) == (3, "idx", (28, 28))


def test_batches_are_scaled_as_in_the_training(make_checkpoint, digits):
    checkpoint, _ = make_checkpoint(data={"scale": "standardize"})
    trained = build.trained(checkpoint, "best")
    images, labels = digits["test"].images, digits["test"].labels
    ((x, targets),) = trained.batches(images, labels, np.array([3, 1])).epoch()
    scaling = Scaling(**checkpoint.state["scaling"])
    assert scaling.mean > 0
    ((expected, _),) = Batches(images, labels, np.array([3, 1]), batch_size=2, scaling=scaling).epoch()
    np.testing.assert_array_equal(x, expected)
    assert targets.argmax(axis=0).tolist() == labels[[3, 1]].tolist()


def test_images_of_another_shape_are_refused(make_checkpoint, digits):
    trained = build.trained(make_checkpoint()[0], "best")
    data = digits["test"]
    with pytest.raises(DataError, match="the images are 14x56, this network reads 28x28"):
        trained.batches(data.images.reshape(-1, 14, 56), data.labels, np.arange(3))


def without(*path):
    def spoil(checkpoint):
        holder = getattr(checkpoint, path[0])
        for key in path[1:-1]:
            holder = holder[key]
        del holder[path[-1]]

    return spoil


def replaced(value, *path):
    def spoil(checkpoint):
        holder = getattr(checkpoint, path[0])
        for key in path[1:-1]:
            holder = holder[key]
        holder[path[-1]] = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (without("tensors", "output.bias"), "parameter 'output.bias' (10,) is missing"),
        (replaced(np.zeros((3, 3)), "tensors", "hidden1.weights"), "the network needs (12, 784)"),
        (replaced(13, "config", "model", "layers", 0, "units"), "the network needs (13, 784)"),
        (replaced(20, "config", "model", "layers", -1, "units"), "10"),
        (replaced("relo", "config", "model", "layers", 0, "activation"), "relu"),
        (replaced(["output"], "config", "model", "layers", 0, "inputs"), "output"),
        (without("config", "model"), "model"),
        (without("state", "shape"), "shape"),
        (replaced([28], "state", "shape"), "unpack"),
        (replaced([28, 27], "state", "shape"), "the network needs (12, 756)"),
        (replaced(None, "state", "shape"), "NoneType"),
        (replaced("28", "state", "scaling"), "mapping"),
        (replaced({"middle": 3}, "state", "scaling"), "middle"),
        (without("state", "dataset"), "dataset"),
        (without("state", "progress", "epoch"), "epoch"),
    ],
)
def test_a_checkpoint_that_does_not_fit_itself_is_refused(spoil, says, make_checkpoint):
    checkpoint, _ = make_checkpoint(training={"epochs": 1})
    spoiled = copy.deepcopy(checkpoint)
    spoil(spoiled)
    with pytest.raises(CheckpointError) as caught:
        build.trained(spoiled, "runs/x/best.safetensors")
    message = str(caught.value)
    assert message.startswith("runs/x/best.safetensors: does not hold the network it describes (")
    assert says in message
    assert message.endswith("); use another checkpoint, or train again")
