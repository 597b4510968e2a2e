"""Deskewed digits are upright, a frame adds only background, and both are what a trained network reads later."""

import numpy as np
import pytest

from nncli import build
from nncli.data import synthetic
from nncli.data.preparation import Preparation, deskewed, framed
from nncli.errors import DataError


@pytest.fixture(scope="module")
def images():
    return synthetic.generate(300, 7)[0]


def slopes(images):
    """Return the slope of the regression of the column on the row, weighted by ink."""
    y, x = np.indices(images.shape[1:])
    found = []
    for image in images.astype(float):
        dy, dx = y - np.average(y, weights=image), x - np.average(x, weights=image)
        found.append(np.sum(image * dx * dy) / np.sum(image * dy * dy))
    return np.array(found)


def test_deskewed_digits_are_upright_and_stay_in_place(images):
    straight = deskewed(images)
    assert np.abs(slopes(images)).mean() > 0.1
    assert np.abs(slopes(straight)).max() < 0.02
    for axis in (1, 2):
        rows = np.arange(28)
        centres = [(each.sum(axis=3 - axis) @ rows) / each.sum(axis=(1, 2)) for each in (images, straight)]
        assert np.abs(centres[0] - centres[1]).max() < 0.1


def test_an_upright_or_empty_image_is_unchanged():
    bar = np.zeros((2, 28, 28), np.uint8)
    bar[0, 4:24, 13:15] = 200
    assert np.array_equal(deskewed(bar), bar)


@pytest.mark.parametrize("size", [28, 29, 32])
def test_a_frame_adds_background_on_all_sides_the_last_one_first(size, images):
    larger = framed(images, size)
    assert larger.shape == (len(images), size, size)
    top = (size - 28) // 2
    assert np.array_equal(larger[:, top : top + 28, top : top + 28], images)
    assert larger.sum() == images.sum()


def test_without_preparation_images_are_passed_through(images):
    assert Preparation().apply(images) is images


def test_a_network_reads_prepared_images_in_training_and_afterwards(configuration, digits):
    config = configuration(data={"deskew": True, "size": 29})
    training = build.training(config, digits["train"])
    assert training.batches.shape == (29, 29)
    (x, _), *_ = training.batches.epoch()
    first = digits["train"].images[training.batches.indices[:1]]
    assert np.allclose(x[:, 0] * 255, Preparation(deskew=True, size=29).apply(first).reshape(-1))


def test_a_frame_smaller_than_the_images_is_refused(configuration, digits):
    with pytest.raises(DataError, match=r"larger than data\.size 28"):
        build.prepared(configuration(data={"size": 28}), np.zeros((1, 30, 28), np.uint8))
