"""A snapshot that no training left is refused before anything of the training under way changes."""

import copy

import numpy as np
import pytest

from nncli.errors import GraphError
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
        ("optimizer.first_moment", None, "is missing"),
        ("optimizer.first_moment", np.ones(1, np.float32), r"has shape \(1,\)"),
        ("optimizer.first_moment", np.ones((), np.float32), r"has shape \(\)"),
        ("hidden1.bias", np.ones(12), "holds float64, the network needs float32"),
        ("hidden1.bias", np.ones(12, np.int64), "holds int64"),
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
    "progress", [{"step": 3}, {"step": -1}, {"epoch": -1, "step": -2}, {"step": 9}, {"epoch": 10**400}]
)
def test_a_step_that_is_not_of_its_epoch(progress, kept, small_training):
    kept.state["progress"] |= progress
    training = small_training()
    with pytest.raises(ValueError, match="is not one of epoch"):
        snapshot.restore(training, kept.tensors, kept.state)
    assert (training.progress.epoch, training.progress.step) == (0, 0)


@pytest.mark.parametrize("tensor", [None, np.ones(1, np.float32)])
def test_averaged_weights_need_the_weights_that_training_goes_on_from(tensor, small_training):
    averaging = {"training": {"epochs": 2, "average_weights": 2}}
    training = small_training(**averaging)
    list(training.run())
    kept = copy.deepcopy(snapshot.take(training))
    kept.tensors.pop("training.weights")
    if tensor is not None:
        kept.tensors["training.weights"] = tensor
    with pytest.raises(GraphError, match=r"training\.weights"):
        snapshot.restore(small_training(**averaging), kept.tensors, kept.state)


def test_a_training_that_is_further_than_the_plan_asks_for_ends_at_once(small_training):
    whole = small_training(training={"epochs": 3})
    list(whole.run())
    kept = snapshot.take(whole)
    shorter = small_training(training={"epochs": 2})
    snapshot.restore(shorter, kept.tensors, kept.state)
    assert [type(event) for event in shorter.run()] == [events.Started, events.Finished]
