"""The cost of an epoch by width, depth and batch size, from short measurements of nncli alone."""

import time
from statistics import median

from experiments.benchmarks.examples import Examples, first_batches, initial_weights
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems import nncli_loop
from experiments.benchmarks.tables import giga, seconds, table
from experiments.benchmarks.worker import CHECKED

OPERATIONS = 20e9
"""Floating-point operations of a measured round, an epoch at most."""

SERIES = {
    "width": [Row((units, units), 128) for units in (64, 128, 256, 512, 1024, 2048)],
    "depth": [Row((512,) * layers, 128) for layers in range(1, 7)],
    "batch": [Row((512, 512), batch) for batch in (8, 16, 32, 64, 128, 256, 512, 1024)],
}


def lay_out(rows: list[Row], examples: Examples, rounds: int) -> str:
    """Measure rows, and return the table of their seconds per epoch and the rates of their products."""
    lines = []
    for row in rows:
        epoch = seconds_an_epoch(row, examples, rounds)
        rate = row.operations() * len(examples.labels) / epoch
        lines.append([row.network, str(row.batch), seconds(epoch), giga(rate)])
        print(", ".join(lines[-1]), flush=True)
    return table(["network", "batch", "seconds per epoch", "GFLOP/s"], lines)


def seconds_an_epoch(row: Row, examples: Examples, rounds: int) -> float:
    """Return the median over rounds of some steps, scaled up to an epoch."""
    trainer = nncli_loop.Trainer(row, examples, initial_weights(row))
    trainer.losses(first_batches(row, len(examples.labels), CHECKED))
    steps = min(row.steps(len(examples.labels)), max(4, int(OPERATIONS / (row.operations() * row.batch))))
    times = []
    for _ in range(1 + rounds):  # the first warms up
        began = time.perf_counter()
        seen = trainer.train(steps)
        times.append((time.perf_counter() - began) / seen * len(examples.labels))
    return median(times[1:])
