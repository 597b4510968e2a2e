"""Measure a row in rounds, in which the systems take turns: a slow moment of the machine affects all of them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from experiments.benchmarks.comparison import Measurement
from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems.sgemm import OPERATIONS
from experiments.benchmarks.systems.system import LIMIT, SGEMM, System
from experiments.benchmarks.worker import FailedError, Worker

PAUSE = 0.5
"""Seconds before a turn. The idle threads of OpenBLAS spin for about 0.1 s, and would slow down the next system."""


def measure(
    rows: list[Row],
    systems: list[System],
    examples: Examples,
    rounds: int,
    references: Sequence[System] = (SGEMM, LIMIT),
    times: int | None = None,
) -> Iterator[Measurement]:
    """Yield the measurement of each row; the references are measured in the same rounds.

    A round repeats its steps as many times as the row says, unless `times` is given.
    """
    count = len(examples.labels)
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(system, examples)) for system in [*references, *systems]]
        for row in rows:
            measurement = Measurement(row, row.steps(count), count, times or row.times(count))
            _measure_row(measurement, workers, rounds)
            yield measurement


def _measure_row(measurement: Measurement, workers: list[Worker], rounds: int) -> None:
    present = [worker for worker in workers if _warm_up(worker, measurement)]
    for _ in range(rounds):
        present = [worker for worker in present if _take_turn(worker, measurement)]


def _warm_up(worker: Worker, measurement: Measurement) -> bool:
    """Take the first steps and an untimed epoch, which compiles and allocates; return whether that worked."""
    name = worker.system.name
    try:
        losses = worker.start(measurement.row)
        worker.train(measurement.steps, 1)
    except FailedError as error:
        measurement.failures[name] = str(error)
        return False
    if worker.system != SGEMM:
        measurement.seconds[name] = []
    if losses:
        measurement.losses[name] = losses
    return True


def _take_turn(worker: Worker, measurement: Measurement) -> bool:
    """Time a round, and return whether it worked; a system that fails loses the seconds of earlier rounds too."""
    name = worker.system.name
    time.sleep(PAUSE)
    try:
        seconds, seen = worker.train(measurement.steps, measurement.times)
    except FailedError as error:
        measurement.failures[name] = str(error)
        measurement.seconds.pop(name, None)
        return False
    if worker.system == SGEMM:
        measurement.products.append(OPERATIONS * seen / seconds)
    else:
        measurement.seconds[name].append(seconds / seen * measurement.examples)
    return True
