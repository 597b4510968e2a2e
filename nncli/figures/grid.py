"""Where the tiles of a picture sheet lie, to the pixel."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

_TARGET_WIDTH = 1400  # pixels of a full sheet
_MAX_ZOOM = 8  # pixels of the sheet for one of a tile
_LABELLED = 50  # pixels of a tile's width from which a label above it is readable
_LABEL_HEIGHT = 15
_FRAME = 200  # the grey of the hairline around a tile


@dataclass(frozen=True)
class Grid:
    """Tiles in rows from the top left, all measures in pixels of the sheet."""

    units: int
    columns: int
    zoom: int
    tile_height: int
    tile_width: int
    gap: int  # between two tiles, their hairlines included
    label_height: int  # above each tile; 0 where there are no labels

    @classmethod
    def arrange(cls, units: int, shape: tuple[int, int], *, labelled: bool, columns: int | None = None) -> Self:
        """Lay `units` tiles of `shape` (rows, columns) out, near a square if free, as large as a screen shows them."""
        columns = columns or _count_columns(units)
        zoom = min(max(_TARGET_WIDTH // (columns * shape[1]), 1), _MAX_ZOOM)
        height, width = shape[0] * zoom, shape[1] * zoom
        label_height = _LABEL_HEIGHT if labelled and width >= _LABELLED else 0
        return cls(units, columns, zoom, height, width, 4 if zoom > 1 else 3, label_height)

    @property
    def height(self) -> int:
        """Pixels from the top of the first row to the bottom of the last."""
        rows = math.ceil(self.units / self.columns)
        return rows * (self.label_height + self.tile_height + self.gap) + self.gap

    @property
    def width(self) -> int:
        """Pixels from the left of the first column to the right of the last."""
        return self.columns * (self.tile_width + self.gap) + self.gap

    def corners(self) -> Iterator[tuple[int, int]]:
        """The top and the left of each tile in turn."""
        for unit in range(self.units):
            row, column = divmod(unit, self.columns)
            top = row * (self.label_height + self.tile_height + self.gap) + self.label_height + self.gap
            yield top, column * (self.tile_width + self.gap) + self.gap

    def paint(self, tiles: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Put coloured tiles (units, rows, columns, 3) on a white canvas (height, width, 3), a hairline around each."""
        canvas = np.full((self.height, self.width, 3), 255, np.uint8)
        for tile, (top, left) in zip(tiles, self.corners(), strict=True):
            bottom, right = top + self.tile_height, left + self.tile_width
            canvas[top - 1 : bottom + 1, left - 1 : right + 1] = _FRAME
            canvas[top:bottom, left:right] = tile.repeat(self.zoom, axis=0).repeat(self.zoom, axis=1)
        return canvas


def _count_columns(units: int) -> int:
    """The columns of the grid, square to three by two or so, that leaves the fewest places of its last row empty."""
    square = math.ceil(math.sqrt(units))
    return min(range(square, square * 3 // 2 + 1), key=lambda columns: (-units % columns, columns))
