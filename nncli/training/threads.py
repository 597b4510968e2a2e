"""The number of BLAS threads for a training: one if the network is too small to gain from more."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nncli.engine import blas
from nncli.training.loop import Training

WORTH_THREADS = 10_000_000
"""Multiply-adds per step at which a second thread pays off. Measured with OpenBLAS on two cores: a gain of 15 to 30% at
13 million, for batches of 16 to 128; no certain gain at 7 million, and a loss if the cores have other work."""

SET_BY_USER = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")


@contextmanager
def chosen(training: Training, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Within the block, limit BLAS to one thread for a small network; leave a large one its default.

    The rule depends on the network and the batch size only, so a run is reproducible on one machine. A number of
    threads set in the environment takes precedence.
    """
    if any(environment.get(name) for name in SET_BY_USER) or multiply_adds(training) >= WORTH_THREADS:
        yield
        return
    with blas.one_thread():
        yield


def multiply_adds(training: Training) -> int:
    """Return the multiply-adds of one step, forward and backward, for a mini-batch."""
    per_example = sum(sum(node.multiply_adds()) for node in training.graph.graph.nodes)
    return per_example * training.batches.batch_size
