"""`synthetic-digits`: generated digits in the format of MNIST, a fallback if MNIST is not available.

The amount of variation was chosen by looking at MNIST's training digits, not at its test digits.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from nncli.data.dataset import BOX, CLASSES, SIDE
from nncli.data.strokes import POINTS, forms

PEN = 0.6  # standard deviation of the ink around the path of the pen, in pixels; it makes edges soft
BLOCK = 256  # images to ink at a time; it bounds the memory, and the arrays fit the cache

Floats = NDArray[np.float32]


def generate(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Generate `count` digits: images (count, 28, 28), white ink on black, and their labels (count,).

    The ten classes are balanced as far as possible, in random order.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % CLASSES).astype(np.uint8)
    radii = np.exp(rng.normal(np.log(1.17), 0.3, count)).astype(np.float32)  # of the strokes, in pixels
    paths = _frame(_deform(_write(labels, rng), rng), radii, rng)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for start in range(0, count, BLOCK):
        block = slice(start, start + BLOCK)
        images[block] = _ink(paths[block], radii[block])
    return images, labels


def _write(labels: NDArray[np.uint8], rng: Generator) -> Floats:
    """Return a path of the pen for each label, a random form with displaced control points: (count, POINTS, 2)."""
    paths = np.empty((len(labels), POINTS, 2), np.float32)
    for digit in range(CLASSES):
        choices = forms(digit)
        frequency = np.array([form.frequency for form in choices], float)
        chosen = rng.choice(len(choices), len(labels), p=frequency / frequency.sum())
        for index, form in enumerate(choices):
            these = (labels == digit) & (chosen == index)
            controls = rng.normal(form.controls, 0.04, (these.sum(), *form.controls.shape))
            paths[these] = form.basis @ controls
    return paths


def _deform(paths: Floats, rng: Generator) -> Floats:
    """Return the paths bent by two smooth random waves, then stretched, slanted and rotated: (count, POINTS, 2)."""
    count = len(paths)
    paths = paths - paths.mean(axis=1, keepdims=True)
    for _ in range(2):
        wave_vectors = rng.normal(0, 3, (count, 2, 2)).astype(np.float32)
        phases = rng.uniform(0, 2 * np.pi, (count, 1, 2)).astype(np.float32)
        amplitudes = rng.normal(0, 0.08, (count, 1, 2)).astype(np.float32)
        paths = paths + amplitudes * np.sin(paths @ wave_vectors + phases)
    width = np.exp(rng.normal(0.1, 0.2, count))
    slant = rng.normal(0.15, 0.25, count)
    turn = rng.normal(0, 0.12, count)
    slanted = _matrices(width, np.zeros(count), -slant, np.ones(count))
    turned = _matrices(np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn))
    return np.asarray(paths @ (slanted @ turned).astype(np.float32))


def _matrices(*entries: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return four entries (count,) as matrices (count, 2, 2), which multiply rows (x, y) from the right."""
    return np.stack(entries, axis=1).reshape(-1, 2, 2)


def _frame(paths: Floats, radii: Floats, rng: Generator) -> Floats:
    """Return the paths in pixels, scaled to MNIST's box and centred in the image by mass: (count, POINTS, 2)."""
    count = len(paths)
    extents = np.ptp(paths, axis=1).max(axis=1)  # (count,)
    sizes = (BOX - 2 * radii) * rng.uniform(0.96, 1, count)
    paths = paths * (sizes / extents).astype(np.float32)[:, None, None]
    ink = _steps(paths)[:, :, None]
    centres = (ink * paths).sum(axis=1, keepdims=True) / ink.sum(axis=1, keepdims=True)
    shifts = rng.uniform(-0.5, 0.5, (count, 1, 2)).astype(np.float32)  # MNIST centres digits to the nearest pixel
    return np.asarray(paths - centres + shifts + SIDE / 2)


def _steps(paths: Floats) -> Floats:
    """Return the distance of each point to its nearer neighbour, (count, POINTS); the pen may jump to the other."""
    steps = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    after, before = np.pad(steps, ((0, 0), (0, 1)), "edge"), np.pad(steps, ((0, 0), (1, 0)), "edge")
    return np.asarray(np.minimum(after, before))


def _ink(paths: Floats, radii: Floats) -> NDArray[np.uint8]:
    """Return the images (count, 28, 28) of the paths, drawn with a round pen.

    Each point leaves a Gaussian blot, the product of one over the rows and one over the columns, so a matrix product
    adds all blots of an image. The ink is half black at a distance of the radius from a straight path.
    """
    pixels = np.arange(SIDE, dtype=np.float32)
    blots = np.exp(-(((paths[..., None] - pixels) / PEN) ** 2) / 2)  # (count, POINTS, 2, SIDE)
    columns, rows = blots[:, :, 0], blots[:, :, 1]
    strength = 0.5 * np.exp((radii / PEN) ** 2 / 2) / (np.sqrt(2 * np.pi) * PEN)  # (count,)
    weights = strength[:, None] * _steps(paths)  # (count, POINTS)
    ink = (weights[..., None] * rows).transpose(0, 2, 1) @ columns  # (count, SIDE, SIDE)
    return np.asarray(np.rint(255 * np.minimum(ink, 1)), np.uint8)
