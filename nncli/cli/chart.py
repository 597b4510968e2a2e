"""Small charts of learning curves, side by side on the terminal."""

import math
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.text import Text

HEIGHT = 6  # lines of a chart
LEAST, MOST, GAP = 20, 40, 3  # characters: the width of a chart, and between two charts
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a Braille character, (rows, columns)
_BRAILLE = 0x2800


def print_charts(console: Console, title: str, curves: Sequence[tuple[str, Sequence[int], Sequence[float]]]) -> None:
    """Print charts of errors by epoch, (title, epochs, errors), on one logarithmic scale; nothing if all are 0."""
    positive = [error for _, _, errors in curves for error in errors if error > 0]
    if not positive:
        return
    console.print(f"{title}\n", style="bold")
    low, high = min(positive), max(positive)
    last = max(epoch for _, epochs, _ in curves for epoch in epochs)
    marks = [f"{high:.2%}", *[""] * (HEIGHT - 2), f"{low:.2%}"]
    margin = max(map(len, marks)) + 1
    in_a_row = max(1, min(len(curves), (console.width + GAP) // (LEAST + margin + GAP)))
    width = min(MOST, (console.width + GAP) // in_a_row - GAP - margin)
    for first in range(0, len(curves), in_a_row):
        charts = [_chart(console, curve, (low, high), last, marks, width) for curve in curves[first : first + in_a_row]]
        for parts in zip(*charts, strict=True):
            line = Text(" " * GAP).join(parts)
            line.rstrip()
            console.print(line, no_wrap=True, crop=False)
        console.print()


def _chart(
    console: Console,
    curve: tuple[str, Sequence[int], Sequence[float]],
    limits: tuple[float, float],
    last: int,
    marks: Sequence[str],
    width: int,
) -> list[Text]:
    """Return the lines of a chart, all equally long: its title, the curve, and the epochs."""
    title, epochs, errors = curve
    margin = max(map(len, marks)) + 1
    lines = [Text(title, style="bold")]
    rows = _rows(epochs, errors, limits, last, width, ascii_only=console.options.ascii_only)
    for mark, row in zip(marks, rows, strict=True):
        lines.append(Text.assemble((f"{mark:>{margin - 1}} ", "dim"), (row, "cyan")))
    first, end = "epoch 1" if epochs else "no epochs", str(last) if last > 1 else ""
    lines.append(Text(" " * margin + first + end.rjust(width - len(first)), style="dim"))
    for line in lines:
        line.truncate(margin + width, overflow="ellipsis", pad=True)
    return lines


def _rows(
    epochs: Sequence[int],
    errors: Sequence[float],
    limits: tuple[float, float],
    last: int,
    width: int,
    *,
    ascii_only: bool,
) -> list[str]:
    """Return the rows of a curve from epoch 1 to the last one, in Braille dots, 2 by 4 in a character, or in stars."""
    low, high = (math.log(limit) for limit in limits)
    across, down = (1, 1) if ascii_only else (2, 4)
    dots = np.zeros((HEIGHT * down, width * across), dtype=bool)
    if errors:
        logs = np.log(np.maximum(errors, limits[0]))
        heights = (high - logs) / (high - low) if high > low else np.full(len(logs), 0.5)
        places = (np.array(epochs) - 1) / max(last - 1, 1) * (dots.shape[1] - 1)  # of the epochs, in columns of dots
        first, end = round(places[0]), round(places[-1])
        rows = np.rint(np.interp(np.arange(first, end + 1), places, heights) * (len(dots) - 1)).astype(int)
        for column, (before, row) in enumerate(zip([rows[0], *rows], rows, strict=False), start=first):
            dots[min(row, before + 1) : max(row + 1, before), column] = True  # no gap below or above the last one
    if ascii_only:
        return ["".join("*" if dot else " " for dot in row) for row in dots]
    cells = dots.reshape(HEIGHT, 4, width, 2).swapaxes(1, 2)  # (lines, columns, rows of dots, columns of dots)
    codes = (cells * _DOTS).sum(axis=(2, 3))
    return ["".join(chr(_BRAILLE + code) if code else " " for code in row) for row in codes.tolist()]
