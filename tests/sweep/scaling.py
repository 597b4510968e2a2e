"""`make scaling`: simulate many workers on one PostgreSQL, whose trainings only sleep, and write docs/scaling.md.

    python tests/sweep/scaling.py [--seconds 1] [--workers 1 2 4 ...] [--trials 100 1000 ...] [--dry-run]

First, studies with 1 to 64 workers: trials per second, and the share of a worker's time that is not training. Then,
studies with up to 10,000 trials: trials per second, and the time to read the study.
"""

import argparse
import logging
import multiprocessing
import os
import platform
import tempfile
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from sqlalchemy import create_engine, text

from hostile.postgresql import Server
from nncli.cores import usable
from nncli.sweep import file
from nncli.sweep.file import Sweep
from nncli.sweep.storage import connect, parse
from nncli.sweep.trial import Outcome
from nncli.sweep.worker import Worker

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
COUNTS = (1, 2, 4, 8, 16, 32, 64)
SIZES = (100, 1000, 3000, 10_000)
PATIENCE = 600  # seconds
PER_WORKER, FEW = 4, 4  # trials of each worker, and the workers of a study that grows

BASE = "data: {name: synthetic-digits, validation: 100}\nmodel: {layers: [{units: 8}, {units: 10}]}\n"
SWEEP = """\
name: %s
base: base.yaml
space:
  optimizer.learning_rate: {log: [0.0001, 0.1]}
  model.layers[0].units: {integers: [8, 512]}
  training.epochs: {choices: [5, 10, 20]}
sampler: random
trials: %d
"""


@dataclass(frozen=True)
class Line:
    """A measurement.

    Attributes:
        workers: number of workers.
        trials: trials in the study before it.
        per_second: trials per second, of all workers.
        share: share of a worker's time in which it does not train.
        joining: seconds that a worker takes to read the study when it starts.
    """

    workers: int
    trials: int
    per_second: float
    share: float
    joining: float


class Sleeper:
    """A training that sleeps."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.total = seconds, 0.0

    def __call__(self, folder, seed, point, after_epoch) -> Outcome:
        began = time.perf_counter()
        time.sleep(self.seconds)
        self.total += time.perf_counter() - began
        return Outcome("completed", point["optimizer.learning_rate"], self.seconds)


def work(url: str, sweep: Sweep, seconds: float, ready, measured) -> None:
    """Run a worker in a process of its own; report the share of its time that it did not sleep."""
    storage, runner, stopped = connect(parse(url), heartbeat=10), Sleeper(seconds), threading.Event()
    worker = Worker(sweep, storage, Path("runs"), stopped, runner=runner)
    began = time.perf_counter()
    worker.study.get_trials(deepcopy=False)
    joining = time.perf_counter() - began
    ready.wait()
    began = time.perf_counter()
    worker.run()
    measured.put((1 - runner.total / (time.perf_counter() - began), joining))


def measure(url: str, name: str, workers: int, seconds: float, before: int, after: int) -> Line:
    """Let workers continue a sweep that has `before` trials until it has `after`."""
    forked = multiprocessing.get_context("fork")
    ready, measured = forked.Barrier(workers + 1), forked.Queue()
    team = [
        forked.Process(target=work, args=(url, sweep_of(name, after), seconds, ready, measured), daemon=True)
        for _ in range(workers)
    ]
    for each in team:
        each.start()
    ready.wait(PATIENCE)  # not for ever, in case a worker fails
    began = time.perf_counter()
    shares, joinings = zip(*(measured.get(timeout=PATIENCE) for _ in team), strict=True)
    spent = time.perf_counter() - began
    for each in team:
        each.join()
    return Line(workers, before, (after - before) / spent, mean(shares), mean(joinings))


COPIES = {
    "trial_params": "param_name, param_value, distribution_json",
    "trial_values": "objective, value, value_type",
    "trial_user_attributes": "key, value_json",
}


def fill(url: str, name: str, wanted: int) -> None:
    """Fill a study with copies of its first trials, faster than by trials."""
    engine = create_engine(parse(url))
    new = "trials new JOIN trials old ON old.study_id = new.study_id AND old.number = new.number % 8"
    with engine.begin() as connection:
        (study,) = connection.execute(text("SELECT study_id FROM studies WHERE study_name = :n"), {"n": name}).one()
        count = text("SELECT count(*) FROM trials WHERE study_id = :study")  # workers may have begun one too many
        values = {"study": study, "wanted": wanted, "have": connection.execute(count, {"study": study}).scalar_one()}
        connection.execute(
            text(
                "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) "
                "SELECT n, study_id, state, datetime_start, datetime_complete "
                "FROM generate_series(:have, :wanted - 1) n JOIN trials ON study_id = :study AND number = n % 8"
            ),
            values,
        )
        for table_name, columns in COPIES.items():
            connection.execute(
                text(
                    f"INSERT INTO {table_name} (trial_id, {columns}) SELECT new.trial_id, {columns} FROM {new} "
                    f"JOIN {table_name} copied ON copied.trial_id = old.trial_id "
                    "WHERE new.study_id = :study AND new.number >= :have"
                ),
                values,
            )
    engine.dispose()


def sweep_of(name: str, trials: int) -> Sweep:
    """Return the sweep to simulate."""
    Path("base.yaml").write_text(BASE, encoding="utf-8")
    Path("sweep.yaml").write_text(SWEEP % (name, trials), encoding="utf-8")
    return file.load(Path("sweep.yaml"))


def workers_table(lines: Sequence[Line], seconds: float) -> str:
    """Return the measurements with different numbers of workers, in Markdown."""
    head = "| workers | trials per second | ideal | share of other work |\n|---|---|---|---|\n"
    return head + "\n".join(
        f"| {each.workers} | {each.per_second:.2f} | {each.workers / seconds:g} | {each.share:.0%} |" for each in lines
    )


def growth_table(lines: Sequence[Line]) -> str:
    """Return the measurements with different numbers of trials, in Markdown."""
    head = "| trials in the study | trials per second | seconds to read the study at the start |\n|---|---|---|\n"
    return head + "\n".join(f"| {each.trials:,} | {each.per_second:.2f} | {each.joining:.1f} |" for each in lines)


TEXT = """\
# Scaling of sweeps

`make scaling` writes this page. It simulates many workers on one machine that share a study in a PostgreSQL server on
the same machine: each worker is a process, and its training sleeps. The figures therefore show the cost of the
database and of Optuna, not of training. All processes and the server shared {cores} {machine} cores, whose load
average before the measurement was {load:.1f}. With workers on machines of their own, only the server is shared.

## Workers

Each training sleeps for {seconds:g} s. `ideal` is the number of trials per second if nothing else took time. The share
of other work is the fraction of a worker's time in which it does not train.

{workers}

## Trials

{few} workers, whose training takes no time, continue a study that is filled with copies of its first trials. Before
each trial, a worker reads the trials that are new to it, and Optuna and nncli go through the list of all trials.

{growth}

## Limits, and what to do

- One trial costs {cost:.2f} s of a worker's time without the training, with one worker. Trials of at least
  {least:.0f} s keep this share below 5%.
{bend}
- With {trials:,} trials in the study, the rate is {fall:.0%} of that with {first:,}, and a worker takes {joining:.1f} s
  to start. Split a larger search into several sweeps, with different names.
- If the server is the limit: make trials longer (more epochs, or `seeds`), use a longer `--heartbeat`, and no pruner,
  which costs one transaction per epoch.
"""


def bend(lines: Sequence[Line], seconds: float) -> str:
    """Return where the rate falls below half of the ideal."""
    best = max(lines, key=lambda each: each.per_second)
    slow = [each.workers for each in lines if each.per_second < each.workers / seconds / 2]
    begins = f"below half of the ideal from {slow[0]} workers on" if slow else "never below half of the ideal"
    return (
        f"- With trials of {seconds:g} s, the rate is {begins}. The largest rate is {best.per_second:.1f} trials per "
        f"second, with\n  {best.workers} workers. At that rate, 100 workers stay busy if a trial takes "
        f"{100 / best.per_second:.0f} s."
    )


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--workers", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--trials", type=int, nargs="+", default=SIZES)
    parser.add_argument("--dry-run", action="store_true", help="print the page")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    load = os.getloadavg()[0]
    os.chdir(tempfile.mkdtemp())
    with Server() as server:
        url, lines, growth = server.url(), [], []
        for workers in given.workers:
            lines.append(measure(url, f"workers-{workers}", workers, given.seconds, 0, max(12, PER_WORKER * workers)))
            print(lines[-1], flush=True)
        measure(url, "large", 1, 0, 0, 8)
        for size in given.trials:
            fill(url, "large", size)
            growth.append(measure(url, "large", FEW, 0, size, size + FEW * PER_WORKER))
            print(growth[-1], flush=True)
    cost = given.seconds * lines[0].share / (1 - lines[0].share)
    page = TEXT.format(
        cores=usable(),
        machine=platform.machine(),
        load=load,
        seconds=given.seconds,
        workers=workers_table(lines, given.seconds),
        few=FEW,
        growth=growth_table(growth),
        cost=cost,
        least=19 * cost,
        bend=bend(lines, given.seconds),
        trials=growth[-1].trials,
        first=growth[0].trials,
        fall=growth[-1].per_second / growth[0].per_second,
        joining=growth[-1].joining,
    )
    if given.dry_run:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
