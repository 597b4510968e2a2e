"""Matrix products by SciPy's BLAS, which can add to an array in place: C ← keep C + scale A B.

A training step takes all its products from here: NumPy and SciPy each bring their own BLAS, and the threads of two
libraries would compete for the cores.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import blas

Array = npt.NDArray[np.floating[Any]]

_GEMM = {"f": blas.sgemm, "d": blas.dgemm}
_GEMV = {"f": blas.sgemv, "d": blas.dgemv}
_AXPY = {"f": blas.saxpy, "d": blas.daxpy}
_NRM2 = {"f": blas.snrm2, "d": blas.dnrm2}


def matmul(A: Array, B: Array, C: Array, keep: float = 0.0, scale: float = 1.0) -> None:
    """C ← keep C + scale A B, for A (m, k), B (k, n) and C (m, n).

    BLAS expects columns where NumPy stores rows, so it receives the transposes: Cᵀ ← keep Cᵀ + scale Bᵀ Aᵀ. A and B may
    be views in either order. C must be C-contiguous, or BLAS writes to a copy, and have the type of A and B.
    """
    if not A.size or not B.size:  # BLAS refuses empty matrices
        C[...] = keep * C if keep else 0
        return
    b, flip_b = (B.T, 0) if B.flags.c_contiguous else (B, 1)
    a, flip_a = (A.T, 0) if A.flags.c_contiguous else (A, 1)
    _GEMM[C.dtype.char](scale, b, a, keep, C.T, flip_b, flip_a, 1)


def matvec(A: Array, x: Array, y: Array, keep: float = 0.0, scale: float = 1.0) -> None:
    """y ← keep y + scale A x, for A (m, n), x (n,) and y (m,), all C-contiguous."""
    _GEMV[y.dtype.char](scale, A.T, x, keep, y, trans=1, overwrite_y=1)


def add(x: Array, y: Array, scale: float = 1.0) -> None:
    """y ← y + scale x, for contiguous vectors (size,)."""
    _AXPY[y.dtype.char](x, y, a=scale)


def norm(x: Array) -> float:
    """Return the norm ‖x‖ of a contiguous vector (size,)."""
    return float(_NRM2[x.dtype.char](x))
