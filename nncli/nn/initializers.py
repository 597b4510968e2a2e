"""First values for a weight matrix (outputs, inputs); biases always start at 0."""

import math
from collections.abc import Callable

import numpy as np

from nncli.engine.graph import Array


def he(weights: Array, rng: np.random.Generator, scale: float | None = None) -> None:
    """Normal with variance 2 / inputs, which keeps the variance of ReLU layers (He et al., ICCV 2015)."""
    normal(weights, rng, (1.0 if scale is None else scale) * math.sqrt(2 / weights.shape[1]))


def glorot(weights: Array, rng: np.random.Generator, scale: float | None = None) -> None:
    """Uniform with variance 2 / (inputs + outputs), for symmetric activations (Glorot & Bengio, AISTATS 2010)."""
    uniform(weights, rng, (1.0 if scale is None else scale) * math.sqrt(6 / sum(weights.shape)))


def normal(weights: Array, rng: np.random.Generator, scale: float | None = None) -> None:
    """Normal with mean 0; `scale` is the standard deviation, 0.01 if not given."""
    weights[...] = rng.standard_normal(weights.shape) * (0.01 if scale is None else scale)


def uniform(weights: Array, rng: np.random.Generator, scale: float | None = None) -> None:
    """Uniform between -scale and scale, 0.05 if not given."""
    half_width = 0.05 if scale is None else scale
    weights[...] = rng.uniform(-half_width, half_width, weights.shape)


def zeros(weights: Array, rng: np.random.Generator, scale: float | None = None) -> None:  # noqa: ARG001
    """All 0: right for softmax regression; hidden units that start alike would stay alike."""
    weights[...] = 0


INITIALIZERS: dict[str, Callable[[Array, np.random.Generator, float | None], None]] = {
    "he": he,
    "glorot": glorot,
    "normal": normal,
    "uniform": uniform,
    "zeros": zeros,
}
