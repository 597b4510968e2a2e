"""The number of BLAS threads for training: one if the network is small, otherwise its share of the cores."""

import os

from nncli.cores import Cores, usable
from nncli.training.loop import Training

WORTH_THREADS = 3_000_000
"""Multiply-adds per step at which a second thread pays off. Measured with OpenBLAS on two idle cores with AVX-512: a
gain of 22% at 6.5 million, 12 to 18% at 3.2 million, and 2% at 1.6 million."""

SET_BY_USER = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")


def choose(training: Training, cores: Cores, recorded: int | None = None) -> tuple[int | None, str]:
    """Return the number of threads, and a note if other work on the machine reduced it, or else "".

    If one of the variables SET_BY_USER is set, BLAS obeys it, and None is returned.

    Args:
        training: training to run, whose configuration has the number, or `auto` to choose it.
        cores: cores of this machine.
        recorded: number that a resumed run had, which keeps its results the same to the last bit.
    """
    setting = training.config.training.threads
    if setting != "auto":
        return setting, ""
    if any(os.environ.get(name) for name in SET_BY_USER):
        return None, ""
    if recorded is not None:
        return min(recorded, usable()), ""
    if not worthwhile(training):
        return 1, ""
    count, why = cores.free()
    return count, f"using {count} of {usable()} cores, because {why}" if why else ""


def worthwhile(training: Training) -> bool:
    """Return whether the steps are large enough for more than one thread."""
    return sum(training.graph.graph.multiply_adds()) * training.batches.batch_size >= WORTH_THREADS
