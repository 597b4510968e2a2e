"""Mini-batches: every example once an epoch, as columns, in an order that a generator decides and a start can enter."""

import json
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.data.augment import Augmentation
from nncli.data.batches import Batches
from nncli.data.scaling import UNIT

EXAMPLES = 40


@pytest.fixture(scope="module")
def arrays():
    """Images whose first pixel is their number, and labels that follow from it."""
    images = np.random.default_rng(1).integers(0, 256, (EXAMPLES, 3, 4), np.uint8)
    images[:, 0, 0] = np.arange(EXAMPLES)
    return images, (np.arange(EXAMPLES) * 7 % 10).astype(np.uint8)


def make(arrays, indices=None, batch_size=16, dtype=np.float64):
    indices = np.arange(EXAMPLES) if indices is None else np.array(indices, np.int64)
    images, labels = arrays
    return Batches(images, labels, indices, batch_size=batch_size, scaling=UNIT, dtype=dtype)


def numbers(x):
    """Read off which examples a batch holds."""
    return np.rint(x[0] * 255).astype(int).tolist()


def drawn(batches, *arguments, **options):
    """Give the examples of each mini-batch of an epoch."""
    return [numbers(x) for x, _ in batches.epoch(*arguments, **options)]


def rng(seed=1):
    return np.random.default_rng(seed)


def test_without_a_generator_the_order_is_the_splits(arrays):
    batches = make(arrays, indices=[5, 3, 8, 1, 30], batch_size=2)
    assert drawn(batches) == [[5, 3], [8, 1], [30]]
    assert (len(batches), batches.examples) == (3, 5)
    assert batches.labels.tolist() == [5 * 7 % 10, 3 * 7 % 10, 8 * 7 % 10, 7, 0]


@given(
    indices=st.lists(st.integers(0, EXAMPLES - 1), min_size=1, unique=True),
    batch_size=st.integers(1, 50),
    seed=st.integers(0, 2**32),
)
def test_every_example_comes_exactly_once_an_epoch(arrays, indices, batch_size, seed):
    batches = make(arrays, indices, batch_size)
    epoch = drawn(batches, rng(seed))
    assert sorted(chain.from_iterable(epoch)) == sorted(indices)
    assert len(epoch) == len(batches)
    assert {len(batch) for batch in epoch[:-1]} <= {batch_size}


@given(batch_size=st.integers(1, 50), start=st.integers(0, 41), seed=st.integers(0, 2**32))
def test_starting_late_gives_the_rest_of_the_same_epoch(arrays, batch_size, start, seed):
    batches = make(arrays, batch_size=batch_size)
    assert drawn(batches, rng(seed), start=start) == drawn(batches, rng(seed))[start:]


@pytest.mark.parametrize("start", range(8))
def test_starting_late_gives_the_same_distortions(start, arrays, monkeypatch):
    monkeypatch.setattr("nncli.data.batches.FETCHED", 12)
    images, labels = arrays
    batches = Batches(
        images, labels, np.arange(EXAMPLES), batch_size=6, scaling=UNIT, augment=Augmentation(shift=1, rotate=30)
    )

    def inputs(**options):
        return [x.copy() for x, _ in batches.epoch(rng(), noise=rng, **options)]

    whole, rest = inputs(), inputs(start=start)
    assert len(rest) == 7 - min(start, 7)
    assert all(np.array_equal(*pair) for pair in zip(whole[start:], rest, strict=True))
    assert not np.array_equal(whole[0], next(make(arrays, batch_size=6).epoch(rng()))[0])


def test_the_generator_decides_the_order(arrays):
    batches = make(arrays)
    first = drawn(batches, rng(1))
    assert first == drawn(batches, rng(1))
    assert first != drawn(batches, rng(2))
    assert first != drawn(batches)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_examples_and_one_hot_targets_are_columns(arrays, dtype):
    images, labels = arrays
    for x, targets in make(arrays, dtype=dtype).epoch(rng()):
        chosen = numbers(x)
        assert (x.shape, targets.shape) == ((12, len(chosen)), (10, len(chosen)))
        assert x.dtype == targets.dtype == dtype
        np.testing.assert_allclose(x, images[chosen].reshape(len(chosen), 12).T / 255, rtol=1e-6)
        assert targets.argmax(axis=0).tolist() == labels[chosen].tolist()
        assert np.array_equal(np.sort(targets, axis=0)[-2:], [[0] * len(chosen), [1] * len(chosen)])


@pytest.mark.parametrize("smoothing", ["0.0", "0.1", "0.4"])
def test_smoothed_targets_give_pytorchs_loss(smoothing, arrays):
    recipes = json.loads((Path(__file__).parents[1] / "fixtures/torch_recipes.json").read_text(encoding="utf-8"))
    labels, logits = (np.array(recipes["smoothed"][key]) for key in ("labels", "logits"))
    images = np.zeros((len(labels), 2, 2), np.uint8)
    batches = Batches(
        images,
        labels.astype(np.uint8),
        np.arange(len(labels)),
        batch_size=len(labels),
        scaling=UNIT,
        dtype=np.float64,
        smoothing=float(smoothing),
    )
    ((_, targets),) = batches.epoch()
    log_softmax = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    loss = -(targets.T * log_softmax).sum() / len(labels)
    assert loss == pytest.approx(recipes["smoothed"]["losses"][smoothing], rel=1e-12)
    assert targets.argmax(axis=0).tolist() == labels.tolist()


def test_arrays_are_used_again(arrays):
    batches = make(arrays)
    first, again = ([x.__array_interface__["data"] for x, _ in batches.epoch(rng())] for _ in range(2))
    assert first == again
    assert len({targets.__array_interface__["data"] for _, targets in batches.epoch(rng())}) == 1


def test_the_images_are_left_alone(arrays):
    before = arrays[0].copy()
    for x, targets in make(arrays).epoch(rng()):
        x[...], targets[...] = -1, -1
    assert np.array_equal(arrays[0], before)
    assert sorted(chain.from_iterable(drawn(make(arrays)))) == list(range(EXAMPLES))
