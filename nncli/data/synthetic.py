"""`synthetic-digits`: digits nncli draws itself, framed like MNIST, for where MNIST cannot be had."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from nncli.data.strokes import POINTS, forms

SIDE = 28  # pixels of an image's side
BOX = 20.0  # pixels of the box that MNIST scales a digit into, its aspect ratio kept
BLOCK = 256  # images rasterised at a time: bounds memory, and stays in the cache
PEN = 0.7  # standard deviation of the ink around the pen's path, in pixels: how soft edges are

Floats = NDArray[np.float32]


def draw(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw `count` digits: images (count, 28, 28), white ink on black, and their labels (count,).

    The ten classes are as balanced as `count` allows, in random order. The same seed draws the same digits.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    radius = np.exp(rng.normal(np.log(1.15), 0.3, count)).astype(np.float32)  # of the stroke, in pixels
    paths = _framed(_deformed(_written(labels, rng), rng), radius, rng)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for start in range(0, count, BLOCK):
        block = slice(start, start + BLOCK)
        images[block] = _inked(paths[block], radius[block])
    return images, labels


def _written(labels: NDArray[np.uint8], rng: Generator) -> Floats:
    """The pen's paths (count, POINTS, 2): each digit in one of its forms, its control points moved at random."""
    paths = np.empty((len(labels), POINTS, 2), np.float32)
    for digit in range(10):
        choices = forms(digit)
        frequency = np.array([form.frequency for form in choices], float)
        chosen = rng.choice(len(choices), len(labels), p=frequency / frequency.sum())
        for index, form in enumerate(choices):
            these = (labels == digit) & (chosen == index)
            unsteady = rng.normal(form.controls, 0.04, (these.sum(), *form.controls.shape))
            paths[these] = form.basis @ unsteady
    return paths


def _deformed(paths: Floats, rng: Generator) -> Floats:
    """Bent by smooth random waves, then slanted, stretched and turned; (count, POINTS, 2)."""
    count = len(paths)
    paths = paths - paths.mean(axis=1, keepdims=True)
    for _ in range(2):
        wave_vectors = rng.normal(0, 3, (count, 2, 2))
        phases = rng.uniform(0, 2 * np.pi, (count, 1, 2))
        paths = paths + rng.normal(0, 0.04, (count, 1, 2)) * np.sin(paths @ wave_vectors + phases)
    slant, turn = rng.normal(0.15, 0.25, count), rng.normal(0, 0.12, count)
    width = np.exp(rng.normal(0, 0.2, count))
    slanted = np.array([[width, -slant], [np.zeros(count), np.ones(count)]])  # (2, 2, count)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])  # (2, 2, count)
    return np.asarray(np.einsum("ijn,jkn,npk->npi", turned, slanted, paths), np.float32)


def _framed(paths: Floats, radius: Floats, rng: Generator) -> Floats:
    """In pixels: scaled so that the ink fills MNIST's box, its centre of mass in the middle of the image."""
    extent = np.ptp(paths, axis=1).max(axis=1)  # (count,)
    size = (BOX - 2 * radius) * rng.uniform(0.92, 1, len(paths))
    paths = paths * (size / extent)[:, None, None]
    weights = _steps(paths)[:, :, None]
    centres = (weights * paths).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
    middle = (SIDE - 1) / 2 + rng.uniform(0, 1, (len(paths), 1, 2))  # MNIST moves digits by whole pixels
    return np.asarray(paths - centres + middle, np.float32)


def _steps(paths: Floats) -> Floats:
    """Distance to the nearer neighbour along the path, (count, POINTS): the other may lie across a lifted pen."""
    steps = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    return np.minimum(np.pad(steps, ((0, 0), (0, 1)), "edge"), np.pad(steps, ((0, 0), (1, 0)), "edge"))


def _inked(paths: Floats, radius: Floats) -> NDArray[np.uint8]:
    """Images (count, 28, 28) of the ink that a round pen leaves along its path.

    Each point leaves a Gaussian blot, the product of one over columns and one over rows, so that all the blots
    of an image add up in one matrix product. Half the ink is left at `radius` pixels from a straight path.
    """
    pixels = np.arange(SIDE, dtype=np.float32)[None, None, :]
    blots = np.exp(-(((paths[:, :, :, None] - pixels[:, None]) / PEN) ** 2) / 2)  # (count, POINTS, 2, SIDE)
    columns, rows = blots[:, :, 0], blots[:, :, 1]
    half = 0.5 * np.exp((radius / PEN) ** 2 / 2) / (np.sqrt(2 * np.pi) * PEN)  # (count,)
    rows = rows * (_steps(paths) * half[:, None])[:, :, None]
    ink = rows.transpose(0, 2, 1) @ columns  # (count, SIDE, SIDE)
    return np.rint(255 * np.minimum(ink, 1)).astype(np.uint8)
