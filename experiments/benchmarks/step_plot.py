"""The picture and the table of where the time of a training step goes."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from experiments.benchmarks.breakdown import CATEGORIES, Breakdown
from experiments.benchmarks.peers import Ratios
from experiments.benchmarks.plot import MARKS
from experiments.benchmarks.rows import Row
from experiments.benchmarks.tables import percent, seconds, table

ROWS = [
    Row((128,), 32),
    *(Row((512, 512), batch, optimizer) for batch in (32, 128) for optimizer in ("sgd", "adam")),
    Row((1200, 1200), 128),
]
COLOURS = ("#08519c", "#4292c6", "#fdae6b", "#a1d99b", "#bcbddc", "#e6550d", "#bdbdbd")
LIMIT_COLOUR = "#333333"


def draw(path: Path, measured: Sequence[Breakdown], ratios: Ratios) -> None:
    """Write a PNG with two bars for each row, nncli's by category and the limit's, and marks for the peers."""
    figure = Figure(figsize=(9, 1.5 + 0.72 * len(measured)), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    for place, each in enumerate(measured):
        left = 0.0
        for name, colour in zip(CATEGORIES, COLOURS, strict=True):
            width = each.parts[name] / each.total
            axes.barh(place, width, 0.42, left=left, color=colour, label=name if place == 0 else None)
            left += width
        label = "the limit: products alone" if place == 0 else None
        axes.barh(place + 0.31, each.limit / each.total, 0.14, color=LIMIT_COLOUR, label=label)
    for peer in dict.fromkeys(peer for known in ratios.values() for peer in known):
        marker, colour = MARKS[peer]
        places = [place for place, each in enumerate(measured) if peer in ratios.get(each.row.name, {})]
        times = [1 / ratios[measured[place].row.name][peer] for place in places]
        style = {"color": colour, "markeredgecolor": "white", "markersize": 9, "linestyle": "none"}
        axes.plot(times, places, marker, label=peer, **style)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(measured)), [f"{each.row.name}\n{seconds(each.total)} ms" for each in measured])
    axes.set_ylim(len(measured) - 0.4, -0.5)
    axes.set_xlabel("time of a step, relative to nncli")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=5, frameon=False)
    figure.savefig(path, metadata={"Software": None})


def table_of(measured: Sequence[Breakdown]) -> str:
    """Return the table of the milliseconds of a step, by category, and the share of the limit."""
    rows = [
        [
            each.row.name,
            *(f"{each.parts[name]:.3f}" for name in CATEGORIES),
            f"{each.total:.3f}",
            f"{each.limit:.3f}",
            percent(each.limit / each.total),
        ]
        for each in measured
    ]
    return table(["milliseconds per step", *CATEGORIES, "total", "limit", "of the limit"], rows)
