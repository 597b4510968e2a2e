"""Initial values of a weight matrix (outputs, inputs); biases always start at 0.

An initializer that takes a `scale` has its default in its signature; the others derive theirs from the shape.
"""

import inspect
import math
from collections.abc import Callable

import numpy as np

from nncli.engine.graph import Array


def he(weights: Array, rng: np.random.Generator) -> None:
    """Normal with variance 2 / inputs, which keeps the variance of ReLU layers (He et al., ICCV 2015)."""
    normal(weights, rng, scale=math.sqrt(2 / weights.shape[1]))


def glorot(weights: Array, rng: np.random.Generator) -> None:
    """Uniform with variance 2 / (inputs + outputs), for symmetric activations (Glorot & Bengio, AISTATS 2010)."""
    uniform(weights, rng, scale=math.sqrt(6 / sum(weights.shape)))


def normal(weights: Array, rng: np.random.Generator, *, scale: float = 0.01) -> None:
    """Normal with mean 0; `scale` is the standard deviation."""
    weights[...] = rng.standard_normal(weights.shape) * scale


def uniform(weights: Array, rng: np.random.Generator, *, scale: float = 0.05) -> None:
    """Uniform between -scale and scale."""
    weights[...] = rng.uniform(-scale, scale, weights.shape)


def zeros(weights: Array, rng: np.random.Generator) -> None:  # noqa: ARG001
    """All 0: fine for softmax regression, but hidden units that start equal stay equal."""
    weights[...] = 0


INITIALIZERS: dict[str, Callable[..., None]] = {
    "he": he,
    "glorot": glorot,
    "normal": normal,
    "uniform": uniform,
    "zeros": zeros,
}


def default_scale(name: str) -> float | None:
    """Return the default scale of an initializer by name; None if it takes none."""
    scale = inspect.signature(INITIALIZERS[name]).parameters.get("scale")
    return scale.default if scale else None
