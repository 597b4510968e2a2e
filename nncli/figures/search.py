"""The figure of a search: parallel coordinates, the history, and a slice along each setting."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from nncli.figures.curves import label_ticks
from nncli.figures.page import FAINT, HEADER, INK, MARGIN, page, style

Colour: TypeAlias = tuple[float, float, float, float]

_COLUMNS = 3
_WIDTH, _HEIGHT = 360, 300  # pixels of a panel


@dataclass(frozen=True)
class Setting:
    """A setting with its value at each point; with `choices`, a value is an index of one of these."""

    label: str
    values: Sequence[float]
    log: bool = False
    choices: Sequence[str] = ()


@style()
def draw(
    settings: Sequence[Setting], objective: Sequence[float], *, objective_label: str, title: str, caption: str = ""
) -> Figure:
    """Draw the points of a search in the order of their trials; a lower objective is better and darker.

    Args:
        settings: one for each dimension, with as many values as there are points; at least one.
        objective: objective of each point, finite; at least one.
        objective_label: name of the objective.
        title: title of the figure.
        caption: text in small print below the title.
    """
    rows = math.ceil((1 + len(settings)) / _COLUMNS)
    height = (1 + rows) * _HEIGHT + HEADER
    figure = page(_COLUMNS * _WIDTH + MARGIN, height, title, caption)
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - HEADER / height), w_pad=0.12, h_pad=0.12)
    grid = GridSpec(1 + rows, _COLUMNS, figure=figure)
    shade, colours = _shades(objective)
    shaded: list[Colour] = [colours(float(shade(each))) for each in objective]
    best_last = np.argsort(objective)[::-1].tolist()
    columns = [*settings, Setting(objective_label, objective)]
    _draw_parallel(figure.add_subplot(grid[0, :]), columns, shaded, best_last)
    _draw_history(figure.add_subplot(grid[1, 0]), objective, objective_label)
    for index, setting in enumerate(settings, start=1):
        axes = figure.add_subplot(grid[1 + index // _COLUMNS, index % _COLUMNS])
        _draw_slice(axes, setting, objective, shaded, objective_label)
    return figure


def _shades(objective: Sequence[float]) -> tuple[Normalize, Colormap]:
    """Return a scale of the objective, on which a few bad points do not hide the differences, and its colours."""
    low, middle = min(objective), float(np.median(objective))
    high = min(max(objective), low + 3 * (middle - low)) if middle > low else max(objective)
    return Normalize(low, high if high > low else low + 1, clip=True), mpl.colormaps["viridis"]


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=INK, parse_math=False)
    axes.tick_params(which="both", labelsize=8, colors=FAINT, length=3)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_parallel(axes: Axes, columns: Sequence[Setting], colours: Sequence[Colour], order: Sequence[int]) -> None:
    """Draw a line for each point across vertical axes, one for each setting."""
    _plain(axes, "parallel coordinates")
    heights = np.array([_unit(each) for each in columns])  # (settings, points)
    for index in order:
        axes.plot(heights[:, index], color=colours[index], linewidth=1.3, alpha=0.8)
    axes.set_xticks(range(len(columns)), [each.label for each in columns], fontsize=8)
    axes.yaxis.set_major_locator(NullLocator())
    axes.set_xlim(-0.15, len(columns) - 0.7)
    axes.set_ylim(-0.06, 1.06)
    axes.spines[["left", "bottom"]].set_visible(False)
    for place, column in enumerate(columns):
        axes.axvline(place, color=FAINT, linewidth=0.8, zorder=0)
        for height, text in _marks(column):
            mark = axes.text(place + 0.02, height, text, fontsize=7, color=FAINT, va="center", parse_math=False)
            mark.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})  # over the lines


def _unit(setting: Setting) -> Sequence[float]:
    """Return the values on a scale from 0 to 1."""
    values = np.log(setting.values) if setting.log else np.asarray(setting.values, dtype=float)
    low, high = (0, len(setting.choices) - 1) if setting.choices else (values.min(), values.max())
    return [(float(each) - low) / (high - low) if high > low else 0.5 for each in values]


def _marks(setting: Setting) -> list[tuple[float, str]]:
    if setting.choices:
        steps = max(1, len(setting.choices) - 1)
        return [(i / steps if len(setting.choices) > 1 else 0.5, each) for i, each in enumerate(setting.choices)]
    return [(0, f"{min(setting.values):.3g}"), (1, f"{max(setting.values):.3g}")]


def _draw_history(axes: Axes, objective: Sequence[float], label: str) -> None:
    _plain(axes, "history")
    trials = range(1, len(objective) + 1)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    axes.plot(trials, objective, "o", color="#56b4e9", markersize=4)
    axes.step(trials, np.minimum.accumulate(objective), where="post", color=INK, linewidth=1.4)
    axes.set_xlabel("points; the line is the best so far", fontsize=8, color=FAINT)
    axes.set_ylabel(label, fontsize=8, color=FAINT)
    _compress(axes, objective)


def _draw_slice(
    axes: Axes, setting: Setting, objective: Sequence[float], colours: Sequence[Colour], label: str
) -> None:
    _plain(axes, setting.label)
    axes.scatter(setting.values, objective, c=colours, s=18, edgecolors=INK, linewidths=0.4)
    if setting.log:
        axes.set_xscale("log")
        label_ticks(axes.xaxis)
    if setting.choices:
        axes.xaxis.set_major_locator(FixedLocator(range(len(setting.choices))))
        axes.set_xticklabels(setting.choices)
        axes.set_xlim(-0.5, len(setting.choices) - 0.5)
    axes.set_ylabel(label, fontsize=8, color=FAINT)
    _compress(axes, objective)


def _compress(axes: Axes, objective: Sequence[float]) -> None:
    """Use a logarithmic scale if the objective spans more than a decade."""
    if min(objective) > 0 and max(objective) / min(objective) > 10:
        axes.set_yscale("log")
