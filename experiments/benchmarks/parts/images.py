"""Images per second: generating digits, and fetching mini-batches, in one thread of Python."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from experiments.benchmarks.parts.part import Plan, left_out
from experiments.benchmarks.tables import table
from nncli.data import synthetic
from nncli.data.batches import Batches
from nncli.data.scaling import UNIT

GENERATED, FETCHED, BATCH = 5_000, 50_000, 128

SECTION = """\
{left_out}\
Medians; rounds: {rounds}.

{table}"""


def section(plan: Plan) -> str:
    """Measure each path."""
    rows = [[name, f"{count / _median_seconds(run, plan.rounds):,.0f}"] for name, count, run in _paths()]
    return SECTION.format(
        left_out=left_out("images", plan), rounds=plan.rounds, table=table(["path", "images per second"], rows)
    )


def _paths() -> list[tuple[str, int, Callable[[], object]]]:
    """Return each path's name, the number of its images, and a function that runs it."""
    images, labels = synthetic.generate(2_000, 1)
    chosen = np.arange(FETCHED) % len(images)
    batches = Batches(images[chosen], labels[chosen], np.arange(FETCHED), batch_size=BATCH, scaling=UNIT)
    return [
        ("generating synthetic-digits", GENERATED, lambda: synthetic.generate(GENERATED, 1)),
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
