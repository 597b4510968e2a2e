"""How many threads BLAS takes for a step: one where sharing out small products costs more than it gives."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import threadpoolctl  # type: ignore[import-untyped]

from nncli.training.loop import Training

ENOUGH = 10_000_000
"""Multiply-adds in a step from which a second thread gains time: with OpenBLAS on two cores 15 to 30% from 13 million
on, at batches from 16 to 128, and nothing for certain at 7 million, where it loses if the cores have other work."""

SET_BY_USER = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")


@contextmanager
def chosen(training: Training, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Within the block BLAS has one thread for a small network, and as many as it likes for a large one.

    The rule depends on the network and the batch size alone, so that a run is the same each time on one machine. What
    a user has set in the environment stands.
    """
    if any(environment.get(name) for name in SET_BY_USER) or multiply_adds(training) >= ENOUGH:
        yield
        return
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        yield


def multiply_adds(training: Training) -> int:
    """Count the multiply-adds of one step, forward and backward, over the whole mini-batch."""
    an_example = sum(sum(node.multiply_adds()) for node in training.graph.graph.nodes)
    return an_example * training.batches.batch_size
