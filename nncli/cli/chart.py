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


def print_charts(console: Console, curves: Sequence[tuple[str, Sequence[int], Sequence[float]]]) -> None:
    """Print charts of errors by epoch, (title, epochs, errors), on one logarithmic scale."""
    positive = [error for _, _, errors in curves for error in errors if error > 0]
    if not positive:
        return
    low, high = min(positive), max(positive)
    marks = [f"{high:.2%}", *[""] * (HEIGHT - 2), f"{low:.2%}"]
    margin = max(map(len, marks)) + 1
    in_a_row = max(1, min(len(curves), (console.width + GAP) // (LEAST + margin + GAP)))
    width = min(MOST, (console.width + GAP) // in_a_row - GAP - margin)
    for first in range(0, len(curves), in_a_row):
        charts = [_chart(console, curve, (low, high), marks, width) for curve in curves[first : first + in_a_row]]
        for parts in zip(*charts, strict=True):
            line = Text(" " * GAP).join(parts)
            line.rstrip()
            console.print(line, no_wrap=True, crop=False)
        console.print()


def _chart(
    console: Console,
    curve: tuple[str, Sequence[int], Sequence[float]],
    limits: tuple[float, float],
    marks: Sequence[str],
    width: int,
) -> list[Text]:
    """Return the lines of a chart, all equally long: its title, the curve, and the epochs."""
    title, epochs, errors = curve
    margin = max(map(len, marks)) + 1
    lines = [Text(title, style="bold")]
    for mark, row in zip(marks, _rows(errors, limits, width, ascii_only=console.options.ascii_only), strict=True):
        lines.append(Text.assemble((f"{mark:>{margin - 1}} ", "dim"), (row, "cyan")))
    first, last = f"epoch {epochs[0]}" if epochs else "no epochs", str(epochs[-1]) if len(epochs) > 1 else ""
    lines.append(Text(" " * margin + first + last.rjust(width - len(first)), style="dim"))
    for line in lines:
        line.truncate(margin + width, overflow="ellipsis", pad=True)
    return lines


def _rows(errors: Sequence[float], limits: tuple[float, float], width: int, *, ascii_only: bool) -> list[str]:
    """Return the rows of a curve in Braille dots, 2 by 4 in a character, or in stars."""
    low, high = (math.log(limit) for limit in limits)
    across, down = (1, 1) if ascii_only else (2, 4)
    dots = np.zeros((HEIGHT * down, width * across), dtype=bool)
    if errors:
        logs = np.log(np.maximum(errors, limits[0]))
        heights = (high - logs) / (high - low) if high > low else np.full(len(logs), 0.5)
        columns = np.linspace(0, len(errors) - 1, dots.shape[1]) if len(errors) > 1 else np.zeros(1)
        rows = np.rint(np.interp(columns, np.arange(len(errors)), heights) * (len(dots) - 1)).astype(int)
        for column, row in enumerate(rows):
            before = rows[max(column - 1, 0)]
            between = slice(min(row, before + 1), max(row + 1, before)) if row != before else slice(row, row + 1)
            dots[between, column] = True
    if ascii_only:
        return ["".join("*" if dot else " " for dot in row) for row in dots]
    cells = dots.reshape(HEIGHT, 4, width, 2).swapaxes(1, 2)  # (lines, columns, rows of dots, columns of dots)
    codes = (cells * _DOTS).sum(axis=(2, 3))
    return ["".join(chr(_BRAILLE + code) if code else " " for code in row) for row in codes.tolist()]
