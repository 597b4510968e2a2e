"""Bounds on norms: of the gradient before a step, and of each unit's incoming weights after it."""

import numpy as np

from nncli.engine import blas
from nncli.engine.graph import Array


def clip_norm(errors: Array, bound: float) -> float:
    """Scale a gradient (size,) in place to a norm of at most `bound` (Pascanu et al., 2013) and return its old norm."""
    norm = blas.norm(errors)
    if norm > bound:
        np.multiply(errors, bound / norm, out=errors)
    return norm


def max_norm(weights: Array, bound: float) -> None:
    """Scale each row of (units, inputs) in place to a norm of at most `bound` (Srivastava et al., JMLR 2014, 5.1)."""
    norms = np.sqrt(np.einsum("ij,ij->i", weights, weights))
    if (norms > bound).any():
        np.multiply(weights, (bound / np.maximum(norms, bound))[:, np.newaxis], out=weights)
