"""A sheet of a dataset's examples: a row for each class where the numbers allow it, each under its label."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nncli.figures.grid import Grid
from nncli.figures.page import FAINT, Page, default_style

_MARGIN, _HEADER, _MIN_WIDTH = 24, 70, 440  # pixels


def choose(labels: NDArray[np.uint8], per_class: int) -> NDArray[np.intp]:
    """Pick the first `per_class` examples of each class: their indices, class by class."""
    classes = [np.flatnonzero(labels == label)[:per_class] for label in np.unique(labels)]
    return np.concatenate(classes)


def sheet(images: NDArray[np.uint8], labels: NDArray[np.uint8], *, title: str, caption: str = "") -> Figure:
    """Draw examples, dark ink on white paper.

    Args:
        images: (examples, rows, columns), 255 is ink.
        labels: (examples,), written above the tiles where they are large enough to read it.
        title: what is shown, above the sheet.
        caption: small print under the title.

    """
    grid = Grid.arrange(len(images), (images.shape[1], images.shape[2]), labelled=True)
    with default_style():
        width, height = max(grid.width, _MIN_WIDTH) + 2 * _MARGIN, grid.height + _HEADER + _MARGIN
        page = Page(width, height)
        page.write(_MARGIN + grid.gap, _MARGIN - 6, title, size=13, bold=True)
        page.write(_MARGIN + grid.gap, _MARGIN + 18, caption, size=9)
        axes = page.axes(_MARGIN, _HEADER, grid.width, grid.height)
        axes.set_axis_off()
        axes.imshow(grid.paint(np.repeat(255 - images[..., None], 3, axis=3)), interpolation="nearest", aspect="auto")
        for label, (top, left) in zip(labels, grid.corners(), strict=True):
            if grid.label_height:
                axes.text(left - 1, top - 3, str(label), va="bottom", fontsize=7, color=FAINT)
        return page.figure
