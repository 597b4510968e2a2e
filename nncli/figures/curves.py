"""Panels of curves: lines through points, on linear or logarithmic axes, in the house style."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nncli.figures.page import FAINT, INK, Page, default_style

COLOURS = ("#0b5fa5", "#c8501e", "#2c7d46", "#8a4a9e", "#8c6d1f", "#5f5f5f")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))  # a print without colours stays readable

_WIDTH, _HEIGHT = 380, 250  # pixels of a panel's axes
_LEFT, _ABOVE, _BELOW, _RIGHT = 76, 34, 52, 18  # around them
_HEADER = 62


@dataclass(frozen=True)
class Curve:
    """One line: its points and, for the legend, what it is; `points` marks each, `plain` is a faint guide."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    style: Literal["line", "points", "plain"] = "line"


@dataclass(frozen=True)
class Panel:
    """One pair of axes; values that a logarithmic axis cannot show are left out of it."""

    curves: Sequence[Curve]
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    x_log: bool = False
    y_log: bool = False


def draw(panels: Sequence[Panel], *, title: str, caption: str = "", columns: int = 3, zoom: float = 1.0) -> Figure:
    """Draw panels in rows.

    Args:
        panels: from the top left, row by row.
        title: what is shown.
        caption: small print under the title.
        columns: panels in a row, at most.
        zoom: how much larger than usual the axes are.
    """
    columns = min(columns, len(panels))
    width, height = round(_WIDTH * zoom), round(_HEIGHT * zoom)
    cell_width, cell_height = _LEFT + width + _RIGHT, _ABOVE + height + _BELOW
    with default_style():
        page = Page(columns * cell_width + _RIGHT, _HEADER + math.ceil(len(panels) / columns) * cell_height)
        page.write(24, 16, title, size=13, bold=True)
        page.write(24, 40, caption, size=9)
        for index, panel in enumerate(panels):
            row, column = divmod(index, columns)
            axes = page.axes(column * cell_width + _LEFT, _HEADER + row * cell_height + _ABOVE, width, height)
            _draw_panel(axes, panel)
        return page.figure


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for index, curve in enumerate(panel.curves):
        _draw_curve(axes, curve, index)
    if panel.x_log:
        axes.set_xscale("log", nonpositive="mask")
    if panel.y_log:
        axes.set_yscale("log", nonpositive="mask")
    axes.set_title(panel.title, loc="left", fontsize=10, color=INK, parse_math=False)
    axes.set_xlabel(panel.x_label, fontsize=9, color=FAINT, parse_math=False)
    axes.set_ylabel(panel.y_label, fontsize=9, color=FAINT, parse_math=False)
    axes.tick_params(which="both", labelsize=8, colors=FAINT, length=3)
    axes.grid(visible=True, color="#e6e6e6", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if any(curve.label for curve in panel.curves):
        axes.legend(fontsize=8, frameon=False, labelcolor=INK)


def _draw_curve(axes: Axes, curve: Curve, index: int) -> None:
    colour = FAINT if curve.style == "plain" else COLOURS[index % len(COLOURS)]
    axes.plot(
        curve.x,
        curve.y,
        color=colour,
        linestyle=_DASHES[index % len(_DASHES)],
        linewidth=1.0 if curve.style == "plain" else 1.7,
        marker="o" if curve.style == "points" else "",
        markersize=4,
        label=curve.label or None,
    )
