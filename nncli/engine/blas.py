"""Matrix products by SciPy's BLAS, which can add to an array in place: C ← keep C + scale A B.

A training step takes all its products from here: NumPy and SciPy each bring their own BLAS, and the threads of two
libraries would compete for the cores.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

import threadpoolctl  # type: ignore[import-untyped]

from nncli.engine.graph import Array


@cache
def _routine(name: str, dtype: str) -> Callable[..., Any]:
    """Return a BLAS routine for a dtype character, "f" (float32) or "d" (float64)."""
    from scipy.linalg import blas  # not at module level: the configuration imports the nodes, but needs no SciPy

    return getattr(blas, {"f": "s", "d": "d"}[dtype] + name)  # type: ignore[no-any-return]


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
    _routine("gemm", C.dtype.char)(scale, b, a, keep, C.T, flip_b, flip_a, 1)


def matvec(A: Array, x: Array, y: Array, keep: float = 0.0, scale: float = 1.0) -> None:
    """y ← keep y + scale A x, for A (m, n), x (n,) and y (m,), all C-contiguous."""
    _routine("gemv", y.dtype.char)(scale, A.T, x, keep, y, trans=1, overwrite_y=1)


def add(x: Array, y: Array, scale: float = 1.0) -> None:
    """y ← y + scale x, for contiguous vectors (size,)."""
    _routine("axpy", y.dtype.char)(x, y, a=scale)


def norm(x: Array) -> float:
    """Return the norm ‖x‖ of a contiguous vector (size,)."""
    return float(_routine("nrm2", x.dtype.char)(x))


@contextmanager
def threads(count: int | Literal["auto"] | None) -> Iterator[None]:
    """Within the block, compute products on this many threads; None and "auto" leave the number as it is."""
    _routine("gemm", "f")  # a limit reaches only the libraries that are loaded
    with threadpoolctl.threadpool_limits(None if count == "auto" else count):
        yield


def library() -> dict[str, Any] | None:
    """Return threadpoolctl's description of the library that computes the products; None if it knows none."""
    _routine("gemm", "f")
    found = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
    return next((each for each in found if "scipy.libs" in each["filepath"]), found[0] if found else None)
