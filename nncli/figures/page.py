"""A white page measured in pixels from its top left, and the file it is written to: the same bytes each time."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nncli import durable

INK, FAINT = "#222222", "#6f6f6f"
_DPI = 100
_METADATA: dict[str, dict[str, str | None]] = {  # no dates and no versions: they would change the bytes
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


class Page:
    """A figure without pyplot, for drawing inside `default_style`."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes that cover exactly these pixels."""
        bottom = self.height - top - height
        return self.figure.add_axes((left / self.width, bottom / self.height, width / self.width, height / self.height))

    def write(self, left: float, top: float, text: str, *, size: float, bold: bool = False) -> None:
        """Write a line whose upper left corner is here; `size` in points, small sizes in a fainter ink."""
        x, y = left / self.width, 1 - top / self.height
        ink, weight = (INK, "bold") if bold else (FAINT, "normal")
        self.figure.text(x, y, text, va="top", fontsize=size, color=ink, weight=weight, parse_math=False)


def save(figure: Figure, path: Path) -> None:
    """Write a figure to a file in the format that its suffix names, one of FORMATS.

    The same figure gives the same bytes. A character that no font has, as in the name of a run, becomes a box.

    Raises:
        WriteError: the file cannot be written.

    """
    file = io.BytesIO()
    with default_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        figure.savefig(file, format=path.suffix[1:].lower(), metadata=_METADATA[path.suffix.lower()])
    durable.write(path, [file.getvalue()])


@contextlib.contextmanager
def default_style() -> Iterator[None]:
    """Draw as matplotlib comes: a reader's own style file would change the picture."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rc("svg", hashsalt="nncli", fonttype="none")  # text stays text, and names of parts do not change
        mpl.rc("pdf", fonttype=42)
        yield
