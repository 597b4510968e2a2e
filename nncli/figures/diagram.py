"""Diagrams of directed acyclic graphs: boxes in columns, from the inputs on the left to the output on the right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from scipy.optimize import isotonic_regression

from nncli.figures.curves import COLOURS
from nncli.figures.page import DPI, FAINT, HEADER, INK, MARGIN, page, style

POSITIVE, NEGATIVE = COLOURS[:2]

_SIZE, _SMALL = 9, 7.5  # points: the text in boxes, and beside arrows
_LEAD, _PADDING = 4, 7  # pixels: between two lines of text, and around the lines of a box
_ABOVE, _PASSING = 16, 10  # pixels between boxes of a column, and between two arrows that pass it
_SWEEPS = 12  # after which neither the order nor the heights of small graphs change
_TIP = 14  # pixels between the head of an arrow and its label, which is there because the heads stand apart


@dataclass(frozen=True)
class Arrow:
    """An arrow from a parent, with a label in the colour of its sign; the shaft has the colour of a weight's sign."""

    source: str
    label: str = ""
    sign: float = 0


@dataclass(frozen=True)
class Node:
    """A box with lines of text, where formulas stand between dollar signs; `marked` lines have a colour of their own.

    The parents of a node are in the diagram before it.
    """

    name: str
    lines: Sequence[str]
    arrows: Sequence[Arrow] = ()
    marked: Sequence[str] = ()


@dataclass(eq=False)
class _Place:
    """Where a node stands in its column, or where an arrow passes the column on its way (without a node)."""

    column: int
    node: Node | None = None
    lines: list[tuple[str, str, float]] = field(default_factory=list)  # text, colour, height in pixels
    width: float = 0
    height: float = 0
    before: list["_Place"] = field(default_factory=list)  # the places its arrows come from
    after: list["_Place"] = field(default_factory=list)
    y: float = 0  # pixels below the top, of the middle


@style()
def draw(nodes: Sequence[Node], *, title: str, caption: str = "", inputs_first: bool = False, gap: int = 60) -> Figure:
    """Draw a graph whose nodes are in topological order.

    Args:
        nodes: the boxes with the arrows that lead to them.
        title: the title of the figure.
        caption: small print under the title.
        inputs_first: whether nodes without parents all stand in the first column, or each before its first child.
        gap: pixels between two columns.
    """
    columns = _place(nodes, inputs_first=inputs_first)
    places = [place for column in columns for place in column]
    scratch = Figure(dpi=DPI)
    FigureCanvasAgg(scratch)  # measures text
    for place in places:
        _measure(place, scratch)
    _set_heights(columns)
    widths = [max(place.width for place in column) for column in columns]
    lefts = list(accumulate((width + gap for width in widths[:-1]), initial=float(MARGIN)))
    top = min(place.y - place.height / 2 for place in places)
    for place in places:
        place.y += HEADER + _PADDING - top
    height = max(place.y + place.height / 2 for place in places) + MARGIN
    figure = page(int(lefts[-1] + widths[-1]) + MARGIN, round(height), title, caption)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, figure.get_figwidth() * DPI), ylim=(figure.get_figheight() * DPI, 0))
    for place in places:
        if place.node:
            _draw_arrows(axes, place, lefts, widths)
            _draw_box(axes, place, lefts[place.column], widths[place.column])
    return figure


def _place(nodes: Sequence[Node], *, inputs_first: bool) -> list[list[_Place]]:
    """Return the places of each column in an order with few crossings (Sugiyama et al., 1981).

    A node stands one column to the right of its last parent. An arrow has a place in every column that it passes.
    """
    depths: dict[str, int] = {}
    for node in nodes:
        depths[node.name] = 1 + max((depths[arrow.source] for arrow in node.arrows), default=-1)
    if not inputs_first:
        for node in nodes:
            if not node.arrows:
                depths[node.name] = _first_child(node, nodes, depths) - 1
    columns: list[list[_Place]] = [[] for _ in range(max(depths.values()) + 1)]
    places: dict[str, _Place] = {}
    for node in nodes:
        places[node.name] = place = _Place(depths[node.name], node)
        for arrow in node.arrows:
            passed = places[arrow.source]
            for column in range(passed.column + 1, place.column):
                step = _Place(column)
                columns[column].append(step)
                _join(passed, step)
                passed = step
            _join(passed, place)
        columns[place.column].append(place)
    return _sort(columns)


def _first_child(node: Node, nodes: Sequence[Node], depths: Mapping[str, int]) -> int:
    children = (depths[each.name] for each in nodes for arrow in each.arrows if arrow.source == node.name)
    return min(children, default=1)


def _join(source: _Place, target: _Place) -> None:
    source.after.append(target)
    target.before.append(source)


def _sort(columns: list[list[_Place]]) -> list[list[_Place]]:
    """Sort each column by the mean rank of its neighbours, to and fro, and return the order with fewest crossings."""
    best, fewest = [list(column) for column in columns], _crossings(columns)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for column, beside in pairwise(columns if forward else reversed(columns)):
            ranks = {place: rank for rank, place in enumerate(column)}
            own = {place: rank for rank, place in enumerate(beside)}
            beside.sort(key=lambda one: _mean([ranks[n] for n in (one.before if forward else one.after)], own[one]))
        if (count := _crossings(columns)) < fewest:
            best, fewest = [list(column) for column in columns], count
    return best


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(columns: Sequence[Sequence[_Place]]) -> int:
    count = 0
    for left, right in pairwise(columns):
        ranks = {place: rank for rank, place in enumerate(right)}
        ends = np.array([ranks[each] for place in left for each in sorted(place.after, key=ranks.__getitem__)])
        count += int(np.triu(ends[:, np.newaxis] > ends).sum())
    return count


def _set_heights(columns: Sequence[Sequence[_Place]]) -> None:
    """Move every place towards the mean height of its neighbours, as far as the others of its column leave room."""
    for column in columns:
        for place, y in zip(column, _distances(column), strict=True):
            place.y = y - _distances(column)[-1] / 2
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            distances = _distances(column)
            wanted = [_mean([each.y for each in place.before + place.after], place.y) for place in column]
            fitted = isotonic_regression(np.array(wanted) - distances).x + distances
            for place, y in zip(column, fitted, strict=True):
                place.y = float(y)


def _distances(column: Sequence[_Place]) -> np.ndarray:
    """Return the least distance of each place of a column from the first."""
    steps = [
        (above.height + below.height) / 2 + (_ABOVE if above.node or below.node else _PASSING)
        for above, below in pairwise(column)
    ]
    return np.cumsum([0, *steps])


def _measure(place: _Place, scratch: Figure) -> None:
    """Set the size of a box from its text."""
    if not place.node:
        return
    for lines, colour in ((place.node.lines, INK), (place.node.marked, NEGATIVE)):
        for line in lines:
            extent = scratch.text(0, 0, line, fontsize=_SIZE).get_window_extent()
            place.lines.append((line, colour, max(extent.height, _SIZE * DPI / 72) + _LEAD))
            place.width = max(place.width, extent.width + 2 * _PADDING + 4)
    place.height = sum(height for _, _, height in place.lines) + 2 * _PADDING


def _draw_box(axes: Axes, place: _Place, left: float, width: float) -> None:
    top = place.y - place.height / 2
    box = FancyBboxPatch((left, top), width, place.height, boxstyle="round,pad=0,rounding_size=7")
    box.set(facecolor="white", edgecolor=INK, linewidth=1, zorder=3)
    axes.add_patch(box)
    top += _PADDING
    for line, colour, height in place.lines:
        text = axes.text(left + width / 2, top + height / 2, line, fontsize=_SIZE, color=colour, zorder=4)
        text.set(ha="center", va="center" if "$" in line else "center_baseline")
        top += height


def _draw_arrows(axes: Axes, place: _Place, lefts: Sequence[float], widths: Sequence[float]) -> None:
    """Draw the arrows that lead to a box, each to a point of its own on the left side."""
    node = place.node
    assert node
    order = sorted(range(len(node.arrows)), key=lambda index: place.before[index].y)
    room = (place.height - 2 * _PADDING) / max(len(order), 1)
    for rank, index in enumerate(order):
        arrow = node.arrows[index]
        end = (lefts[place.column], place.y + room * (rank - (len(order) - 1) / 2))
        points = [end, *_back(place.before[index], lefts, widths)][::-1]
        colour = FAINT if not arrow.sign else POSITIVE if arrow.sign > 0 else NEGATIVE
        shaft = FancyArrowPatch(path=Path(points), arrowstyle="-|>,head_length=5,head_width=2.5", zorder=1)
        shaft.set(color=colour, linewidth=1.1, linestyle=(0, (4, 2)) if arrow.sign < 0 else "-")
        axes.add_patch(shaft)
        if arrow.label:
            _label(axes, arrow, points[-2:], colour if arrow.sign else NEGATIVE)


def _label(axes: Axes, arrow: Arrow, line: Sequence[tuple[float, float]], colour: str) -> None:
    """Write the label of an arrow on the last line of its shaft, as near to the head as it can be read."""
    (x0, y0), (x1, y1) = line
    label = axes.text(0, 0, arrow.label, fontsize=_SMALL, color=colour, ha="center", va="center_baseline", zorder=2)
    label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})
    share = max(0.5, 1 - (_TIP + label.get_window_extent().width / 2) / (x1 - x0))
    label.set_position((x0 + share * (x1 - x0), y0 + share * (y1 - y0)))


def _back(place: _Place, lefts: Sequence[float], widths: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Yield the points of an arrow from its head back to its source: it passes each column horizontally."""
    right = lefts[place.column] + widths[place.column]
    yield right, place.y
    if not place.node:
        yield lefts[place.column], place.y
        yield from _back(place.before[0], lefts, widths)
