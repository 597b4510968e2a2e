"""The loop: what it says and when, when it stops, and that a snapshot taken anywhere leads to the same end."""

import numpy as np
import pytest

from nncli.training import events, snapshot

DROPOUT = {"input_dropout_probability": 0.1, "layers": [{"units": 12, "dropout_probability": 0.3}, {"units": 10}]}

EVERYTHING = {
    "momentum, averaging, early stopping": {
        "model": DROPOUT,
        "optimizer": {"name": "momentum", "learning_rate": 0.1},
        "regularization": {"l2": 1e-3, "max_norm": 1.0},
        "clip_norm": 1.0,
        "training": {"epochs": 4, "average_weights": 2, "evaluate_every": 2, "early_stopping": {"patience": 1}},
    },
    "adam, cosine, standardized": {
        "model": DROPOUT,
        "data": {"scale": "standardize"},
        "optimizer": {"name": "adam"},
        "schedule": {"name": "cosine", "warmup_epochs": 0.5},
        "regularization": {"l1": 1e-4},
        "training": {"early_stopping": {"metric": "validation_loss", "patience": 3}},
    },
    "nesterov in float64": {"model": DROPOUT, "dtype": "float64", "optimizer": {"name": "nesterov"}},
    "adamw, nothing held out": {"data": {"validation": 0}, "optimizer": {"name": "adamw"}, "training": {"epochs": 2}},
    "distortions, batch norm, exponential average": {
        "model": {"layers": [{"units": 12, "batch_norm": True, "dropout_probability": 0.2}, {"units": 10}]},
        "data": {"augment": {"shift": 1, "rotate": 10, "scale": 0.1, "shear": 5, "elastic": {"alpha": 30}}},
        "training": {"ema_decay": 0.9, "label_smoothing": 0.1},
        "schedule": {"name": "one_cycle"},
    },
    "sgd, one batch an epoch": {"data": {"batch_size": 1000}, "optimizer": {"name": "sgd"}},
}


def finish(training):
    return list(training.run())


def of_kind(kind, said):
    return [event for event in said if isinstance(event, kind)]


def stopped_after(training, step):
    """Run a training and ask it to stop after a step."""
    for event in training.run():
        if isinstance(event, events.StepFinished) and event.step == step:
            training.stop()
    return training


def frozen(training):
    """Give everything a snapshot holds, tensors as bytes."""
    taken = snapshot.take(training)
    return {name: tensor.tobytes() for name, tensor in taken.tensors.items()}, taken.state


@pytest.mark.parametrize("changes", EVERYTHING.values(), ids=EVERYTHING)
def test_stopped_after_any_step_and_restored_it_ends_the_same(changes, small_training):
    whole = small_training(**changes)
    finish(whole)
    assert whole.progress.step > 0
    for step in range(whole.progress.step + 1):
        first = stopped_after(small_training(**changes), step) if step else small_training(**changes)
        assert first.progress.step == step
        kept = snapshot.take(first)
        second = small_training(**changes)
        snapshot.restore(second, {name: tensor.copy() for name, tensor in kept.tensors.items()}, kept.state)
        finish(second)
        assert frozen(second) == frozen(whole), f"stopped after step {step}"


def test_a_training_is_the_same_every_time_and_another_with_another_seed(small_training):
    runs = [small_training(model=DROPOUT, seed=seed) for seed in (5, 5, 6)]
    for training in runs:
        finish(training)
    first, again, other = map(frozen, runs)
    assert first == again
    assert first[0]["hidden1.weights"] != other[0]["hidden1.weights"]


def test_events_come_in_order_and_count_right(small_training):
    said = finish(small_training())
    kinds = [type(event) for event in said]
    epoch = [events.StepFinished] * 4 + [events.EpochFinished]
    assert kinds == [events.Started, *epoch * 3, events.Finished]
    assert said[0] == events.Started(epoch=0, step=0, epochs=3, steps_per_epoch=4, examples=240)
    steps = of_kind(events.StepFinished, said)
    assert [event.step for event in steps] == list(range(1, 13))
    assert [(event.epoch, event.step_of_epoch, event.examples) for event in steps[3:5]] == [(1, 4, 240), (2, 1, 64)]
    assert said[-1] == events.Finished(events.COMPLETED, epoch=3, step=12)


def test_training_figures_are_means_over_the_examples_of_the_epoch(small_training):
    said = finish(small_training(training={"epochs": 1}))
    sizes = [64, 64, 64, 48]
    losses = [event.loss for event in of_kind(events.StepFinished, said)]
    (epoch,) = of_kind(events.EpochFinished, said)
    assert epoch.train_loss == pytest.approx(np.average(losses, weights=sizes))
    assert 0 < epoch.train_error < 1
    assert round(epoch.train_error * 240, 6) == round(epoch.train_error * 240)


def test_every_epoch_counts_anew_and_in_an_order_of_its_own(small_training):
    still = small_training(optimizer={"name": "sgd", "learning_rate": 1e-30})  # so that only the order differs
    said = finish(still)
    first, *others = of_kind(events.EpochFinished, said)
    losses = [event.loss for event in of_kind(events.StepFinished, said)]
    for number, epoch in enumerate(others, start=1):
        assert epoch.train_error == first.train_error
        assert epoch.train_loss == pytest.approx(first.train_loss, rel=1e-5)
        assert losses[4 * number : 4 * number + 4] != losses[:4]


def test_training_figures_of_a_resumed_epoch_cover_the_whole_of_it(small_training):
    (whole, *_) = of_kind(events.EpochFinished, finish(small_training()))
    kept = snapshot.take(stopped_after(small_training(), 2))
    resumed = small_training()
    snapshot.restore(resumed, kept.tensors, kept.state)
    said = finish(resumed)
    assert said[0] == events.Started(epoch=0, step=2, epochs=3, steps_per_epoch=4, examples=240)
    (rest, *_) = of_kind(events.EpochFinished, said)
    assert [event.examples for event in of_kind(events.StepFinished, said)[:3]] == [192, 240, 64]
    assert (rest.train_loss, rest.train_error) == (whole.train_loss, whole.train_error)


def test_it_learns(small_training):
    training = small_training(training={"epochs": 20}, optimizer={"name": "adam", "learning_rate": 0.01})
    first, *_, last = of_kind(events.EpochFinished, finish(training))
    assert last.train_loss < first.train_loss / 2
    assert last.validation_error < 0.4


@pytest.mark.parametrize(("every", "evaluated"), [(1, [1, 2, 3, 4, 5]), (2, [2, 4, 5]), (9, [5])])
def test_it_evaluates_every_so_many_epochs_and_at_the_end(every, evaluated, small_training):
    said = finish(small_training(training={"epochs": 5, "evaluate_every": every}))
    epochs = of_kind(events.EpochFinished, said)
    assert [event.epoch for event in epochs if event.validation_error is not None] == evaluated
    assert [event.epoch for event in epochs if event.validation_loss is not None] == evaluated


def scripted(training, monkeypatch, errors):
    """Let evaluations find these (loss, error) pairs, one after the other."""
    script = iter(errors)
    monkeypatch.setattr("nncli.training.loop.loss_and_error", lambda graph, batches: next(script))
    return training


@pytest.mark.parametrize(
    ("metric", "best"), [("validation_error", (2, 0.2, [1, 2])), ("validation_loss", (3, 0.4, [1, 3]))]
)
def test_the_best_epoch_is_best_in_the_metric_chosen(metric, best, small_training, monkeypatch):
    training = small_training(training={"early_stopping": {"metric": metric, "patience": 9}})
    epochs = of_kind(
        events.EpochFinished, finish(scripted(training, monkeypatch, [(3.0, 0.3), (4.0, 0.2), (1.0, 0.4)]))
    )
    epoch, error, improved = best
    assert (training.progress.best_epoch, training.progress.best_error) == (epoch, error)
    assert [event.epoch for event in epochs if event.improved] == improved


def test_patience_counts_evaluations_without_an_improvement(small_training, monkeypatch):
    training = small_training(training={"epochs": 9, "early_stopping": {"patience": 2}})
    said = finish(scripted(training, monkeypatch, [(1, 0.5), (1, 0.6), (1, 0.4), (1, 0.4), (1, 0.5), (1, 0.1)]))
    assert said[-1] == events.Finished(events.EARLY, epoch=5, step=20)
    assert training.progress.best_epoch == 3
    assert finish(training) == [events.Started(5, 20, 9, 4, 240, done=True), said[-1]]  # and it stays stopped


def test_where_nothing_is_held_out_the_latest_epoch_is_the_best(small_training):
    training = small_training(data={"validation": 0})
    epochs = of_kind(events.EpochFinished, finish(training))
    assert all(event.improved and event.validation_error is None for event in epochs)
    assert (training.progress.best_epoch, training.progress.best_error) == (3, None)


def test_weights_are_averaged_over_the_last_epochs(small_training):
    training = small_training(training={"epochs": 4, "average_weights": 2})
    ends = []
    for event in training.run():
        if isinstance(event, events.EpochFinished):
            ends.append(training.network.parameters.values.copy())
            judged = training.evaluated.values
            expected = ends[-1] if event.epoch < 3 else np.mean(ends[2:], axis=0)
            np.testing.assert_allclose(judged, expected, rtol=1e-5, atol=1e-7)
    tensors = snapshot.take(training).tensors
    assert tensors["state/weights"].tobytes() == ends[-1].tobytes()
    assert tensors["output.bias"].tobytes() == training.evaluated.value("output.bias").tobytes()


def test_the_norm_of_incoming_weights_stays_bounded(small_training):
    training = small_training(regularization={"max_norm": 0.5})
    finish(training)
    for layer in training.network.layers:
        norms = np.linalg.norm(training.network.parameters.value(layer.weights), axis=1)
        assert norms.max() <= 0.5 * (1 + 1e-6)


@pytest.mark.parametrize("name", ["sgd", "momentum"])
@pytest.mark.parametrize("rate", [1.0, 0.3])
def test_the_gradient_is_clipped_before_the_step(name, rate, small_training):
    training = small_training(clip_norm=0.01, optimizer={"name": name, "learning_rate": rate})
    before = training.network.parameters.values.copy()
    stopped_after(training, 1)
    assert np.linalg.norm(training.network.parameters.values - before) == pytest.approx(0.01 * rate, rel=1e-4)


def test_the_learning_rate_follows_the_schedule_step_by_step(small_training, monkeypatch):
    training = small_training(
        optimizer={"name": "sgd", "learning_rate": 0.4}, schedule={"name": "step", "every": 1, "factor": 0.5}
    )
    aimed, aim = [], training.landing.aim

    def noting(rate):
        aimed.append(rate)
        aim(rate)

    monkeypatch.setattr(training.landing, "aim", noting)
    rates = [event.learning_rate for event in training.run() if isinstance(event, events.EpochFinished)]
    assert rates == pytest.approx([0.4, 0.2, 0.1])
    assert aimed == pytest.approx([0.4] * 4 + [0.2] * 4 + [0.1] * 4)


@pytest.mark.parametrize("step", [1, 4, 6])
def test_stop_ends_it_after_the_step_under_way(step, small_training):
    training = small_training()
    said = []
    for event in training.run():
        said.append(event)
        if isinstance(event, events.StepFinished) and event.step == step:
            training.stop()
    assert said[-1] == events.Finished(events.INTERRUPTED, epoch=step // 4, step=step)
    assert len(of_kind(events.EpochFinished, said)) == step // 4


def test_stop_during_the_last_step_comes_too_late_to_interrupt(small_training):
    training = small_training()
    said = []
    for event in training.run():
        said.append(event)
        if isinstance(event, events.StepFinished) and event.step == 12:
            training.stop()
    assert said[-1] == events.Finished(events.COMPLETED, epoch=3, step=12)


def test_stop_before_the_first_step_takes_none(small_training):
    training = small_training()
    training.stop()
    assert finish(training)[1:] == [events.Finished(events.INTERRUPTED, epoch=0, step=0)]
