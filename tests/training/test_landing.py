"""Where error signals land changes no result by more than rounding: in every graph, penalty and rule."""

import numpy as np
import pytest

from nncli.training import landing
from nncli.training.landing import Landing, landing_of

GRAPHS = {
    "a chain": {"layers": [{"units": 7}, {"units": 6, "activation": "tanh"}, {"units": 10}]},
    "a layer read twice": {
        "layers": [
            {"name": "a", "units": 7},
            {"name": "b", "units": 6, "inputs": ["a", "input"]},
            {"name": "out", "units": 10, "inputs": ["a", "b"]},
        ]
    },
    "batch norm": {"layers": [{"units": 8, "batch_norm": True}, {"units": 10}]},
    "locally connected": {
        "layers": [
            {"units": 18, "local": {"grid": 3, "window": 12}},
            {"units": 8, "local": {"grid": 2, "window": 2}},
            {"units": 10},
        ]
    },
    "dropout": {"input_dropout_probability": 0.2, "layers": [{"units": 8, "dropout_probability": 0.5}, {"units": 10}]},
}
EXTRAS = {
    "plain": {},
    "l2": {"regularization": {"l2": 0.3}},
    "max norm": {"regularization": {"max_norm": 0.4, "l2": 0.1}},
    "feedback alignment": {"training": {"credit": "feedback_alignment"}},
    "direct feedback alignment": {"training": {"credit": "direct_feedback_alignment"}},
    "short last batch": {"data": {"batch_size": 70}},
    "one example": {"data": {"batch_size": 1}, "training": {"epochs": 1}},
    "cosine, average": {
        "schedule": {"name": "cosine", "warmup_epochs": 0.5},
        "training": {"epochs": 4, "average_weights": 2},
    },
}


def trained(small_training, changes):
    training = small_training(**changes)
    lines = list(training.run())
    state = {"weights": training.network.parameters.values, **training.optimizer.slots}
    return training, lines, {name: vector.copy() for name, vector in state.items()}


@pytest.mark.parametrize("extra", EXTRAS.values(), ids=EXTRAS)
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
@pytest.mark.parametrize("optimizer", landing.LANDINGS)
def test_the_same_weights_wherever_error_signals_land(optimizer, graph, extra, small_training, monkeypatch):
    changes = {"model": graph, "dtype": "float64", "optimizer": {"name": optimizer, "learning_rate": 0.01}} | extra
    _, lines, state = trained(small_training, changes)
    monkeypatch.setattr(landing, "LANDINGS", {})
    default, expected_lines, expected = trained(small_training, changes)
    assert type(default.landing) is Landing
    assert [line.train_loss for line in lines if hasattr(line, "train_loss")] == pytest.approx(
        [line.train_loss for line in expected_lines if hasattr(line, "train_loss")], rel=1e-10
    )
    for name, vector in state.items():
        np.testing.assert_allclose(vector, expected[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("optimizer", "clipped", "l1", "direct"),
    [
        ("sgd", False, 0.0, True),
        ("momentum", False, 0.0, True),
        ("sgd", True, 0.0, False),
        ("momentum", False, 0.1, False),
        ("nesterov", False, 0.0, False),
        ("adam", False, 0.0, False),
    ],
)
def test_what_needs_the_gradient_keeps_it(optimizer, clipped, l1, direct):
    assert (landing_of(optimizer, clipped=clipped, l1=l1) is not Landing) == direct


def test_a_direct_landing_never_writes_the_vector_of_error_signals(small_training):
    training = small_training(optimizer={"name": "sgd"}, regularization={"l2": 0.1})
    list(training.run())
    assert not training.network.parameters.errors.any()
