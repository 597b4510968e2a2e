"""`nncli evaluate`: measure a trained network on a split of its data."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

import click
import numpy as np
from rich.color import Color
from rich.columns import Columns
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from nncli import durable
from nncli.build import Trained
from nncli.cli.boundary import on_one_line
from nncli.cli.completion import RunPath
from nncli.cli.console import print_json, progress, results, status, warn
from nncli.cli.loading import data_dir_of_run, load_by_name
from nncli.cli.options import (
    OutputFile,
    checkpoint_option,
    data_options,
    json_option,
    threads_option,
    verbosity_options,
)
from nncli.cli.tables import fits
from nncli.config.schema import Threads
from nncli.data.dataset import Dataset, Indices, split_title
from nncli.data.sources import differing
from nncli.engine import blas
from nncli.errors import DataError, DivergedError, ThresholdError
from nncli.evaluation.ensemble import Probabilities, average, cross_entropy
from nncli.evaluation.metrics import Summary, summarize
from nncli.evaluation.probabilities import FORMATS, encode, evaluate
from nncli.runs import measurement
from nncli.runs.trained import open_ensemble

SplitName = Literal["test", "validation", "train"]
PALE, FULL = (255, 236, 217), (240, 120, 40)  # red, green and blue of the rarest and the most frequent confusion
WORST = 10  # confusions listed if the matrix does not fit


def _rate(text: str) -> float:
    """Return the rate that a fraction such as 0.02 or a percentage such as 2% stands for, exactly."""
    try:
        rate = float(Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1))
    except ArithmeticError:
        rate = math.nan
    if not 0 <= rate <= 1:
        hint = "use a fraction such as 0.02 or a percentage such as 2%"
        raise click.BadParameter(f"'{text}' is not between 0 and 1; {hint}")
    return rate


@click.command()
@click.argument("runs", metavar="RUN_OR_CHECKPOINT...", nargs=-1, required=True, type=RunPath())
@checkpoint_option
@click.option("--ensemble", is_flag=True, help="Average the probabilities of several runs, and evaluate the average.")
@click.option("--split", type=click.Choice(get_args(SplitName)), default="test", help="Split to evaluate.")
@click.option(
    "--max-error", type=_rate, metavar="RATE", help="Exit with code 7 if the error is above RATE, such as 2%."
)
@click.option(
    "--predictions",
    "predictions_file",
    type=OutputFile(*FORMATS),
    metavar="FILE",
    help="Write the prediction for each example to a .csv file with the columns index, label, prediction and p0 to "
    "p9, or to an .npz file with the arrays indices, labels, predictions and probabilities (examples, classes). "
    "Indices start at 0 and refer to the dataset file.",
)
@threads_option
@data_options
@json_option
@verbosity_options
def command(
    runs: tuple[Path, ...],
    which: Literal["best", "last"],
    ensemble: bool,
    split: SplitName,
    max_error: float | None,
    predictions_file: Path | None,
    threads: Threads | None,
    data_dir: Path | None,
    offline: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Print the error rate with a 95% confidence interval, the loss, the confusion matrix and per-class scores.

    The runs of an ensemble must have been trained on the same data, but each may deskew, frame and scale images in its
    own way. The loss of an ensemble is the cross-entropy of the averaged probabilities.

    Example:
      nncli evaluate runs/mlp
      nncli evaluate runs/mlp --split validation --checkpoint last --json
      nncli evaluate runs/mlp --max-error 2% --predictions predictions.csv
      nncli evaluate runs/mlp runs/mlp-2 runs/mlp-3 --ensemble
    """
    if ensemble != (len(runs) > 1):
        wrong = "--ensemble needs at least two runs" if ensemble else "several runs are evaluated only with --ensemble"
        raise click.UsageError(wrong)
    console = progress(verbosity)
    members = open_ensemble(runs, which)
    data = _load_data(members, split, data_dir, console, offline=offline)
    began = time.perf_counter()
    with status(console, f"evaluating the {split_title(split)} split"):
        with blas.threads(threads if isinstance(threads, int) else None):
            indices = _indices(members, data, split)
            labels = data.labels[indices]
            measured = [_measure(path, member, data, indices) for path, member in members.items()]
        probabilities = average([each.probabilities for each in measured])
        loss = cross_entropy(probabilities, labels) if ensemble else measured[0].loss
        summary = summarize(probabilities, labels)
    if split == "test":
        for run, each in zip(runs, measured, strict=True):
            measurement.record(
                run, each.path, dataset=data.name, examples=summary.examples, error=each.error, loss=each.loss
            )
    if verbosity > 0:
        console.print(f"{data.name} from {data.origin}; evaluated in {time.perf_counter() - began:.2f} s")
    if predictions_file is not None:
        durable.write(predictions_file, [encode(predictions_file.suffix.lower(), indices, labels, probabilities)])
        console.print(f"wrote {summary.examples:,} predictions to {on_one_line(predictions_file)}", soft_wrap=True)
    try:
        if as_json:
            own = {"members": [each.to_dict() for each in measured]} if ensemble else measured[0].source
            print_json({"dataset": data.name, "split": split, "loss": loss} | own | summary.to_dict())
        else:
            show_tables(summary, loss, f"{data.name} {split_title(split)} split", _sources(measured), results())
    finally:  # the limit holds even if printing fails, as with a closed pipe
        if max_error is not None and summary.error > max_error:
            what = "the ensemble" if ensemble else measured[0].path
            raise ThresholdError(
                f"{what}: the {split_title(split)} error of {100 * summary.error:.6g}% is above the limit of "
                f"{100 * max_error:.6g}%; train with a different configuration, or raise --max-error"
            )


@dataclass(frozen=True, eq=False)
class _Measured:
    """A network on a split: its checkpoint, epochs of training, loss, error, and probabilities (classes, examples)."""

    path: Path
    epoch: int
    loss: float
    error: float
    probabilities: Probabilities

    @property
    def source(self) -> dict[str, Any]:
        return {"checkpoint": str(self.path)}

    def to_dict(self) -> dict[str, Any]:
        """Return the member's entry in the JSON document of an ensemble."""
        return self.source | {"loss": self.loss, "error": self.error}


def _sources(measured: Sequence[_Measured]) -> str:
    """Return a line for each network; in an ensemble, with its own error."""
    lines = [f"{on_one_line(each.path)}, epoch {each.epoch}" for each in measured]
    if len(measured) == 1:
        return lines[0]
    errors = [f"{line}: error {each.error:.2%}" for line, each in zip(lines, measured, strict=True)]
    return "\n".join([f"average of {len(measured)} networks:", *errors])


def _load_data(
    members: Mapping[Path, Trained], split: SplitName, data_dir: Path | None, console: Console, *, offline: bool
) -> Dataset:
    """Load the data that the networks were trained on; warn if that was the fallback.

    Raises:
        DataError: the data is missing or corrupt, or the recorded folders of the runs have different files.
    """
    first = next(iter(members.values()))
    name, wanted = first.inputs.dataset, first.config.data.name
    if name != wanted:
        warn(
            f"warning: {wanted} was not available when this network was trained; "
            f"it was trained on {name}, so it is evaluated on {name}"
        )
    files: Literal["train", "test"] = "test" if split == "test" else "train"
    recorded = dict.fromkeys(member.config.data.dir for member in members.values())
    folders = dict.fromkeys(data_dir_of_run(folder, data_dir) for folder in recorded)
    data, *others = (load_by_name(name, files, folder, offline=offline, console=console) for folder in folders)
    for other in others:
        if changed := differing(data.sha256, other.sha256):
            raise DataError(
                f"{other.origin}: not the same files as in {data.origin} (changed: {', '.join(changed)}), so the runs "
                "cannot be evaluated together; use --data-dir to specify the files to evaluate all of them on"
            )
    return data


def _indices(members: Mapping[Path, Trained], data: Dataset, split: SplitName) -> Indices:
    """Return the indices of a split's examples.

    Raises:
        DataError: the split is empty, or not the same for all networks.
    """
    if split == "test":
        return np.arange(len(data.labels))
    first, *others = (member.split(data)[split == "validation"] for member in members.values())
    if not len(first):
        raise DataError("no examples were held out (data.validation is 0); use --split test or --split train")
    if not all(np.array_equal(first, other) for other in others):
        raise DataError(
            "the runs held out different validation examples, so their splits differ; use --split test, or train "
            "them with the same seed and data.validation"
        )
    return first


def _measure(path: Path, member: Trained, data: Dataset, indices: Indices) -> _Measured:
    """Evaluate a network on some examples.

    Raises:
        DataError: the images do not have the shape that the network was trained on.
        DivergedError: the loss is not finite.
    """
    batches = member.batches(data.images, data.labels, indices)
    loss, probabilities = evaluate(member.graph, batches)
    if not math.isfinite(loss):
        raise DivergedError(f"{path}: the network's loss is not finite; use an earlier checkpoint of the run")
    error = float(np.mean(probabilities.argmax(axis=0) != batches.labels))
    return _Measured(path, member.epoch, loss, error, probabilities)


def show_tables(summary: Summary, loss: float, split: str, sources: str, console: Console) -> None:
    """Print the metrics, the confusion matrix and the scores of each class."""
    console.print(f"{split}, {summary.examples:,} examples", style="bold", soft_wrap=True)
    console.print(sources, style="dim", soft_wrap=True)
    low, high = summary.interval
    halves = " and ".join(f"{half:.2%}" for half in summary.halves)
    console.print(
        f"\nerror        {summary.error:7.2%}  95% interval {low:.2%} to {high:.2%}\n"
        f"accuracy     {summary.accuracy:7.2%}\n"
        f"loss         {loss:7.4f}\n"
        f"halves       {halves:>7}  error on each half\n"
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
