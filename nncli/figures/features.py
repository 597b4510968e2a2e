"""A sheet of features: each unit's weights as one small picture, all on one scale with white at zero."""

import math
from collections.abc import Sequence
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nncli.errors import NncliError
from nncli.figures.grid import Grid
from nncli.figures.page import FAINT, Page, default_style

COLOURS = "RdBu_r"  # blue below zero, white at zero, red above
COVERED = 99.5  # percent of the weights that the scale tells apart; outliers take its end colours

_MARGIN, _BAR_GAP, _BAR, _BAR_LABELS = 24, 20, 14, 76  # pixels
_MIN_WIDTH, _MIN_HEIGHT = 440, 150  # of the tiles' part: room for the title and the colour bar


def choose(weights: NDArray[np.floating], count: int | None, sort: Literal["norm", "index"]) -> NDArray[np.intp]:
    """Pick the units to show: (shown,) indices, by falling norm of their weights or from the first on.

    Args:
        weights: (units, inputs).
        count: how many at most; all where it is None.
        sort: the order; units of equal norm stay in theirs.

    """
    units = np.arange(len(weights))
    if sort == "norm":
        units = np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")
    return units[:count]


def symmetric_limit(weights: NDArray[np.floating]) -> float:
    """The weight at both ends of the scale, low enough that a few outliers do not fade all others."""
    sizes = np.abs(weights)
    return float(np.percentile(sizes, COVERED)) or float(sizes.max()) or 1.0


def sheet(
    weights: NDArray[np.floating],
    shape: tuple[int, int],
    *,
    title: str,
    caption: str = "",
    labels: Sequence[str] = (),
    quantity: str = "weight",
    columns: int | None = None,
) -> Figure:
    """Draw features.

    Args:
        weights: (units, rows * columns), the features in the order they are shown.
        shape: (rows, columns) of one feature.
        title: what is shown, above the sheet.
        caption: small print under the title.
        labels: none, or one for each unit, above its tile where tiles are large enough to read it.
        quantity: what the colour bar measures.
        columns: tiles in a row; near a square where it is None.

    Raises:
        NncliError: there is no unit, or the weights of one do not fill the shape.

    """
    if weights.ndim != 2 or not len(weights) or weights.shape[1] != math.prod(shape):
        raise NncliError(f"weights {weights.shape} are no pictures of {shape}; give rows and columns of the input")
    limit = symmetric_limit(weights)
    scale = ScalarMappable(Normalize(-limit, limit), mpl.colormaps[COLOURS])
    tiles = scale.to_rgba(weights, bytes=True)[..., :3].reshape(-1, *shape, 3)
    grid = Grid.arrange(len(weights), shape, labelled=bool(labels), columns=columns)
    header = _MARGIN + (46 if caption else 26)
    with default_style():
        page = Page(
            2 * _MARGIN + max(grid.width, _MIN_WIDTH) + _BAR_GAP + _BAR + _BAR_LABELS,
            header + max(grid.height, _MIN_HEIGHT) + _MARGIN,
        )
        page.write(_MARGIN + grid.gap, _MARGIN - 6, title, size=13, bold=True)
        page.write(_MARGIN + grid.gap, _MARGIN + 18, caption, size=9)
        _draw_tiles(page, header, grid, tiles, labels)
        clipped = bool(np.abs(weights).max() > limit)
        _draw_bar(page, header, grid, scale, quantity, clipped=clipped)
        return page.figure


def _draw_tiles(page: Page, top: int, grid: Grid, tiles: NDArray[np.uint8], labels: Sequence[str]) -> None:
    axes = page.axes(_MARGIN, top, grid.width, grid.height)
    axes.set_axis_off()
    axes.imshow(grid.paint(tiles), interpolation="nearest", aspect="auto")
    if grid.label_height:
        for label, (tile_top, left) in zip(labels, grid.corners(), strict=True):
            axes.text(left - 1, tile_top - 3, label, va="bottom", fontsize=7, color=FAINT, parse_math=False)


def _draw_bar(page: Page, top: int, grid: Grid, scale: ScalarMappable, quantity: str, *, clipped: bool) -> None:
    first = top + grid.label_height + grid.gap - 1  # level with the first row of tiles
    height = max(grid.height, _MIN_HEIGHT) - (first - top) - grid.gap
    axes = page.axes(_MARGIN + grid.width + _BAR_GAP, first, _BAR, min(height, 420))
    bar = axes.figure.colorbar(scale, cax=axes, extend="both" if clipped else "neither", extendfrac=0.03)
    bar.set_label(quantity, color=FAINT, fontsize=9)
    bar.outline.set_edgecolor("#c8c8c8")
    axes.tick_params(labelsize=8, colors=FAINT, length=3)
