"""A number that is not finite ends the training, and the diagnosis names where it first was."""

import math

import pytest

from nncli.errors import DivergedError
from nncli.training import events
from nncli.training.loop import Training


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_validation_loss_that_is_not_finite_is_a_divergence(loss, small_training, monkeypatch):
    script = iter([(2.0, 0.5), (loss, 0.5)])
    monkeypatch.setattr("nncli.training.loop.loss_and_error", lambda graph, batches: next(script))
    training = small_training()
    with pytest.raises(DivergedError, match="epoch 2, step 8: 'validation loss' is not finite"):
        list(training.run())


def test_training_losses_too_large_to_add_up_are_a_divergence(small_training):
    training = small_training()
    training.progress.loss_sum = math.inf
    with pytest.raises(DivergedError, match="epoch 1, step 4: 'training loss' is not finite"):
        list(training.run())


def test_a_step_too_long_diverges_and_names_the_layer(small_training):
    training = small_training(optimizer={"name": "sgd", "learning_rate": 1e30})
    with pytest.raises(DivergedError, match=r"epoch 1, step \d+: '(hidden1|output)\.\w+' is not finite.*learning_rate"):
        list(training.run())


@pytest.mark.parametrize("name", ["hidden1.weights", "hidden1.bias", "output.weights", "output.bias"])
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_not_finite_in_any_weight_is_found_within_a_step(name, number, small_training):
    training = small_training()
    loop = training.run()
    while not isinstance(next(loop), events.StepFinished):
        pass
    training.network.parameters.value(name).reshape(-1)[-1] = number
    with pytest.raises(DivergedError, match=rf"epoch 1, step 2: '{name}' is not finite"):
        next(loop)


@pytest.mark.parametrize("name", ["hidden1.weights", "hidden1.bias", "output.weights", "output.bias"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_an_error_signal_that_is_not_finite_is_named_when_the_next_step_feels_it(
    name, optimizer, small_training, monkeypatch
):
    training = small_training(optimizer={"name": optimizer, "learning_rate": 0.1})
    backward = training.graph.backward

    def spoiling():
        backward()
        training.graph.leaves[name].error.flat[0] = math.nan

    monkeypatch.setattr(training.graph, "backward", spoiling)
    with pytest.raises(DivergedError, match=rf"epoch 1, step 2: '{name}' is not finite"):
        list(training.run())


def test_a_weight_that_the_loss_does_not_feel_is_found_at_the_end_of_the_epoch(small_training, monkeypatch):
    training = small_training(training={"epochs": 1})
    step = Training._step

    def spoiling(self, x, targets):
        loss = step(self, x, targets)
        if self.progress.step == 4:
            self.network.parameters.value("hidden1.bias")[0] = math.inf
        return loss

    monkeypatch.setattr(Training, "_step", spoiling)
    with pytest.raises(DivergedError, match=r"hidden1\.bias"):
        list(training.run())
