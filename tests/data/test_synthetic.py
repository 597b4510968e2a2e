"""The digits nncli draws: what MNIST's framing promises, and the same digits for the same seed."""

import numpy as np
import pytest

from nncli.data import synthetic
from nncli.data.synthetic import generate


@pytest.fixture(scope="module")
def drawn():
    return generate(1000, seed=3)


def test_images_and_labels_have_mnists_shapes_and_types(drawn):
    images, labels = drawn
    assert images.shape == (1000, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert images.flags.c_contiguous
    assert labels.shape == (1000,)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 257, 1003])
def test_classes_are_as_balanced_as_the_count_allows(count):
    images, labels = generate(count, seed=1)
    assert len(images) == len(labels) == count
    assert np.ptp(np.bincount(labels, minlength=10)) <= 1
    assert labels.max(initial=0) <= 9


def test_classes_come_in_random_order(drawn):
    labels = drawn[1]
    assert np.bincount(labels[:200], minlength=10).min() > 5
    assert not np.array_equal(labels[:10], labels[10:20])


def test_the_same_seed_draws_the_same_digits(drawn):
    for first, second in zip(drawn, generate(1000, seed=3), strict=True):
        np.testing.assert_array_equal(first, second)


def test_different_seeds_draw_different_digits(drawn):
    images, labels = generate(1000, seed=4)
    assert not np.array_equal(labels, drawn[1])
    ours = {image.tobytes() for image in images}
    assert len(ours) == 1000
    assert ours.isdisjoint(image.tobytes() for image in drawn[0])


def test_global_random_state_is_neither_read_nor_changed():
    before = np.random.get_state(legacy=False)["state"]["key"].copy()  # noqa: NPY002 (the state that must not change)
    generate(5, seed=1)
    np.testing.assert_array_equal(before, np.random.get_state(legacy=False)["state"]["key"])  # noqa: NPY002


@pytest.mark.parametrize("block", [7, 1000])
def test_blocks_do_not_change_the_images(drawn, monkeypatch, block):
    monkeypatch.setattr(synthetic, "BLOCK", block)
    np.testing.assert_array_equal(generate(1000, seed=3)[0], drawn[0])


def test_digits_are_centred_by_mass(drawn):
    images = drawn[0] / 255.0
    pixels = np.arange(28)
    mass = images.sum(axis=(1, 2))
    for axis in (1, 2):
        centres = (images.sum(axis=axis) * pixels).sum(axis=1) / mass
        assert abs(centres.mean() - 14) < 0.15
        assert np.percentile(np.abs(centres - 14), 95) < 0.8  # MNIST: 0.5, as it moves digits by whole pixels
        assert np.abs(centres - 14).max() < 2


def test_digits_fill_a_box_of_20_pixels(drawn):
    ink = drawn[0] > 127
    sides = [[np.ptp(np.flatnonzero(line)) + 1 for line in ink.any(axis=axis)] for axis in (1, 2)]
    longest = np.max(sides, axis=0)
    assert 18 <= np.median(longest) <= 20
    assert longest.max() <= 22


def test_strokes_are_white_on_black_with_soft_edges(drawn):
    images = drawn[0]
    assert (images == 0).mean() > 0.5
    assert np.median(images.max(axis=(1, 2))) == 255
    assert 0.05 < ((images > 0) & (images < 255)).mean() < 0.3
    assert 60 < (images / 255).sum(axis=(1, 2)).mean() < 140  # MNIST: 103 pixels of ink


def test_a_network_would_find_the_classes_apart(drawn):
    """A nearest-mean classifier, far weaker than any network, reads fresh digits well above chance."""
    images, labels = drawn
    means = np.stack([images[labels == digit].mean(axis=0).ravel() for digit in range(10)])
    fresh, truth = generate(500, seed=9)
    distances = ((fresh.reshape(500, 1, -1) - means) ** 2).sum(axis=2)
    assert (distances.argmin(axis=1) == truth).mean() > 0.5
