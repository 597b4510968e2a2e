"""Bounds on norms: the gradient's before a step, and each unit's incoming weights' after it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from nncli.engine import blas


def clip_norm(errors: npt.NDArray[np.floating[Any]], bound: float) -> float:
    """Scale a gradient (size,) in place so that its norm is at most `bound` (Pascanu et al., ICML 2013).

    Returns:
        The norm before clipping.
    """
    norm = blas.norm(errors)
    if norm > bound:
        np.multiply(errors, bound / norm, out=errors)
    return norm


def max_norm(weights: npt.NDArray[np.floating[Any]], bound: float) -> None:
    """Scale each row of (units, inputs) in place so that no unit's incoming weights have a norm over `bound`.

    Source: Srivastava et al., JMLR 15 (2014), section 5.1.
    """
    norms = np.sqrt(np.einsum("ij,ij->i", weights, weights))
    if (norms > bound).any():
        np.multiply(weights, (bound / np.maximum(norms, bound))[:, np.newaxis], out=weights)
