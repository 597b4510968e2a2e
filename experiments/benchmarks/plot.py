"""The picture of the throughput table: each system's seconds relative to nncli's, row by row."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from experiments.benchmarks.comparison import NNCLI, Measurement

MARKS = {
    "plain NumPy": ("o", "#666666"),
    "PyTorch": ("s", "#d95f02"),
    "torch.compile": ("D", "#e6ab02"),
    "JAX step": ("^", "#1b9e77"),
    "JAX scan": ("v", "#1f78b4"),
    "scikit-learn": ("P", "#7570b3"),
}


def draw(path: Path, measurements: Sequence[Measurement], systems: Sequence[str]) -> None:
    """Write a PNG with a line for each row and a mark for each system, to the right of 1 if it is slower than nncli."""
    figure = Figure(figsize=(8, 1.3 + 0.34 * len(measurements)), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    places = range(len(measurements))
    axes.axvline(1, color="black", linewidth=1, label=NNCLI)
    for system in [each for each in systems if each != NNCLI]:
        marker, colour = MARKS[system]
        times = [1 / (each.ratio(system) or float("nan")) for each in measurements]
        axes.plot(times, places, marker, color=colour, label=system, markersize=6, linestyle="none")
    axes.set_xscale("log")
    ticks = [0.7, 1, 1.5, 2, 3, 5, 8, 12, 20]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlim(*_limits(measurements, systems))
    axes.set_yticks(places, [_label(each) for each in measurements])
    axes.set_ylim(len(measurements) - 0.4, -0.6)
    axes.set_xlabel("seconds per epoch, relative to nncli")
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(path, metadata={"Software": None})


def _limits(measurements: Sequence[Measurement], systems: Sequence[str]) -> tuple[float, float]:
    times = [1 / ratio for each in measurements for system in systems if (ratio := each.ratio(system))]
    return 0.9 * min(times, default=1), 1.1 * max(times, default=1)


def _label(measurement: Measurement) -> str:
    row = measurement.row
    return f"{row.network}  batch {row.batch}  {row.optimizer}"
