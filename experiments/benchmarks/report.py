"""Runs the parts of the benchmark and lays their tables out as RESULTS.md."""

from collections.abc import Sequence
from pathlib import Path

from experiments.benchmarks import data_path, plot, rows, tables
from experiments.benchmarks.comparison import Measurement
from experiments.benchmarks.examples import training_examples
from experiments.benchmarks.rounds import measure
from experiments.benchmarks.systems import system

QUICK = "\nA quick run: some rows and systems only; run it without `--quick` for numbers to quote.\n"

THROUGHPUT = """
## Seconds an epoch

{examples:,} examples of {data}, float32, in memory; medians over {rounds} rounds, in which the systems take turns.
Where a round is not an epoch, it is the steps named, and the seconds are scaled up to an epoch.

{seconds}
nncli's seconds / the peer's (median of the ratios round by round: below 1, nncli is faster), what nncli's matrix
products achieve and that as a share of the best plain product of 2048×2048 matrices measured in the same rounds, and
the largest relative difference of a peer's loss from nncli's over the first {checked} steps from equal weights on equal
mini-batches.

{ratios}
{failures}"""


def write(parts: Sequence[str], *, quick: bool, rounds: int, data_dir: Path | None, facts: str, folder: Path) -> str:
    """Measure, write RESULTS.md and throughput.png to a folder, and give the text."""
    text = "# Speed\n\nWritten by `make bench`.\n\n" + facts + (QUICK if quick else "")
    if "throughput" in parts:
        text += throughput(quick=quick, rounds=rounds, data_dir=data_dir, picture=folder / "throughput.png")
    if "commands" in parts:
        from experiments.benchmarks import commands

        text += commands.section(quick=quick, rounds=rounds, data_dir=data_dir)
    if "data" in parts:
        text += data_path.section(rounds)
    (folder / "RESULTS.md").write_text(text, encoding="utf-8")
    return text


def throughput(*, quick: bool, rounds: int, data_dir: Path | None, picture: Path) -> str:
    """Measure the rows with every system that is installed, and draw the picture."""
    from experiments.benchmarks.worker import CHECKED

    wanted = system.QUICK if quick else system.SYSTEMS
    present = [each for each in wanted if each.installed]
    names = [each.name for each in present]
    failures = [
        f"- {each.name} is not measured: {each.requires} is not installed" for each in wanted if each not in present
    ]
    examples, data = training_examples(data_dir)
    measurements: list[Measurement] = []
    for measurement in measure(rows.QUICK if quick else rows.ROWS, present, examples, rounds):
        measurements.append(measurement)
        print(tables.throughput([measurement], names) + tables.ratios([measurement], names), flush=True)
        row = measurement.row
        failures += [
            f"- {name}, {row.network} batch {row.batch} {row.optimizer}: {reason}"
            for name, reason in measurement.failures.items()
        ]
    text = THROUGHPUT.format(
        examples=len(examples.labels),
        data=data,
        rounds=rounds,
        checked=CHECKED,
        seconds=tables.throughput(measurements, names),
        ratios=tables.ratios(measurements, names),
        failures="\n".join(failures) + "\n" if failures else "",
    )
    if len(names) > 1:
        plot.draw(picture, measurements, names)
        text += f"\n![Time of an epoch in units of nncli's, row by row]({picture.name})\n"
    return text
