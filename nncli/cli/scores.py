"""Print the results of an evaluation, in tables that fit the terminal."""

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
    console.print()
    low, high = summary.interval
    halves = " and ".join(f"{half:.2%}" for half in summary.halves)
    console.print(f"error        {summary.error:7.2%}  95% interval {low:.2%} to {high:.2%}")
    console.print(f"accuracy     {summary.accuracy:7.2%}")
    console.print(f"loss         {loss:7.4f}")
    console.print(f"halves       {halves:>7}  error on the first and the second half")
    console.print(f"calibration  {summary.calibration_error:7.2%}  expected calibration error")
    console.print()
    confusion = _confusion_matrix(summary)
    if not fits(confusion, console):
        confusion = _worst_confusions(summary)
    console.print(Columns([confusion, _class_scores(summary)], padding=(1, 4)))


def _confusion_matrix(summary: Summary) -> Table:
    table = _table("rows: true, columns: predicted")
    table.add_column("", style="bold cyan")
    counts = summary.confusion.tolist()
    for label in range(len(counts)):
        table.add_column(str(label), justify="right", min_width=2, no_wrap=True)
    for label, row in enumerate(counts):
        table.add_row(str(label), *(_cell(count, diagonal=label == k) for k, count in enumerate(row)))
    return table


def _cell(count: int, *, diagonal: bool) -> Text:
    if diagonal:
        return Text(str(count), style="bold green")
    return Text(str(count)) if count else Text(".", style="dim")


def _worst_confusions(summary: Summary) -> Table:
    """Return the most frequent confusions, for a terminal that is too narrow for the matrix."""
    counts = summary.confusion.tolist()
    wrong = [(count, i, j) for i, row in enumerate(counts) for j, count in enumerate(row) if i != j and count]
    table = _table("confusions")
    for name in ("true", "predicted", "count"):
        table.add_column(name, justify="right")
    for count, true, predicted in sorted(wrong, key=lambda each: (-each[0], each))[:WORST]:
        table.add_row(str(true), str(predicted), str(count))
    return table


def _class_scores(summary: Summary) -> Table:
    table = _table("per class, in %")
    table.add_column("", style="bold cyan")
    for name in ("precision", "recall", "F1"):
        table.add_column(name, justify="right", min_width=5, overflow="fold")
    for scores in summary.per_class:
        ratios = (f"{100 * ratio:.1f}" for ratio in (scores.precision, scores.recall, scores.f1))
        table.add_row(str(scores.label), *ratios)
    return table


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_style="dim",
        title_justify="left",
        header_style="bold cyan",
        box=None,
        padding=(0, 0, 0, 1),
        pad_edge=False,
    )
