"""From a checkpoint back to its network: the same output, or a message that says what does not fit."""

import copy
import dataclasses
import math
import tracemalloc

import numpy as np
import pytest

from nncli import build
from nncli.config.load import to_mapping
from nncli.data.batches import Batches
from nncli.data.scaling import Scaling
from nncli.errors import AbsentDataError, CheckpointError, DataError
from nncli.evaluation.probabilities import evaluate
from nncli.nn.network import NetworkGraph
from nncli.runs.checkpoint import Checkpoint
from nncli.training import snapshot


@pytest.fixture
def make_checkpoint(configuration, digits):
    """Make the checkpoint of a network after so many epochs, with the network that it is of."""

    def make(**changes):
        config = configuration(**changes)
        training = build.training(config, digits["train"])
        for _ in training.run():
            pass
        taken = snapshot.take(training)
        state = taken.state | build.context(training, digits["train"]).model_dump()
        return Checkpoint(taken.tensors, to_mapping(config), state), training

    return make


VARIANTS = {
    "plain": {},
    "float64": {"dtype": "float64"},
    "standardized": {"data": {"scale": "standardize"}},
    "squared error": {"loss": "squared_error"},
    "dropout": {"model": {"input_dropout_probability": 0.2}},
    "averaged": {"training": {"average_weights": 2}},
    "a layer called training, averaged": {
        "model": {"layers": [{"units": 6, "name": "training"}, {"units": 10, "name": "optimizer"}]},
        "training": {"average_weights": 1},
    },
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
    assert (trained.epoch, trained.inputs.dataset, trained.inputs.shape) == (3, "idx", (28, 28))


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
    with pytest.raises(DataError, match="the images are 14x56, but the network expects 28x28"):
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
        (replaced([28], "state", "shape"), "state.shape.1 is missing"),
        (replaced([28, 27], "state", "shape"), "the network needs (12, 756)"),
        (replaced(None, "state", "shape"), "state.shape "),
        (replaced([28, 28, 1], "state", "shape"), "state.shape "),
        (replaced([0, 28], "state", "shape"), "state.shape.0 "),
        (replaced([-28, -28], "state", "shape"), "state.shape.0 "),
        (replaced([28, "28"], "state", "shape"), "state.shape.1 "),
        (replaced([28, True], "state", "shape"), "state.shape.1 "),
        (replaced([1 << 16, 1], "state", "shape"), "state.shape.0 "),
        (replaced("28", "state", "scaling"), "state.scaling "),
        (replaced({"middle": 3}, "state", "scaling"), "state.scaling.mean "),
        (replaced({"mean": 0.0, "deviation": 255.0, "more": 1}, "state", "scaling"), "state.scaling.more "),
        (replaced(0.0, "state", "scaling", "deviation"), "state.scaling.deviation "),
        (replaced(-1.0, "state", "scaling", "deviation"), "state.scaling.deviation "),
        (replaced(math.nan, "state", "scaling", "deviation"), "state.scaling.deviation "),
        (replaced("255", "state", "scaling", "deviation"), "state.scaling.deviation "),
        (replaced(math.inf, "state", "scaling", "mean"), "state.scaling.mean "),
        (replaced(["ab"], "state", "sha256"), "state.sha256 "),
        (replaced("letters", "state", "dataset"), "trained on 'letters', which is not in its configuration"),
        (replaced("mnist", "state", "dataset"), "trained on 'mnist', which is not in its configuration"),
        (replaced(10**5000, "state", "progress", "epoch"), "state.progress.epoch "),
        (replaced(-1, "state", "progress", "epoch"), "state.progress.epoch "),
        (replaced("float64", "config", "dtype"), "is float32, but the network needs float64"),
        (replaced(np.zeros((12, 784), np.int64), "tensors", "hidden1.weights"), "is int64, but the network"),
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
    assert message.startswith("runs/x/best.safetensors: does not contain the network described in its metadata (")
    assert says in message
    assert message.endswith("); use another checkpoint, or train again")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (replaced(1_000_000, "config", "model", "layers", 0, "units"), "the network needs (1000000, 784)"),
        (replaced([65_535, 65_535], "state", "shape"), "the network needs (12, 4294836225)"),
    ],
)
def test_a_network_that_is_not_in_the_file_takes_no_memory(spoil, says, make_checkpoint):
    spoiled = copy.deepcopy(make_checkpoint(training={"epochs": 1})[0])
    spoil(spoiled)
    tracemalloc.start()
    with pytest.raises(CheckpointError) as caught:
        build.trained(spoiled, "best")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert says in str(caught.value)
    assert peak < 1_000_000


def test_the_examples_of_the_training_are_known_for_its_own_files_alone(make_checkpoint, digits):
    checkpoint, training = make_checkpoint(training={"epochs": 1})
    trained, data = build.trained(checkpoint, "best"), digits["train"]
    for found, known in zip(trained.split(data), (training.batches, training.validation), strict=True):
        assert sorted(found) == sorted(known.indices)
    with pytest.raises(
        DataError, match=r"not the files that the network was trained on \(changed: drawn\).*--data-dir"
    ):
        trained.split(dataclasses.replace(data, sha256={"drawn": "others"}))


def test_a_checkpoint_that_does_not_say_its_files_takes_any(make_checkpoint, digits):
    checkpoint, _ = make_checkpoint(training={"epochs": 1})
    del checkpoint.state["sha256"]
    assert len(build.trained(checkpoint, "best").split(digits["train"])[1]) == 60


def test_absent_data_is_an_error_that_names_the_fallback(configuration, tmp_path):
    config = configuration(data={"name": "mnist", "dir": str(tmp_path)})
    with pytest.raises(AbsentDataError, match=r"--data-dir .*, or set data\.fallback: synthetic-digits"):
        build.dataset(config, "test", offline=True)


def test_the_reason_for_a_fallback_does_not_advise_it(configuration, tmp_path):
    config = configuration(data={"name": "mnist", "dir": str(tmp_path), "fallback": "synthetic-digits"})
    data, reason = build.dataset(config, "test", offline=True)
    assert data.name == "synthetic-digits"
    assert reason is not None
    assert "no t10k-images" in reason
    assert "data.fallback" not in reason
