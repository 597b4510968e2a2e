"""Show images of units in the terminal: in coloured half-blocks, or in characters without colour."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from nncli.figures.units import UnitImages, symmetric_limit

SIDE_BY_SIDE = 4  # images are shown at half their size if fewer than this fit in a row
GAP = 2
HALF_BLOCK = "▀"  # two pixels: the foreground colour above, the background colour below
RAMP = "=~- +*#"  # from far below zero to far above zero
BELOW, ABOVE = np.array([33, 102, 172]), np.array([178, 24, 43])  # the colours at both ends of the scale; zero is white

Tile = npt.NDArray[np.floating]


class Tiles:
    """A grid of small images, as wide as the console.

    Args:
        shape: (rows, columns) of an image.
        console: to print to.
    """

    def __init__(self, shape: tuple[int, int], console: Console) -> None:
        self.shape, self.console = shape, console
        self.coloured = bool(console.color_system) and not console.no_color and not console.options.ascii_only
        fits = SIDE_BY_SIDE * (shape[1] + GAP) - GAP <= console.width
        self.reduction = 1 if fits else max(2, math.ceil(shape[1] / console.width))  # pixels per pixel on the screen
        rows, columns = (math.ceil(extent / self.reduction) for extent in shape)
        self.lines, self.width = math.ceil(rows / 2), columns
        self.in_a_row = max(1, (console.width + GAP) // (columns + GAP))

    @property
    def on_a_screen(self) -> int:
        """The number of tiles that fill the terminal once."""
        return self.in_a_row * max(1, (self.console.height - 3) // (self.lines + 1))

    def show(self, shown: UnitImages) -> None:
        """Print the title, a legend, and the image of each unit below its number, all on one scale."""
        self.console.print(shown.title, style="bold", soft_wrap=True)
        self.console.print(self._legend(), soft_wrap=True)
        images = _reduced(shown.images.reshape(-1, *self.shape), self.reduction)
        images = np.clip(images / symmetric_limit(images), -1, 1)
        for first in range(0, len(images), self.in_a_row):
            row = slice(first, first + self.in_a_row)
            labels = (f"{unit:<{self.width}}"[: self.width] for unit in shown.units[row])
            self.console.print((" " * GAP).join(labels).rstrip(), style="dim", no_wrap=True)
            for line in self._lines(images[row]):
                self.console.print(line, no_wrap=True)

    def _legend(self) -> Text:
        if not self.coloured:
            return Text(f"'{RAMP[:3]}' below zero, '{RAMP[-3:]}' above")
        below, above = (Style(color=Color.from_rgb(*end)) for end in (BELOW, ABOVE))
        return Text.assemble(("blue", below), " below zero, white at zero, ", ("red", above), " above")

    def _lines(self, images: Tile) -> Iterator[Text]:
        """Yield the lines of images (tiles, rows, columns) with values from -1 to 1, side by side."""
        if images.shape[1] % 2:
            images = np.pad(images, ((0, 0), (0, 1), (0, 0)))
        pairs = images.reshape(len(images), -1, 2, self.width).swapaxes(0, 1)  # (lines, tiles, 2, columns)
        line = _coloured_line if self.coloured else _ramp_line
        for tiles in pairs:
            yield Text(" " * GAP).join(line(tile) for tile in tiles)


def _reduced(images: Tile, factor: int) -> Tile:
    """Average blocks of factor x factor pixels; blocks at the edges may be smaller."""
    return np.stack([np.asarray(Image.fromarray(image).reduce(factor)) for image in images.astype(np.float32)])


def _coloured_line(pixels: Tile) -> Text:
    """Return two rows of pixels (2, columns) as one line of coloured half-blocks."""
    ends = np.where(pixels[..., np.newaxis] < 0, BELOW, ABOVE)
    colours = np.rint(255 + np.abs(pixels)[..., np.newaxis] * (ends - 255)).astype(int).tolist()
    line = Text()
    for upper, lower in zip(*colours, strict=True):
        line.append(HALF_BLOCK, Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower)))
    return line


def _ramp_line(pixels: Tile) -> Text:
    """Return two rows of pixels (2, columns) as one line of characters for their mean; a blank is near zero."""
    middle = len(RAMP) // 2
    steps = np.clip(pixels.mean(axis=0) * (middle + 1), -middle, middle).astype(int)
    return Text("".join(RAMP[step + middle] for step in steps.tolist()))
