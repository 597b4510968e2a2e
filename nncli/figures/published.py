"""A figure of published and reproduced test errors, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from nncli.figures.curves import COLOURS
from nncli.figures.page import FAINT, HEADER, INK, MARGIN, page, style

_WIDTH, _ROW = 720, 24  # pixels of the axes, and of one row


@dataclass(frozen=True)
class Comparison:
    """A row: its label, the published error, and the error of each seed, in percent."""

    label: str
    published: float
    reproduced: Sequence[float]


@style()
def draw(rows: Sequence[Comparison], *, title: str, caption: str) -> Figure:
    """Draw the errors of each row on a logarithmic axis, the first row at the top."""
    height = _ROW * len(rows) + 70
    figure = page(_WIDTH, HEADER + height + MARGIN, title, caption)
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - HEADER / (HEADER + height + MARGIN)))
    axes = figure.add_subplot()
    places = range(len(rows))
    axes.plot([row.published for row in rows], places, "D", label="published", color=FAINT, markerfacecolor="none")
    points = [(error, place) for place, row in enumerate(rows) for error in row.reproduced]
    axes.plot([x for x, _ in points], [y for _, y in points], "o", label="each seed", color=COLOURS[0], markersize=4)
    axes.set_xscale("log")
    axes.set_xlabel("test error in %", fontsize=9, color=FAINT)
    axes.set_yticks(places, [row.label for row in rows], fontsize=8, color=INK, parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    ticks = [0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=8)
    axes.set_xticks([], minor=True)
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8, frameon=False)
    return figure
