"""Sheets of small images, each in a hairline frame: the features of units on one scale, or examples of a dataset."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nncli.data.dataset import Dataset
from nncli.errors import NncliError
from nncli.figures.page import FAINT, HEADER, MARGIN, page, style
from nncli.figures.units import symmetric_limit

_FULL_WIDTH = 1400  # pixels of a sheet's tiles
_MAX_ZOOM = 8  # pixels of the sheet for one of a tile
_LABELLED, _LABEL = 50, 15  # pixels: a tile's width from which a label above it can be read, and a label's height
_GAP = 2
_HAIRLINE = 200  # its grey
_MIN_HEIGHT = 150  # of the tiles' part, beside a colour bar
_BAR_GAP, _BAR, _BAR_LABELS, _MAX_BAR = 20, 14, 76, 420


def features(
    weights: NDArray[np.floating],
    shape: tuple[int, int],
    *,
    title: str,
    caption: str = "",
    labels: Sequence[str] = (),
    quantity: str = "weight",
    columns: int | None = None,
) -> Figure:
    """Draw each unit's weights as an image, all on one scale: blue below zero, white at zero, red above.

    Args:
        weights: (units, rows * columns), in the order they are shown.
        shape: (rows, columns) of one image.
        title: what is shown, above the sheet.
        caption: small print under the title.
        labels: none, or one for each unit, above its image where that is large enough to read it.
        quantity: what the colour bar measures.
        columns: images in a row; near a square where it is None.

    Raises:
        NncliError: there is no unit, or the weights of one do not fill the shape.

    """
    if weights.ndim != 2 or not len(weights) or weights.shape[1] != math.prod(shape):
        raise NncliError(f"weights {weights.shape} are no pictures of {shape}; give rows and columns of the input")
    limit = symmetric_limit(weights)
    scale = ScalarMappable(Normalize(-limit, limit), "RdBu_r")
    extend: Literal["both", "neither"] = "both" if np.abs(weights).max() > limit else "neither"
    bar = partial(_draw_bar, scale=scale, quantity=quantity, extend=extend)
    tiles = scale.to_rgba(weights, bytes=True)[..., :3].reshape(-1, *shape, 3)
    with style():
        return _draw(tiles, labels, title, caption, columns, bar)


def examples(data: Dataset, per_class: int) -> Figure:
    """Draw the first `per_class` examples of each class, dark ink on white paper under their labels.

    Each class has a row of its own where 5 to 25 are shown.
    """
    shown = np.concatenate([np.flatnonzero(data.labels == label)[:per_class] for label in np.unique(data.labels)])
    tiles = np.repeat(255 - data.images[shown, ..., np.newaxis], 3, axis=3)
    caption = f"{len(shown)} of the {len(data.labels):,} examples of the {data.split} split"
    columns = per_class if 5 <= per_class <= 25 else None
    with style():
        return _draw(tiles, [str(label) for label in data.labels[shown]], data.name, caption, columns)


def _draw(
    tiles: NDArray[np.uint8],
    labels: Sequence[str],
    title: str,
    caption: str,
    columns: int | None = None,
    bar: Callable[[Axes], None] | None = None,
) -> Figure:
    """Draw tiles (tiles, rows, columns, 3), each of their pixels a square of whole pixels, and the bar beside them."""
    columns = columns or _count_columns(len(tiles))
    zoom = min(max(_FULL_WIDTH // (columns * tiles.shape[2]), 1), _MAX_ZOOM)
    head = _LABEL if labels and tiles.shape[2] * zoom >= _LABELLED else 0
    canvas = _arrange(tiles, columns, zoom, head)
    height, width = canvas.shape[:2]
    beside = _BAR_GAP + _BAR + _BAR_LABELS if bar else 0
    figure = page(MARGIN + width + beside + MARGIN, HEADER + max(height, _MIN_HEIGHT) + MARGIN, title, caption)
    full_width, full_height = figure.bbox.size
    bottom = full_height - HEADER - height
    axes = figure.add_axes((MARGIN / full_width, bottom / full_height, width / full_width, height / full_height))
    axes.set_axis_off()
    axes.imshow(canvas, interpolation="none", aspect="auto", extent=(0, width, height, 0), clip_on=False)
    for index, label in enumerate(labels if head else ()):
        row, column = divmod(index, columns)
        left, top = column * width // columns, row * height // math.ceil(len(tiles) / columns)
        axes.text(left, top + head - 3, label, fontsize=7, color=FAINT, parse_math=False)
    if bar:
        long = min(max(height, _MIN_HEIGHT) - head - _GAP, _MAX_BAR)
        place = ((width + _BAR_GAP) / width, 1 - (head + long) / height, _BAR / width, long / height)
        bar(axes.inset_axes(place))
    return figure


def _arrange(tiles: NDArray[np.uint8], columns: int, zoom: int, head: int) -> NDArray[np.uint8]:
    """Arrange tiles in rows on white paper (height, width, 3), enlarged and framed, with `head` pixels above each."""
    large = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    framed = np.pad(large, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=_HAIRLINE)
    cells = np.pad(framed, ((0, -len(tiles) % columns), (head, _GAP), (0, _GAP), (0, 0)), constant_values=255)
    count, height, width, _ = cells.shape
    rows = count // columns
    return cells.reshape(rows, columns, height, width, 3).swapaxes(1, 2).reshape(rows * height, columns * width, 3)


def _count_columns(count: int) -> int:
    """The columns of a grid, square to three by two or so, that leaves the fewest places of its last row empty."""
    square = math.ceil(math.sqrt(count))
    return min(range(square, square * 3 // 2 + 1), key=lambda columns: (-count % columns, columns))


def _draw_bar(axes: Axes, scale: ScalarMappable, quantity: str, extend: Literal["both", "neither"]) -> None:
    bar = axes.figure.colorbar(scale, cax=axes, extend=extend, extendfrac=0.03)
    bar.set_label(quantity, color=FAINT, fontsize=9)
    bar.outline.set_edgecolor("#c8c8c8")
    axes.tick_params(labelsize=8, colors=FAINT, length=3)
