"""Evaluation: the seconds that nncli and its peers need for the loss and error of 10,000 images."""

from experiments.benchmarks.comparison import NNCLI, Measurement
from experiments.benchmarks.examples import Examples, training_examples
from experiments.benchmarks.parts.part import Plan, bullets, left_out
from experiments.benchmarks.rounds import measure
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems.system import EVALUATORS
from experiments.benchmarks.tables import ratio, seconds, table

IMAGES = 10_000
BATCH = 500
EVALUATIONS = 10
ROWS = [Row((512, 512), BATCH), Row((128,), BATCH)]

SECTION = """\
{left_out}\
Seconds to compute the mean loss and the error on {images:,} images of {data}, float32, in batches of {batch}. The
systems take turns, each evaluates {evaluations} times in a row, and the table shows medians (rounds: {rounds}). nncli
scales the pixels from bytes in every evaluation, as it does at the end of an epoch; the peers keep them in memory as
float32.

{table}{notes}"""


def section(plan: Plan) -> str:
    """Measure the evaluation with every system that is installed."""
    present = [each for each in EVALUATORS if each.installed]
    notes = [
        f"{each.name} is not measured: {each.requires} is not installed" for each in EVALUATORS if not each.installed
    ]
    examples, data = training_examples(plan.data_dir)
    chosen = Examples(examples.images[:IMAGES], examples.labels[:IMAGES])
    measurements = list(measure(ROWS, present, chosen, plan.rounds, references=(), times=EVALUATIONS))
    for each in measurements:
        notes += [f"{name}, {each.row.network}: {reason}" for name, reason in each.failures.items()]
        if not each.agrees():
            notes.append(f"{each.row.network}: not the same work: losses or errors differ by {each.disagreement():.0e}")
    return SECTION.format(
        left_out=left_out("evaluation", plan),
        images=IMAGES,
        data=data,
        batch=BATCH,
        evaluations=EVALUATIONS,
        rounds=plan.rounds,
        table=lay_out(measurements, [each.name for each in present]),
        notes=bullets(notes),
    )


def lay_out(measurements: list[Measurement], systems: list[str]) -> str:
    """Return the table of seconds and of nncli's seconds / each peer's."""
    peers = [each for each in systems if each != NNCLI]
    rows = [
        [
            each.row.network,
            *(seconds(each.typical(system)) for system in systems),
            *(ratio(each.ratio(peer)) for peer in peers),
        ]
        for each in measurements
    ]
    return table(["network", *systems, *(f"/ {peer}" for peer in peers)], rows)
