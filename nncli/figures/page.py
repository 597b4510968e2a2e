"""The white page of a figure, and its file, reproducible byte for byte."""

import contextlib
import io
import math
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nncli import durable

INK, FAINT = "#222222", "#6f6f6f"
MARGIN, HEADER = 24, 70  # pixels around everything, and from the top to below the caption

DPI = 100
_METADATA: dict[str, dict[str, str | None]] = {  # no dates and versions, which would change the bytes
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def page(width: int, height: int, title: str, caption: str) -> Figure:
    """Return a figure of this size in pixels, or wider if its title or caption needs it; call this inside `style`."""
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    FigureCanvasAgg(figure)  # measures text
    inches = figure.dpi_scale_trans
    for top, text, size, ink, weight in ((16, title, 13, INK, "bold"), (41, caption, 9, FAINT, "normal")):
        line = figure.text(MARGIN / DPI, (height - top) / DPI, text, va="top", transform=inches, parse_math=False)
        line.set(fontsize=size, color=ink, fontweight=weight)
        figure.set_figwidth(max(figure.get_figwidth(), math.ceil(line.get_window_extent().x1 + MARGIN) / DPI))
    return figure


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Use matplotlib's default style, and not the user's.

    Characters missing from every font, as in the name of a run, become boxes without a warning.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rc("svg", hashsalt="nncli", fonttype="none")  # reproducible names of elements; text as text
        mpl.rc("pdf", fonttype=42)
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        yield


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's suffix, one of `nncli.figures.FORMATS`.

    Raises:
        WriteError: the file cannot be written.
    """
    durable.write(path, [encoded(figure, path.suffix.lower())])


@style()
def encoded(figure: Figure, suffix: str) -> bytes:
    """Return a figure in the format of a suffix, one of `nncli.figures.FORMATS`."""
    file = io.BytesIO()
    figure.savefig(file, format=suffix[1:], metadata=_METADATA[suffix])
    return file.getvalue()
