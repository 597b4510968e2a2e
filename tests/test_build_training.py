"""From a configuration to a training: each key reaches the object it is meant for."""

import dataclasses

import numpy as np
import pytest

from nncli import build
from nncli.data.dataset import Dataset
from nncli.errors import AbsentDataError, ConfigError, DataError
from nncli.optim.optimizers import OPTIMIZERS


def test_the_same_seed_draws_the_same_weights_and_another_seed_others(configuration):
    first, again, other = (build.network(configuration(seed=seed), 784).parameters.values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_dropout_draws_from_the_seed_and_from_a_stream_of_its_own(configuration, digits):
    first, again, other = (
        build.training(configuration(seed=seed), digits["train"]).noise.random(8).tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_layers_reach_the_network(configuration):
    model = {
        "input_dropout_probability": 0.2,
        "layers": [
            {"units": 6, "name": "a", "activation": "sigmoid", "dropout_probability": 0.5, "initializer": "zeros"},
            {"units": 10, "inputs": ["a", "input"], "initializer": {"name": "uniform", "scale": 0.25}},
        ],
    }
    network = build.network(configuration(model=model, dtype="float64"), 20)
    hidden, output = network.layers
    assert (hidden.name, hidden.units, hidden.activation, hidden.dropout_probability) == ("a", 6, "logistic", 0.5)
    assert (output.name, output.inputs, output.activation) == ("output", ("a", "input"), "linear")
    assert network.input_drop_probability == 0.2
    assert network.parameters.values.dtype == np.float64
    assert not network.parameters.value("a.weights").any()
    drawn = network.parameters.value("output.weights")
    assert drawn.shape == (10, 26)
    assert 0.2 < np.abs(drawn).max() <= 0.25


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("sgd", {}),
        ("momentum", {"momentum": 0.7}),
        ("nesterov", {"momentum": 0.6}),
        ("adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6}),
        ("adamw", {"beta1": 0.7, "weight_decay": 0.1}),
    ],
)
def test_optimizers_get_their_settings(name, settings, configuration):
    built = build.optimizer(configuration(optimizer={"name": name, **settings}), 11)
    assert type(built) is OPTIMIZERS[name]
    assert {key: getattr(built, key) for key in settings} == settings
    assert all(slot.shape == (11,) for slot in built.slots.values())


@pytest.mark.parametrize(
    ("schedule", "rates"),  # at the start, after 2 and after 4 of 4 epochs
    [
        ({"name": "constant"}, (0.5, 0.5, 0.5)),
        ({"name": "step", "every": 2, "factor": 0.1}, (0.5, 0.05, 0.005)),
        ({"name": "exponential", "decay": 0.5}, (0.5, 0.125, 0.03125)),
        ({"name": "cosine", "final": 0.0}, (0.5, 0.25, 0.0)),
        ({"name": "cosine", "final": 0.2}, (0.5, 0.3, 0.1)),
    ],
)
def test_schedules_turn_epochs_into_learning_rates(schedule, rates, configuration):
    config = configuration(schedule=schedule, optimizer={"name": "sgd", "learning_rate": 0.5}, training={"epochs": 4})
    rate = build.learning_rate(config)
    assert (rate(0), rate(2), rate(4)) == pytest.approx(rates, abs=1e-12)


def test_a_warm_up_rises_to_the_schedule(configuration):
    schedule = {"name": "constant", "warmup_epochs": 2.0}
    rate = build.learning_rate(configuration(schedule=schedule, optimizer={"name": "sgd", "learning_rate": 0.5}))
    rising = [rate(epoch) for epoch in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)]
    assert rising == sorted(rising)
    assert rising[0] < 0.1
    assert rising[-2:] == pytest.approx([0.5, 0.5])


def test_the_split_leaves_no_example_out_and_none_twice(configuration, digits):
    training = build.training(configuration(), digits["train"])
    assert training.validation
    held_out = training.validation.indices
    assert len(held_out) == 60
    assert sorted([*training.batches.indices, *held_out]) == list(range(300))


def test_penalties_belong_to_what_is_differentiated_and_not_to_the_loss(configuration, digits):
    plain, penalized = (
        build.training(configuration(regularization={"l2": l2}, dtype="float64"), digits["train"]) for l2 in (0.0, 0.5)
    )
    x, targets = next(plain.batches.epoch())
    for training in (plain, penalized):
        training.graph.forward(x, targets)
    assert penalized.graph.loss.value == plain.graph.loss.value
    weights = [plain.network.parameters.value(layer.weights) for layer in plain.network.layers]
    expected = 0.25 * sum(np.sum(np.square(matrix)) for matrix in weights)
    assert penalized.graph.objective.value - plain.graph.objective.value == pytest.approx(expected)


def test_standardizing_looks_at_the_training_examples_only(configuration, digits):
    config = configuration(data={"scale": "standardize"})
    training = build.training(config, digits["train"])
    scaling = training.batches.scaling
    pixels = digits["train"].images[training.batches.indices]
    assert (scaling.mean, scaling.deviation) == pytest.approx((pixels.mean(), pixels.std()))
    assert training.validation
    assert training.validation.scaling == scaling


def test_images_of_any_size_set_the_input_units(configuration):
    images = np.random.default_rng(1).integers(0, 256, (80, 5, 7), np.uint8)
    data = Dataset("idx", "train", images, np.arange(80, dtype=np.uint8) % 10, {"images": "ab"})
    training = build.training(configuration(data={"validation": 20}), data)
    assert training.network.input_units == 35
    fallback = dataclasses.replace(data, name="synthetic-digits")
    assert build.context(training, fallback).model_dump() == {
        "dataset": "synthetic-digits",
        "sha256": {"images": "ab"},
        "fallback": True,
        "shape": (5, 7),
        "scaling": {"mean": 0.0, "deviation": 255.0},
    }


def test_every_hard_threshold_is_refused_with_what_to_use_instead(configuration, digits):
    layers = [{"units": 8, "activation": "hard_threshold"}] * 2 + [{"units": 10}]
    with pytest.raises(ConfigError) as refusal:
        build.training(configuration(model={"layers": layers}), digits["train"])
    assert [line.split(":")[0] for line in refusal.value.problems] == [
        "model.layers[0].activation",
        "model.layers[1].activation",
    ]
    assert all("use logistic or tanh" in line for line in refusal.value.problems)


@pytest.mark.parametrize("validation", [300, 10_000])
def test_nothing_left_to_train_on_is_an_error(validation, configuration, digits):
    with pytest.raises(DataError, match=r"data\.validation"):
        build.training(configuration(data={"validation": validation}), digits["train"])


def test_what_was_read_is_recorded(configuration, digits, digits_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(digits_dir.parent)
    config = configuration(data={"dir": digits_dir.name})
    data, reason = build.dataset(config, "test")
    assert (len(data.images), reason) == (60, None)
    assert build.as_read(config, data).data.dir == str(digits_dir)
    fallback = dataclasses.replace(digits["test"], name="synthetic-digits")
    for each in (build.as_read(config, fallback), build.as_read(build.reading_from(config, None), data)):
        assert each == configuration()
    with pytest.raises(DataError, match="nowhere"):
        build.dataset(build.reading_from(config, str(tmp_path / "nowhere")), "test")


def test_a_fallback_says_why_and_only_takes_the_place_of_what_cannot_be_had(
    configuration, digits, digits_dir, tmp_path, monkeypatch
):
    asked = []

    def load(name, split, **options):
        asked.append((name, split))
        if name == "mnist":
            raise AbsentDataError("not here")
        return digits[split]

    monkeypatch.setattr(build, "load", load)
    config = configuration(data={"name": "mnist", "fallback": "synthetic-digits"})
    assert build.dataset(config, "test") == (digits["test"], "not here")
    assert asked == [("mnist", "test"), ("synthetic-digits", "test")]
    with pytest.raises(DataError, match="not here"):
        build.dataset(configuration(data={"name": "mnist"}), "train")


def test_a_fallback_does_not_hide_damaged_data(configuration, tmp_path):
    for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        (tmp_path / name).write_bytes(b"not MNIST")
    config = configuration(data={"name": "mnist", "dir": str(tmp_path), "fallback": "synthetic-digits"})
    with pytest.raises(DataError, match="train-images"):
        build.dataset(config, "train")
