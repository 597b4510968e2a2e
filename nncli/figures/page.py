"""A white page measured in pixels from its top left, and the same bytes for the same drawing."""

import contextlib
import io
import warnings
from collections.abc import Iterator

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, FAINT = "#222222", "#6f6f6f"
_DPI = 100


class Page:
    """A figure without pyplot, for drawing inside `default_style`."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes that cover exactly these pixels."""
        bottom = self.height - top - height
        return self._figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )

    def write(self, left: float, top: float, text: str, *, size: float, bold: bool = False) -> None:
        """Write a line whose upper left corner is here; `size` in points, small sizes in a fainter ink."""
        x, y = left / self.width, 1 - top / self.height
        ink, weight = (INK, "bold") if bold else (FAINT, "normal")
        self._figure.text(x, y, text, va="top", fontsize=size, color=ink, weight=weight, parse_math=False)

    def to_png(self) -> bytes:
        """Draw everything; a character that no font has, as in the name of a run, becomes a box."""
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
            self._figure.savefig(file, format="png", dpi=_DPI, metadata={"Software": None})
        return file.getvalue()


@contextlib.contextmanager
def default_style() -> Iterator[None]:
    """Draw as matplotlib comes: a reader's own style file would change the picture."""
    with mpl.rc_context():
        mpl.rcdefaults()
        yield
