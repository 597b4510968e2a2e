"""Whole commands in fresh processes, including start-up and reading the data."""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from experiments.benchmarks.contestants import CONTESTANTS, Nncli, Script
from experiments.benchmarks.parts.part import Plan, bullets, left_out
from experiments.benchmarks.process import CommandError, mnist_folder, run
from experiments.benchmarks.tables import ABSENT, percent, seconds, table
from experiments.benchmarks.tasks import (
    CONSTANT_TARGET,
    FIRST_EPOCH,
    TARGET,
    TARGET_ERROR,
    Attempt,
    Task,
    median_seconds,
    peak_megabytes,
    seconds_to_target,
    worst_error,
)
from nncli.errors import DataError

PAIRS = 11  # of `nncli --help` and `python -c pass`

SECTION = """\
{left_out}\
Times are measured from the start of the process to its end, on MNIST; medians (rounds: {rounds}). Peak memory is the
highest of all runs, in 10⁶ bytes.

{short}
{training}{notes}"""

Results = dict[str, list[Attempt]]


def section(plan: Plan) -> str:
    """Measure the commands; without MNIST, only those that need no data."""
    text = partial(
        SECTION.format,
        left_out=left_out("commands", plan, f"no training to a test error of {TARGET_ERROR:.1%}" if plan.quick else ""),
        rounds=plan.rounds,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short, notes = _start_up(folder), [_missing(each) for each in CONTESTANTS if not each.installed]
        try:
            data = mnist_folder(plan.data_dir)
        except DataError as error:
            notes.append(f"training is not measured: {error}")
            return text(short=_short(short), training="", notes=bullets(notes))
        first = _rounds(lambda _: FIRST_EPOCH, data, folder, plan.rounds, notes, tested=False)
        command = ["-m", "nncli", "evaluate", "run", "--data-dir", data]
        short.append(("nncli evaluate (784-512-512-10)", [run(command, folder)[0] for _ in range(plan.rounds)]))
        target = {} if plan.quick else _rounds(_target, data, folder, plan.rounds, notes, tested=True)
    return text(short=_short(short), training=_training(first, target), notes=bullets(notes))


def _start_up(folder: Path) -> list[tuple[str, list[Attempt]]]:
    """Run `python -c pass` and `nncli --help` in turn."""
    pairs = [(run(["-c", "pass"], folder)[0], run(["-m", "nncli", "--help"], folder)[0]) for _ in range(PAIRS)]
    nothing, helped = ([pair[i] for pair in pairs] for i in range(2))
    above = median(help_.seconds - pass_.seconds for pass_, help_ in pairs)
    return [("python -c pass", nothing), (f"nncli --help ({1000 * above:.0f} ms more)", helped)]


def _target(contestant: Nncli | Script) -> Task:
    return TARGET if contestant.schedules else CONSTANT_TARGET


def _rounds(
    task: Callable[[Nncli | Script], Task], data: Path, folder: Path, rounds: int, notes: list[str], *, tested: bool
) -> Results:
    """Let the contestants take turns, with a new seed in each round; one that fails drops out with a remark."""
    results: Results = {each.name: [] for each in CONTESTANTS if each.installed}
    for seed in range(1, rounds + 1):
        for each in [contestant for contestant in CONTESTANTS if contestant.name in results]:
            try:
                attempt = each.train(task(each), data, folder, seed)
                attempt = each.measure(attempt, task(each), data, folder) if tested else attempt
            except CommandError as error:
                notes.append(f"{each.name} failed: {error}")
                del results[each.name]
                continue
            print(f"{each.name}: {attempt}", flush=True)
            results[each.name].append(attempt)
    return results


def _short(results: Sequence[tuple[str, list[Attempt]]]) -> str:
    lines = [[name, seconds(median_seconds(runs)), f"{peak_megabytes(runs):.0f}"] for name, runs in results]
    return table(["command", "seconds", "peak MB"], lines)


def _training(first: Results, target: Results) -> str:
    names = list(first)
    return table(
        ["training", *names],
        [
            ["one epoch of 784-512-512-10: seconds", *_each(names, first, lambda runs: seconds(median_seconds(runs)))],
            ["one epoch of 784-512-512-10: peak MB", *_each(names, first, lambda runs: f"{peak_megabytes(runs):.0f}")],
            [f"to a test error of {TARGET_ERROR:.1%}: seconds", *_each(names, target, _until)],
            ["its highest test error", *_each(names, target, lambda runs: percent(worst_error(runs), 2))],
            ["its peak MB", *_each(names, target, lambda runs: f"{peak_megabytes(runs):.0f}")],
        ],
    )


def _each(names: Sequence[str], results: Results, write: Callable[[list[Attempt]], str]) -> list[str]:
    return [write(results[name]) if results.get(name) else ABSENT for name in names]


def _until(runs: list[Attempt]) -> str:
    value = seconds_to_target(runs)
    return "not reached" if value is None else seconds(value)


def _missing(contestant: Nncli | Script) -> str:
    return f"{contestant.name} is not installed"
