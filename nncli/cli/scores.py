"""Print the results of an evaluation, in tables that fit the terminal."""

from collections.abc import Sequence
from typing import Any

from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nncli.cli.tables import fits
from nncli.evaluation.metrics import Summary

WORST = 10  # confusions listed if the matrix does not fit


def show(summary: Summary, loss: float, split: str, checkpoint: str, console: Console) -> None:
    """Print the metrics, the confusion matrix and the scores of each class."""
    console.print(f"{split}, {summary.examples:,} examples", style="bold", soft_wrap=True)
    console.print(checkpoint, style="dim", soft_wrap=True)
    low, high = summary.interval
    halves = " and ".join(f"{half:.2%}" for half in summary.halves)
    console.print(
        f"\nerror        {summary.error:7.2%}  95% interval {low:.2%} to {high:.2%}\n"
        f"accuracy     {summary.accuracy:7.2%}\n"
        f"loss         {loss:7.4f}\n"
        f"halves       {halves:>7}  error on the first and the second half\n"
        f"calibration  {summary.calibration_error:7.2%}  expected calibration error\n"
    )
    counts = summary.confusion.tolist()
    confusion = _confusion_matrix(counts)
    if not fits(confusion, console):
        confusion = _worst_confusions(counts)
    console.print(Columns([confusion, _class_scores(summary)], padding=(1, 4)))


def _confusion_matrix(counts: list[list[int]]) -> Table:
    labels = [str(label) for label in range(len(counts))]
    table = _table("rows: true, columns: predicted", ["", *labels], min_width=2, no_wrap=True)
    for label, row in zip(labels, counts, strict=True):
        table.add_row(label, *(_cell(count, diagonal=label == k) for k, count in zip(labels, row, strict=True)))
    return table


def _cell(count: int, *, diagonal: bool) -> Text:
    if diagonal:
        return Text(str(count), style="bold green")
    return Text(str(count)) if count else Text(".", style="dim")


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
