"""Shared processors: the time of whole runs that share the processors with each other or with a busy program."""

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from experiments.benchmarks.parts.part import Plan, bullets, left_out
from experiments.benchmarks.process import ROOT, CommandError, environment, mnist_folder
from experiments.benchmarks.tables import ratio, seconds, table
from nncli.errors import DataError

CONFIG = ROOT / "experiments" / "quickstart.yaml"
BUSY = [sys.executable, "-c", "while True: pass"]

SECTION = """\
{left_out}\
`nncli train experiments/quickstart.yaml`, started several times at once on the same processors: the seconds until the
last run ends, and their ratio to the seconds of a single run in the same round. Rounds: {rounds}.

{table}{notes}"""


@dataclass(frozen=True)
class Company:
    """A number of runs started at once, perhaps with a busy loop."""

    name: str
    trainings: int
    busy: bool = False


ALONE = Company("one run", 1)
COMPANIES = [
    ALONE,
    Company("two runs", 2),
    Company("four runs", 4),
    Company("one run and a busy loop", 1, busy=True),
]


def section(plan: Plan) -> str:
    """Measure each company in turn, round by round."""
    skipped = left_out("company", plan)
    try:
        data = mnist_folder(plan.data_dir)
        times: dict[Company, list[float]] = {each: [] for each in COMPANIES}
        for _ in range(plan.rounds):
            for each in COMPANIES:
                times[each].append(_run(each, data))
                print(f"{each.name}: {times[each][-1]:.2f} s", flush=True)
    except (CommandError, DataError) as error:
        return SECTION.format(left_out=skipped, rounds=plan.rounds, table="", notes=bullets([f"not measured: {error}"]))
    return SECTION.format(left_out=skipped, rounds=plan.rounds, table=lay_out(times), notes="")


def lay_out(times: dict[Company, list[float]]) -> str:
    """Return the table of `times`, which has the seconds of each company in each round."""
    rows = []
    for company, own in times.items():
        ratios = [each / alone for each, alone in zip(own, times[ALONE], strict=True)]
        rows.append([company.name, seconds(median(own)), seconds(max(own)), ratio(median(ratios)), ratio(max(ratios))])
    return table(["runs", "median seconds", "worst seconds", "median ratio", "worst ratio"], rows)


def _run(company: Company, data: Path) -> float:
    """Start the trainings of a company, each with a run folder of its own, and return the seconds of the last.

    Raises:
        CommandError: one of them failed.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        output = stack.enter_context((folder / "output").open("w+", encoding="utf-8"))
        start = partial(subprocess.Popen, cwd=folder, env=environment(), stdout=output, stderr=subprocess.STDOUT)
        if company.busy:
            _end_with(stack, start(BUSY))
        command = [sys.executable, "-m", "nncli", "train", CONFIG, "--data-dir", data, "-q", "--run-dir"]
        began = time.perf_counter()
        trainings = [start([*command, f"run{number}"]) for number in range(company.trainings)]
        for training in trainings:
            _end_with(stack, training)
        codes = [training.wait() for training in trainings]
        taken = time.perf_counter() - began
        if any(codes):
            output.seek(0)
            raise CommandError(f"nncli train ended with {next(filter(None, codes))}: {output.read()[-500:]}")
    return taken


def _end_with(stack: ExitStack, process: "subprocess.Popen[bytes]") -> None:
    """Kill a process when the block ends, and wait for it."""
    stack.callback(process.wait)
    stack.callback(process.kill)
