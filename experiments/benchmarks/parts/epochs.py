"""Seconds per epoch: every system on every row, with the ratios, the targets and the picture."""

from collections.abc import Sequence

from experiments.benchmarks import plot, rows, tables
from experiments.benchmarks.comparison import Measurement
from experiments.benchmarks.examples import training_examples
from experiments.benchmarks.parts.part import Plan, bullets, left_out
from experiments.benchmarks.rounds import measure
from experiments.benchmarks.systems import system
from experiments.benchmarks.systems.system import System
from experiments.benchmarks.targets import targets
from experiments.benchmarks.worker import CHECKED

SECTION = """\
{left_out}\
{examples:,} examples of {data}, float32, in memory. The systems take turns, and the table shows medians
(rounds: {rounds}). A round is one epoch, several of them, or a part of one; the table gives the seconds of an epoch.

{seconds}
The ratios are nncli's seconds divided by the peer's, as the median over all rounds; below 1, nncli is faster. "Of the
limit" is the time of a step's matrix products alone, divided by nncli's time. "Of sgemm" is the rate of nncli's
products, divided by the highest rate of a product of two 2048×2048 matrices in the same rounds. The last column is the
largest relative difference between a peer's loss and nncli's over the first {checked} steps, from equal weights on
equal mini-batches.

{ratios}{failures}
### Targets

{targets}"""


def section(plan: Plan) -> str:
    """Measure the rows with every system that is installed, and plot the picture."""
    wanted = system.QUICK if plan.quick else system.SYSTEMS
    chosen = rows.QUICK if plan.quick else rows.ROWS
    present = [each for each in wanted if each.installed]
    names = [each.name for each in present]
    failures = [
        f"{each.name} is not measured: {each.requires} is not installed" for each in wanted if not each.installed
    ]
    examples, data = training_examples(plan.data_dir)
    measurements: list[Measurement] = []
    for measurement in measure(chosen, present, examples, plan.rounds):
        measurements.append(measurement)
        print(tables.throughput([measurement], names) + tables.ratios([measurement], names), flush=True)
        failures += [f"{name}, {measurement.row.name}: {reason}" for name, reason in measurement.failures.items()]
    text = SECTION.format(
        left_out=left_out("epochs", plan, _rows_left_out(chosen), _systems_left_out(wanted)),
        examples=len(examples.labels),
        data=data,
        rounds=plan.rounds,
        checked=CHECKED,
        seconds=tables.throughput(measurements, names),
        ratios=tables.ratios(measurements, names),
        failures=bullets(failures),
        targets=targets(measurements),
    )
    picture = plan.folder / "throughput.png"
    plot.draw(picture, measurements, names)
    return f"{text}\n![Time of an epoch relative to nncli's, row by row]({picture.name})\n"


def _rows_left_out(chosen: Sequence[rows.Row]) -> str:
    if len(chosen) == len(rows.ROWS):
        return ""
    return f"{len(chosen)} of {len(rows.ROWS)} rows ({'; '.join(row.name for row in chosen)})"


def _systems_left_out(wanted: Sequence[System]) -> str:
    missing = [each.name for each in system.SYSTEMS if each not in wanted]
    return f"without {' and '.join(missing)}" if missing else ""
