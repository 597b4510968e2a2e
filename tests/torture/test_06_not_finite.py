"""Numbers that are not finite, put into the loss, the gradient and the weights: training stops within the epoch."""

import math
import random

import numpy as np
import pytest

from nncli.runs import checkpoint, manifest
from nncli.runs.folder import RunFolder
from nncli.training.loop import Training

EVERY_STEP = {"data": {"batch_size": 48}, "training": {"epochs": 4}}  # 20 steps
LAYERS = {
    "relu": [{"units": 8}, {"units": 6}, {"units": 10}],
    "tanh": [{"units": 8, "activation": "tanh"}, {"units": 6, "activation": "logistic"}, {"units": 10}],
}
OPTIMIZERS = ["sgd", "momentum", "adam"]


def poison(patch, where, name, number, at):
    """Put a number into a parameter's values or its gradient in the step after `at` steps, or into the loss."""
    step = Training._step

    def poisoned(training, x, targets):
        if training.progress.step != at:
            return step(training, x, targets)
        graph, parameters = training.graph, training.network.parameters
        if where == "weights":
            parameters.value(name).flat[0] = number
        with pytest.MonkeyPatch.context() as inner:
            spoil = {"gradient": ("backward", graph.backward), "loss": ("forward", graph.forward)}.get(where)
            if spoil:
                inner.setattr(graph, spoil[0], lambda *given: (spoil[1](*given), put(training)))
            return step(training, x, targets)

    def put(training):
        if where == "loss":
            training.graph.loss.value[...] = number
        else:
            training.graph.leaves[name].error.flat[0] = number  # where it lands

    patch.setattr(Training, "_step", poisoned)


def cases():
    names = [f"{layer}.{kind}" for layer in ("hidden1", "hidden2", "output") for kind in ("weights", "bias")]
    places = [("loss", "loss"), *((where, name) for where in ("gradient", "weights") for name in names)]
    every = [
        (where, name, number, activation, optimizer)
        for where, name in places
        for number in (math.nan, math.inf, -math.inf)
        for activation in LAYERS
        for optimizer in OPTIMIZERS
    ]
    random.Random(5).shuffle(every)
    return every


def test_it_stops_within_the_epoch_names_the_layer_and_keeps_the_last_good_checkpoint(
    rounds, nncli, config_file, digits_dir, tmp_path, monkeypatch
):
    chance, every = random.Random(6), cases()
    for number in rounds(short=15, long=3 * len(every)):
        where, name, value, activation, optimizer = every[number % len(every)]
        clip, checkpoints = chance.choice([None, 1.0]), chance.choice([None, 1])
        changes = {
            "model": {"layers": LAYERS[activation]},
            "optimizer": {"name": optimizer},
            "clip_norm": clip,
            "training": EVERY_STEP["training"] | {"checkpoint_every_steps": checkpoints},
        }
        path = config_file(**EVERY_STEP | changes)
        at, folder = chance.randrange(20), RunFolder(tmp_path / f"run {number}")
        with monkeypatch.context() as patch:
            poison(patch, where, name, value, at)
            ended = nncli("train", path, "--data-dir", digits_dir, "--run-dir", folder.path)
        what = (
            f"{value} into {where} {name}, {optimizer}, {activation}, {clip}, {checkpoints}, step {at + 1}: {ended.err}"
        )
        assert ended.code == 6, what
        *_, line = ended.err.splitlines()
        assert line.startswith("error: training diverged in epoch "), what
        stopped = int(line.partition(", step ")[2].partition(":")[0])
        steps = 5  # of an epoch
        assert at <= stopped - 1 <= max(at + 1, at // steps * steps + steps), what
        layer = "loss" if where == "loss" else name.partition(".")[0]
        assert f"'{layer}" in line or (where == "gradient" and "'optimizer" in line), what
        assert manifest.read(folder.manifest).status == "diverged"
        for file in (folder.last, folder.best):
            if file.exists():
                kept = checkpoint.load(file)
                assert kept.state["progress"]["step"] <= at
                assert all(np.isfinite(tensor).all() for tensor in kept.tensors.values())
        expected = at if checkpoints else at // steps * steps
        assert (checkpoint.load(folder.last).state["progress"]["step"] if folder.last.exists() else 0) == expected
