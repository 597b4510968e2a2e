"""The number of BLAS threads for training: one if the network is small, otherwise its share of the cores."""

import os
from collections.abc import Mapping

from nncli.cores import Cores, usable
from nncli.training.loop import Training

WORTH_THREADS = 3_000_000
"""Multiply-adds per step at which a second thread pays off. Measured with OpenBLAS on two idle cores with AVX-512: a
gain of 22% at 6.5 million, 12 to 18% at 3.2 million, and 2% at 1.6 million."""

SET_BY_USER = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")


def choose(
    training: Training,
    cores: Cores,
    recorded: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> tuple[int | None, str]:
    """Return the number of threads, and a note if other work on the machine reduced it, or else "".

    Args:
        training: training to run, whose configuration has the number, or `auto` to choose it.
        cores: cores of this machine.
        recorded: number that a resumed run had, which keeps its results the same to the last bit.
        environment: variables; if one of SET_BY_USER is set, BLAS obeys it and None is returned.
    """
    setting = training.config.training.threads
    if setting != "auto":
        return setting, ""
    if any(environment.get(name) for name in SET_BY_USER):
        return None, ""
    if recorded is not None:
        return min(recorded, usable()), ""
    if not worthwhile(training):
        return 1, ""
    count, why = cores.free()
    return count, f"using {count} of {usable()} cores, because {why}" if why else ""


def worthwhile(training: Training) -> bool:
    """Return whether the steps are large enough for more than one thread."""
    return multiply_adds(training) >= WORTH_THREADS


def multiply_adds(training: Training) -> int:
    """Return the multiply-adds of one step, forward and backward, for a mini-batch."""
    per_example = sum(sum(node.multiply_adds()) for node in training.graph.graph.nodes)
    return per_example * training.batches.batch_size
