"""Elementwise work on long vectors: in blocks that fit the processor's cache, and in parts on several threads.

NumPy releases the interpreter's lock while it computes, so threads work at the same time. Results do not depend on
their number.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.floating[Any]]

BLOCK = 262_144
"""Coordinates per block, 1 MiB in float32; with smaller blocks, calls cost more than the memory traffic saved."""

WORTH_A_THREAD = 100_000
"""Coordinates from which a part is worth a thread: starting one takes as long as about 20,000 of them in Adam."""


class Parts:
    """The parts of vectors of one size, with a workspace for each.

    Args:
        size: number of coordinates.
        dtype: dtype of the workspaces.
        threads: number of threads to use at most.
    """

    def __init__(self, size: int, dtype: npt.DTypeLike, threads: int) -> None:
        count = max(1, min(threads, size // WORTH_A_THREAD))
        ends = [size * i // count for i in range(count + 1)]
        self._parts = [(ends[i], ends[i + 1], np.empty(min(BLOCK, ends[i + 1] - ends[i]), dtype)) for i in range(count)]
        self._pool = ThreadPoolExecutor(count - 1) if count > 1 else None

    def each(self, update: Callable[[slice, Vector], None]) -> None:
        """Call `update` with each block and a workspace of its length: parts run at the same time, blocks in turn."""

        def run(start: int, end: int, work: Vector) -> None:
            with np.errstate(all="ignore"):  # each thread has its own setting
                for first in range(start, end, BLOCK):
                    last = min(first + BLOCK, end)
                    update(slice(first, last), work[: last - first])

        mine, *others = self._parts
        started = [self._pool.submit(run, *part) for part in others] if self._pool else []
        run(*mine)
        for each in started:
            each.result()
