"""Sheets of small framed images: the weights of units on a common scale, or examples of a dataset."""

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

from nncli.data.augment import Augmentation
from nncli.data.dataset import Dataset, split_title
from nncli.figures.page import FAINT, HEADER, MARGIN, page, style
from nncli.figures.units import symmetric_limit

_FULL_WIDTH = 1400  # of all tiles in a row, in pixels
_MAX_ZOOM = 8  # pixels of the sheet for one pixel of a tile
_LABELLED, _LABEL = 50, 15  # pixels: the smallest width of a tile with a label, and the height of a label
_GAP = 2
_HAIRLINE = 200  # grey level of the frames
_MIN_HEIGHT = 150  # pixels, to leave room for a colour bar
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
    """Draw each unit's weights as an image, all on a common scale: blue below zero, white at zero, red above.

    Args:
        weights: (units, rows * columns), in the order shown.
        shape: (rows, columns) of an image.
        title: the title of the sheet.
        caption: small print under the title.
        labels: one for each unit, shown above its image if that is wide enough; or none.
        quantity: the label of the colour bar.
        columns: the number of images in a row; by default, the grid is nearly square.
    """
    limit = symmetric_limit(weights)
    scale = ScalarMappable(Normalize(-limit, limit), "RdBu_r")
    extend: Literal["both", "neither"] = "both" if np.abs(weights).max() > limit else "neither"
    bar = partial(_draw_bar, scale=scale, quantity=quantity, extend=extend)
    tiles = scale.to_rgba(weights, bytes=True)[..., :3].reshape(-1, *shape, 3)
    return _draw(tiles, labels, title, caption, columns, bar)


def examples(data: Dataset, per_class: int) -> Figure:
    """Draw the first `per_class` examples of each class, dark on white, under their labels.

    Each class gets a row of its own if 5 to 25 of its examples are shown.
    """
    shown = np.concatenate([np.flatnonzero(data.labels == label)[:per_class] for label in np.unique(data.labels)])
    tiles = np.repeat(255 - data.images[shown, ..., np.newaxis], 3, axis=3)
    caption = f"{len(shown)} of the {len(data.labels):,} examples of the {split_title(data.split)} split"
    columns = per_class if 5 <= per_class <= 25 else None
    return _draw(tiles, [str(label) for label in data.labels[shown]], data.name, caption, columns)


def distortions(data: Dataset, augmentation: Augmentation, copies: int, rng: np.random.Generator) -> Figure:
    """Draw each example, and to its right distorted copies of it, dark on white, under their labels."""
    distorted = augmentation.apply(data.images.repeat(copies, axis=0), rng)
    rows = np.concatenate([data.images[:, np.newaxis], distorted.reshape(-1, copies, *distorted.shape[1:])], axis=1)
    tiles = np.repeat(255 - np.rint(rows.reshape(-1, *distorted.shape[1:], 1)).astype(np.uint8), 3, axis=3)
    labels = [name for label in data.labels for name in (f"{label}: original", *[""] * copies)]
    return _draw(tiles, labels, data.name, f"distorted examples of the {split_title(data.split)} split", copies + 1)


@style()
def _draw(
    tiles: NDArray[np.uint8],
    labels: Sequence[str],
    title: str,
    caption: str,
    columns: int | None = None,
    bar: Callable[[Axes], None] | None = None,
) -> Figure:
    """Draw tiles, (tiles, rows, columns, 3), enlarged by an integer factor, and the colour bar to their right."""
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
    """Return an image (height, width, 3) of the tiles in rows, enlarged and framed, with `head` pixels above each."""
    large = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    framed = np.pad(large, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=_HAIRLINE)
    cells = np.pad(framed, ((0, -len(tiles) % columns), (head, _GAP), (0, _GAP), (0, 0)), constant_values=255)
    count, height, width, _ = cells.shape
    rows = count // columns
    return cells.reshape(rows, columns, height, width, 3).swapaxes(1, 2).reshape(rows * height, columns * width, 3)


def _count_columns(count: int) -> int:
    """Return the number of columns, for a grid at most half wider than high, that leaves the last row fullest."""
    square = math.ceil(math.sqrt(count))
    return min(range(square, square * 3 // 2 + 1), key=lambda columns: (-count % columns, columns))


def _draw_bar(axes: Axes, scale: ScalarMappable, quantity: str, extend: Literal["both", "neither"]) -> None:
    bar = axes.figure.colorbar(scale, cax=axes, extend=extend, extendfrac=0.03)
    bar.set_label(quantity, color=FAINT, fontsize=9)
    bar.outline.set_edgecolor("#c8c8c8")
    axes.tick_params(labelsize=8, colors=FAINT, length=3)
