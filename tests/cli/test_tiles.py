"""Images of units in the terminal: colours, characters, and how large they are shown."""

import io

import numpy as np
import pytest
from rich.console import Console

from nncli.cli.tiles import Tiles
from nncli.figures.units import UnitImages


def console(width=80, *, colour=True, encoding="utf-8", **options):
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    system = "truecolor" if colour else None
    options = {"force_terminal": colour, "color_system": system, "height": 24, "_environ": {}, **options}
    return Console(width=width, file=file, legacy_windows=False, **options)


def shown(images):
    count = len(images)
    title = f"hidden1: weights of {count} of 9 units"
    return UnitImages(title, np.arange(count), np.reshape(images, (count, -1)), "weight")


def printed(target):
    target.file.flush()
    return target.file.buffer.getvalue().decode(target.file.encoding)


SQUARE = np.array([[[1.0, -1.0, 0.0, 0.0], [1.0, -1.0, 0.0, 0.5]]])  # (1, 2, 4)


def test_two_pixels_are_one_character_in_their_colours():
    target = console()
    Tiles((2, 4), target).show(shown(SQUARE))
    line = printed(target).splitlines()[-1]
    assert line.count("▀") == 4
    red, blue, white, pink = "178;24;43", "33;102;172", "255;255;255", "216;140;149"
    for above, below in ((red, red), (blue, blue), (white, white), (white, pink)):
        assert f"\x1b[38;2;{above};48;2;{below}m▀" in line


@pytest.mark.parametrize(
    "options",
    [{"colour": False}, {"no_color": True}, {"encoding": "ascii"}],
    ids=["no terminal", "NO_COLOR", "no half-blocks"],
)
def test_without_colour_characters_tell_the_sign(options):
    target = console(**options)
    Tiles((2, 4), target).show(shown(SQUARE))
    assert printed(target).splitlines()[-1].rstrip().endswith("#= +")


@pytest.mark.parametrize(
    ("shape", "width", "tile", "in_a_row"),
    [
        ((28, 28), 118, (14, 28), 4),
        ((28, 28), 117, (7, 14), 7),
        ((28, 28), 80, (7, 14), 5),
        ((28, 28), 20, (7, 14), 1),
        ((28, 28), 13, (5, 10), 1),
        ((5, 7), 80, (3, 7), 9),
        ((9, 300), 80, (2, 75), 1),
    ],
)
def test_tiles_are_as_large_as_the_terminal_allows(shape, width, tile, in_a_row):
    target = console(width, colour=False)
    tiles = Tiles(shape, target)
    assert ((tiles.lines, tiles.width), tiles.in_a_row) == (tile, in_a_row)
    tiles.show(shown(np.ones((in_a_row + 1, *shape))))
    lines = printed(target).splitlines()
    assert len(lines[-1].rstrip()) <= width
    assert sum("#" in line or "*" in line for line in lines[2:]) == 2 * tile[0]


def test_a_screen_is_filled_and_not_more():
    assert Tiles((28, 28), console(80)).on_a_screen == 10
    assert Tiles((28, 28), console(80, height=4)).on_a_screen == 5


def test_a_reduced_image_is_the_mean_of_its_pixels():
    image = np.kron([[1.0, -1.0], [-1.0, 1.0]], np.ones((2, 4)))[np.newaxis]  # (1, 4, 8)
    target = console(9, colour=False)
    tiles = Tiles((4, 8), target)
    assert tiles.reduction == 2
    tiles.show(shown(image))
    assert printed(target).splitlines()[-1].rstrip() == ""
