"""Tiles fill a grid near a square, each at its corner, none over another."""

import numpy as np
import pytest

from nncli.figures.grid import Grid


@pytest.mark.parametrize(
    ("units", "columns"), [(1, 1), (2, 2), (3, 3), (7, 4), (10, 5), (128, 16), (512, 32), (1200, 40)]
)
def test_the_grid_is_near_square_and_near_full(units, columns):
    grid = Grid.arrange(units, (28, 28), labelled=False)
    assert grid.columns == columns
    assert -units % columns <= 1


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("units", [1, 5, 128, 1200])
def test_every_tile_lies_on_the_canvas_and_on_no_other(units, labelled):
    grid = Grid.arrange(units, (28, 28), labelled=labelled)
    covered = np.zeros((grid.height, grid.width), np.int64)
    for top, left in grid.corners():
        covered[top : top + grid.tile_height, left : left + grid.tile_width] += 1
    assert covered.max() == 1
    assert covered.sum() == units * grid.tile_height * grid.tile_width


def test_labels_are_left_out_where_tiles_are_small():
    assert Grid.arrange(10, (28, 28), labelled=True).label_height > 0
    assert Grid.arrange(1200, (28, 28), labelled=True).label_height == 0


def test_paint_enlarges_each_tile_without_blending():
    tiles = np.random.default_rng(1).integers(0, 200, (3, 2, 5, 3)).astype(np.uint8)
    grid = Grid.arrange(3, (2, 5), labelled=False)
    canvas = grid.paint(tiles)
    assert canvas.shape == (grid.height, grid.width, 3)
    for tile, (top, left) in zip(tiles, grid.corners(), strict=True):
        shown = canvas[top : top + grid.tile_height : grid.zoom, left : left + grid.tile_width : grid.zoom]
        assert np.array_equal(shown, tile)


def test_pictures_larger_than_the_sheet_stay_whole():
    grid = Grid.arrange(4, (1000, 1000), labelled=False)
    assert (grid.zoom, grid.tile_width) == (1, 1000)
