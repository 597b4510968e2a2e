"""Decision regions: the response of a unit to every point of a plane, with the line where it changes sides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nncli.figures.curves import COLOURS
from nncli.figures.page import FAINT, HEADER, INK, MARGIN, page, style

_WIDTH, _HEIGHT = 270, 290  # pixels of a panel with its title and labels
_FINE = 201  # points of the grid along each axis
_COLOURS = LinearSegmentedColormap.from_list("response", ["#f2ae86", "#ffffff", "#85bbdf"])
_BORDER = 0.25  # of the extent of the points, on each side


@dataclass(frozen=True, eq=False)
class Region:
    """A unit's response over a plane, and the points to tell apart."""

    title: str
    response: Callable[[NDArray[np.floating]], NDArray[np.floating]]  # of points (2, n), as (n,)
    threshold: float  # the response at the line
    span: tuple[float, float]  # the least and the greatest response
    points: NDArray[np.floating]  # (2, points)
    positive: Sequence[bool]  # which of the points are of the positive class
    axes: tuple[str, str] = ("x1", "x2")


@style()
def draw(rows: Sequence[Sequence[Region]], *, title: str, caption: str) -> Figure:
    """Draw rows of regions; points of the positive class are filled."""
    columns = max(map(len, rows))
    width, height = columns * _WIDTH + MARGIN, len(rows) * _HEIGHT + HEADER
    figure = page(width, height, title, caption)
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - HEADER / height), w_pad=0.1, h_pad=0.1)
    for row, regions in enumerate(rows):
        for column, region in enumerate(regions, start=1):
            _draw_region(figure.add_subplot(len(rows), columns, row * columns + column), region)
    return figure


def _draw_region(axes: Axes, region: Region) -> None:
    low, high = region.points.min(axis=1), region.points.max(axis=1)
    border = _BORDER * max(*(high - low), 0.1)
    x, y = (np.linspace(a - border, b + border, _FINE) for a, b in zip(low, high, strict=True))
    plane = np.stack([each.ravel() for each in np.meshgrid(x, y)])  # (2, _FINE²)
    values = region.response(plane).reshape(_FINE, _FINE)
    axes.imshow(
        values, origin="lower", extent=(x[0], x[-1], y[0], y[-1]), vmin=region.span[0], vmax=region.span[1],
        cmap=_COLOURS, interpolation="nearest", aspect="auto",
    )  # fmt: skip
    if values.min() < region.threshold < values.max():
        axes.contour(x, y, values, levels=[region.threshold], colors=INK, linewidths=1.2)
    positive = np.array(region.positive)
    for chosen, face in ((positive, COLOURS[0]), (~positive, "white")):
        axes.scatter(
            region.points[0, chosen],
            region.points[1, chosen],
            s=55,
            facecolor=face,
            edgecolor=INK,
            linewidth=1.2,
            zorder=3,
        )
    axes.set_title(region.title, loc="left", fontsize=10, color=INK, parse_math=False)
    axes.set_xlabel(region.axes[0], fontsize=9, color=FAINT)
    axes.set_ylabel(region.axes[1], fontsize=9, color=FAINT)
    axes.tick_params(labelsize=8, colors=FAINT, length=3)
    axes.locator_params(nbins=4)
