"""A snapshot that no training left is refused before anything of the training under way changes."""

import copy
import math
import re

import numpy as np
import pytest

from nncli.errors import DivergedError, GraphError
from nncli.training import events, snapshot


@pytest.fixture
def kept(small_training):
    training = small_training()
    for event in training.run():
        if isinstance(event, events.StepFinished) and event.step == 6:
            training.stop()
    return copy.deepcopy(snapshot.take(training))


@pytest.mark.parametrize(
    ("name", "tensor", "says"),
    [
        ("state/optimizer.first_moment", None, "is missing"),
        ("state/optimizer.first_moment", np.ones(1, np.float32), r"has shape \(1,\)"),
        ("state/optimizer.first_moment", np.ones((), np.float32), r"has shape \(\)"),
        ("hidden1.bias", np.ones(12), "is float64, but the network needs float32"),
        ("hidden1.bias", np.ones(12, np.int64), "is int64"),
    ],
)
def test_tensors_that_do_not_fit_exactly(name, tensor, says, kept, small_training):
    kept.tensors.pop(name)
    if tensor is not None:
        kept.tensors[name] = tensor
    training = small_training()
    before = copy.deepcopy(snapshot.take(training))
    with pytest.raises(GraphError, match=f"'{name}' .*{says}"):
        snapshot.restore(training, kept.tensors, kept.state)
    after = snapshot.take(training)
    assert after.state == before.state
    assert all(np.array_equal(after.tensors[each], before.tensors[each]) for each in before.tensors)


@pytest.mark.parametrize(
    ("progress", "says"),
    [
        ({"step": 3}, "step 3 is not in epoch 2"),
        ({"step": 9}, "step 9 is not in epoch 2"),
        ({"step": -1}, "state.progress.step should be"),
        ({"epoch": -1, "step": -2}, "state.progress.epoch should be"),
        ({"epoch": 10**400}, "state.progress.epoch should be"),
        ({"epoch": "1"}, "state.progress.epoch should be"),
        ({"best": "0.5"}, "state.progress.best should be"),
        ({"best": math.nan}, "state.progress.best should be"),
        ({"stale": None}, "state.progress.stale should be"),
    ],
)
def test_a_progress_that_no_training_made(progress, says, kept, small_training):
    kept.state["progress"] |= progress
    refuse(kept, says, small_training)


def refuse(kept, says, small_training):
    training = small_training()
    before = copy.deepcopy(snapshot.take(training))
    with pytest.raises((KeyError, TypeError, ValueError), match=re.escape(says)):
        snapshot.restore(training, kept.tensors, kept.state)
    assert snapshot.take(training).state == before.state
    assert np.array_equal(training.network.parameters.value("output.weights"), before.tensors["output.weights"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda state: state.pop("noise"), "noise"),
        (lambda state: state["noise"].pop("state"), "state"),
        (lambda state: state.pop("progress"), "state.progress should be"),
        (lambda state: state["progress"].pop("step"), "state.progress.step is missing"),
    ],
)
def test_a_state_with_a_part_missing(spoil, says, kept, small_training):
    spoil(kept.state)
    refuse(kept, says, small_training)


@pytest.mark.parametrize("tensor", [None, np.ones(1, np.float32)])
def test_averaged_weights_need_the_weights_that_training_goes_on_from(tensor, small_training):
    averaging = {"training": {"epochs": 2, "average_weights": 2}}
    training = small_training(**averaging)
    list(training.run())
    kept = copy.deepcopy(snapshot.take(training))
    kept.tensors.pop("state/weights")
    if tensor is not None:
        kept.tensors["state/weights"] = tensor
    with pytest.raises(GraphError, match=r"state/weights"):
        snapshot.restore(small_training(**averaging), kept.tensors, kept.state)


def test_a_training_that_is_further_than_the_plan_asks_for_ends_at_once(small_training):
    whole = small_training(training={"epochs": 3})
    list(whole.run())
    kept = snapshot.take(whole)
    shorter = small_training(training={"epochs": 2})
    snapshot.restore(shorter, kept.tensors, kept.state)
    assert [type(event) for event in shorter.run()] == [events.Started, events.Finished]


def test_weights_that_are_not_finite_make_no_snapshot(small_training):
    training = small_training()
    training.network.parameters.value("output.bias")[3] = math.nan
    with pytest.raises(DivergedError, match=r"output\.bias"):
        snapshot.take(training)


def test_an_optimizer_that_is_not_finite_makes_no_snapshot(small_training):
    training = small_training()
    training.optimizer.slots["second_moment"][3] = math.inf
    with pytest.raises(DivergedError, match="second_moment"):
        snapshot.take(training)
