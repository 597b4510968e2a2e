"""Panels of curves on linear or logarithmic axes, each with a title and a legend."""

import math
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from nncli.figures.page import FAINT, HEADER, INK, MARGIN, page, style

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Colours that colour-blind readers can distinguish (Okabe & Ito, Color Universal Design, 2008)."""

_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))  # one fewer than colours: more than six curves all differ
_STEPS = (1, 2, 2.5, 5, 10)  # between ticks
_WIDTH, _HEIGHT = 480, 360  # pixels of a panel with its labels and legend


@dataclass(frozen=True)
class Curve:
    """A line with its label for the legend; the style `points` also marks each point, `plain` is a faint guide."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    style: Literal["line", "points", "plain"] = "line"


@dataclass(frozen=True)
class Panel:
    """A pair of axes; values that a logarithmic axis cannot show are left out."""

    curves: Sequence[Curve]
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    x_log: bool = False
    y_log: bool = False


@style()
def draw(panels: Sequence[Panel], *, title: str, caption: str = "", columns: int = 3, zoom: float = 1.0) -> Figure:
    """Draw panels in rows of at most `columns`, under a title and a caption in small print; `zoom` enlarges them."""
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    width = round(columns * _WIDTH * zoom) + MARGIN
    height = round(rows * _HEIGHT * zoom) + HEADER
    figure = page(width, height, title, caption)
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - HEADER / height), w_pad=0.12, h_pad=0.12)
    for index, panel in enumerate(panels, start=1):
        _draw_panel(figure.add_subplot(rows, columns, index), panel)
    return figure


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for index, curve in enumerate(panel.curves):
        _draw_curve(axes, curve, index)
    above = 8 + 13 * math.ceil(len(panel.curves) / 2)  # height of the legend in points
    axes.set_title(panel.title, loc="left", pad=above, fontsize=10, color=INK, parse_math=False)
    axes.set_xlabel(panel.x_label, fontsize=9, color=FAINT, parse_math=False)
    axes.set_ylabel(panel.y_label, fontsize=9, color=FAINT, parse_math=False)
    axes.tick_params(which="both", labelsize=8, colors=FAINT, length=3)
    axes.grid(visible=True, color="#e6e6e6", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    integers = all(float(x).is_integer() for curve in panel.curves for x in curve.x)
    if panel.x_log:
        axes.set_xscale("log", nonpositive="mask")
        label_ticks(axes.xaxis, integers=integers)
    elif integers:
        axes.xaxis.set_major_locator(MaxNLocator("auto", steps=_STEPS, integer=True, min_n_ticks=1))
    if panel.y_log:
        axes.set_yscale("log", nonpositive="mask")
        label_ticks(axes.yaxis)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8, frameon=False, labelcolor=INK)


def _draw_curve(axes: Axes, curve: Curve, index: int) -> None:
    (line,) = axes.plot(curve.x, curve.y, label=curve.label, linewidth=1.7, linestyle=_DASHES[index % len(_DASHES)])
    line.set(color=COLOURS[index % len(COLOURS)], marker="o" if curve.style == "points" else marker(curve.x))
    line.set_markersize(4)
    if curve.style == "plain":
        line.set(color=FAINT, linewidth=1)


def marker(points: Sized) -> str:
    """Return the marker of a curve: a dot if it has a single point, which no line shows."""
    return "o" if len(points) == 1 else ""


def label_ticks(axis: Axis, *, integers: bool = False) -> None:
    """Label more than the powers of ten on a logarithmic axis that spans fewer than two decades."""
    low, high = axis.get_view_interval()
    decades = math.log10(high) - math.log10(low)
    if decades < 2:
        few = MaxNLocator(6, steps=_STEPS, integer=integers, min_n_ticks=1)
        axis.set_major_locator(few if decades < 1 else LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
