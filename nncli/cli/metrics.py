"""The metrics of a classifier on the terminal: errors, the confusion matrix and the scores of each class."""

import math
from collections.abc import Sequence
from typing import Any

from rich.color import Color
from rich.columns import Columns
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from nncli.cli.tables import fits
from nncli.evaluation.metrics import Summary

PALE, FULL = (255, 236, 217), (240, 120, 40)  # red, green and blue of the rarest and the most frequent confusion
WORST = 10  # confusions listed if the matrix does not fit


def show_tables(summary: Summary, loss: float, split: str, sources: str, console: Console) -> None:
    """Print the metrics, the confusion matrix and the scores of each class."""
    console.print(f"{split}, {summary.examples:,} examples", style="bold", soft_wrap=True)
    console.print(sources, style="dim", soft_wrap=True)
    low, high = summary.interval
    halves = " and ".join(f"{half:.2%}" for half in summary.halves)
    margin = " " * (len("100.00%") - len(f"{summary.halves[0]:.2%}"))
    console.print(
        f"\nerror        {summary.error:7.2%}  95% interval {low:.2%} to {high:.2%}\n"
        f"accuracy     {summary.accuracy:7.2%}\n"
        f"loss         {loss:7.4f}\n"
        f"halves       {margin}{halves}  error on each half\n"
        f"calibration  {summary.calibration_error:7.2%}  expected calibration error\n"
    )
    counts = summary.confusion.tolist()
    shaded = bool(console.color_system) and not console.no_color
    confusion = _confusion_matrix(counts, shaded=shaded)
    if not fits(confusion, console):
        confusion = _worst_confusions(counts)
    console.print(Columns([confusion, _class_scores(summary)], padding=(1, 4)))


def _confusion_matrix(counts: list[list[int]], *, shaded: bool) -> Table:
    """Return a table of the counts; if `shaded`, the more frequent a confusion, the darker its background."""
    headers = ["", *map(str, range(len(counts)))]
    table = _table("rows: true, columns: predicted", headers, min_width=2, no_wrap=True)
    most = max(count for label, row in enumerate(counts) for other, count in enumerate(row) if other != label)
    for label, row in enumerate(counts):
        cells = [Text(str(count)) if count else Text(".", style="dim") for count in row]
        for other, count in enumerate(row) if shaded else ():
            if count:
                widest = max(2, *(len(str(each[other])) for each in counts))
                cells[other] = Text(f"{count:>{widest}}", _shade(count, most))
        cells[label] = Text(str(row[label]), style="bold green")
        table.add_row(str(label), *cells)
    return table


def _shade(count: int, most: int) -> Style:
    """Return black on a shade of orange, by the logarithm of a count."""
    share = math.log(count) / math.log(most) if most > 1 else 1.0
    shade = [round(pale + share * (full - pale)) for pale, full in zip(PALE, FULL, strict=True)]
    return Style(color=Color.from_rgb(0, 0, 0), bgcolor=Color.from_rgb(*shade))


def _worst_confusions(counts: list[list[int]]) -> Table:
    """Return the most frequent confusions, for a terminal that is too narrow for the matrix."""
    wrong = [(-count, i, j) for i, row in enumerate(counts) for j, count in enumerate(row) if i != j and count]
    table = _table("confusions", ["true", "predicted", "count"])
    for count, true, predicted in sorted(wrong)[:WORST]:
        table.add_row(str(true), str(predicted), str(-count))
    return table


def _class_scores(summary: Summary) -> Table:
    table = _table("per class, in %", ["", "precision", "recall", "F1"], min_width=5, overflow="fold")
    for scores in summary.per_class:
        ratios = (scores.precision, scores.recall, scores.f1)
        table.add_row(str(scores.label), *(f"{100 * ratio:.1f}" for ratio in ratios))
    return table


def _table(title: str, headers: Sequence[str], **numbers: Any) -> Table:  # noqa: ANN401 - Rich's own
    """Return a table of numbers, in columns with these settings, and of labels in a column without a header."""
    table = Table(title=title, title_style="dim", title_justify="left", header_style="bold cyan", box=None)
    table.padding, table.pad_edge = (0, 0, 0, 1), False
    for header in headers:
        if header:
            table.add_column(header, justify="right", **numbers)
        else:
            table.add_column(style="bold cyan")
    return table
