"""The styles of figures for a paper or a slide: fonts, sizes, panels and legends."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nncli.figures import page
from nncli.figures.page import FAINT, INK


@dataclass(frozen=True)
class Style:
    """The fonts and sizes of a figure; lengths are in inches, font sizes and line widths in points."""

    fonts: Sequence[str]
    size: float
    width: float  # of a figure with one panel
    full_width: float  # of a figure with several panels
    height: float  # of a row of panels
    line: float
    dpi: int
    titled: bool  # a paper has captions instead


STYLES = {
    "paper": Style(("STIXGeneral", "DejaVu Serif"), 8, 3.4, 7.0, 2.4, 1.0, 300, titled=False),
    "slide": Style(("DejaVu Sans",), 18, 12.8, 12.8, 7.2, 2.5, 150, titled=True),
}
"""A column of a two-column paper, set in Times; and a slide of 16:9, readable from the last row."""


@contextlib.contextmanager
def styled(style: Style) -> Iterator[None]:
    """Set the fonts, sizes and lines of a figure."""
    with page.style():
        small = style.size * 0.9
        mpl.rc("font", family=list(style.fonts), size=style.size)
        mpl.rc("axes", labelsize=style.size, titlesize=style.size, labelcolor=INK, edgecolor=FAINT, linewidth=0.6)
        mpl.rc("axes.spines", top=False, right=False)
        mpl.rc("lines", linewidth=style.line, markersize=style.size * 0.4)
        mpl.rc("legend", fontsize=small, title_fontsize=small, frameon=False)
        mpl.rc("figure", dpi=style.dpi, titlesize=style.size * 1.2)
        for ticks in ("xtick", "ytick"):
            mpl.rc(ticks, labelsize=small, color=FAINT, labelcolor=INK)
        yield


def blank(width: float, height: float) -> Figure:
    """Return an empty figure; its size is in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def panels(count: int, style: Style, title: str, *, square: bool = False) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels in rows of at most three."""
    columns = min(count, 3 if square else 2)
    rows = math.ceil(count / columns)
    width = style.width if count == 1 else style.full_width
    height = width / columns * rows if square and (count > 1 or not style.titled) else style.height * rows
    figure = blank(width, height)
    axes = [figure.add_subplot(rows, columns, index + 1) for index in range(count)]
    if style.titled:
        figure.suptitle(title)
    return figure, axes


def legend(axes: Axes, title: str) -> None:
    """Add a legend above the axes, where it hides nothing."""
    columns = 1 if len(axes.get_legend_handles_labels()[1]) == 1 else 2
    box = axes.legend(title=title, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns)
    box.set_alignment("left")
    for text in box.get_texts():
        text.set_parse_math(False)
