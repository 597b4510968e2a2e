"""The third table: how many images a second the paths that make and fetch them give, in one thread of Python."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from experiments.benchmarks.tables import table
from nncli.data import synthetic
from nncli.data.batches import Batches
from nncli.data.scaling import UNIT

DRAWN, FETCHED, BATCH = 5_000, 50_000, 128

SECTION = """
## Images a second

{table}"""


def section(rounds: int) -> str:
    """Measure each path as often as a row of the throughput table."""
    rows = [[name, f"{count / _median_seconds(run, rounds):,.0f}"] for name, count, run in _paths()]
    return SECTION.format(table=table(["path", "images a second"], rows))


def _paths() -> list[tuple[str, int, Callable[[], object]]]:
    """Name the paths, with the images of one run."""
    images, labels = synthetic.generate(2_000, 1)
    chosen = np.arange(FETCHED) % len(images)
    batches = Batches(images[chosen], labels[chosen], np.arange(FETCHED), batch_size=BATCH, scaling=UNIT)
    return [
        ("generating synthetic-digits", DRAWN, lambda: synthetic.generate(DRAWN, 1)),
        (f"shuffled mini-batches of {BATCH}", FETCHED, lambda: _exhaust(batches)),
    ]


def _exhaust(batches: Batches) -> None:
    for _ in batches.epoch(np.random.default_rng(0)):
        pass


def _median_seconds(run: Callable[[], object], rounds: int) -> float:
    run()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return median(times)
