"""`nncli evaluate`: measure a trained network on a split of its data."""

import math
import time
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

import click
import numpy as np
import numpy.typing as npt
from rich.console import Console

from nncli import durable
from nncli.build import Trained
from nncli.cli.boundary import on_one_line
from nncli.cli.console import print_json, progress, results, status, warn
from nncli.cli.loading import load_by_name, open_trained
from nncli.cli.options import OutputFile, checkpoint_options, data_options, json_option, verbosity_options
from nncli.cli.precedence import data_dir_of_run
from nncli.cli.scores import show
from nncli.data.dataset import Dataset, Indices
from nncli.errors import DataError, DivergedError, ThresholdError
from nncli.evaluation.metrics import summarize
from nncli.evaluation.probabilities import FORMATS, encode, evaluate

SplitName = Literal["test", "validation", "train"]


def _rate(text: str) -> float:
    """Return the rate that a fraction such as 0.02 or a percentage such as 2% stands for, exactly."""
    try:
        rate = float(Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1))
    except ArithmeticError:
        rate = math.nan
    if not 0 <= rate <= 1:
        hint = "write a fraction such as 0.02 or a percentage such as 2%"
        raise click.BadParameter(f"'{text}' is not between 0 and 1; {hint}")
    return rate


@click.command()
@checkpoint_options
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
    "Indices count from 0 in the file of the dataset.",
)
@data_options
@json_option
@verbosity_options
def command(
    run: Path,
    which: Literal["best", "last"],
    split: SplitName,
    max_error: float | None,
    predictions_file: Path | None,
    data_dir: Path | None,
    offline: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Print the error rate with a 95% confidence interval, the loss, the confusion matrix and scores per class.

    Example:
      nncli evaluate runs/mlp
      nncli evaluate runs/mlp --split validation --checkpoint last --json
      nncli evaluate runs/mlp --max-error 2% --predictions predictions.csv
    """
    console = progress(verbosity)
    path, trained = open_trained(run, which)
    folder = data_dir_of_run(trained.config.data.dir, data_dir)
    data = _load_data(trained, split, folder, console, offline=offline)
    began = time.perf_counter()
    with status(console, f"evaluating the {split} split"):
        indices, loss, probabilities = _predict(trained, data, split)
        labels = data.labels[indices]
        summary = summarize(probabilities, labels)
    if verbosity > 0:
        console.print(f"{data.name} from {data.origin}; evaluated in {time.perf_counter() - began:.2f} s")
    if predictions_file is not None:
        durable.write(predictions_file, [encode(predictions_file.suffix.lower(), indices, labels, probabilities)])
        console.print(f"wrote {summary.examples:,} predictions to {on_one_line(predictions_file)}", soft_wrap=True)
    try:
        if as_json:
            document = {"dataset": trained.inputs.dataset, "split": split, "loss": loss, "checkpoint": str(path)}
            print_json(document | summary.to_dict())
        else:
            checkpoint = f"{on_one_line(path)}, epoch {trained.epoch}"
            show(summary, loss, f"{trained.inputs.dataset} {split}", checkpoint, results())
    finally:  # the limit holds even if printing fails, as with a closed pipe
        if max_error is not None and summary.error > max_error:
            raise ThresholdError(
                f"{path}: the {split} error of {100 * summary.error:.6g}% is above the limit of "
                f"{100 * max_error:.6g}%; train with another configuration, or raise --max-error"
            )


def _load_data(trained: Trained, split: SplitName, folder: Path | None, console: Console, *, offline: bool) -> Dataset:
    """Load the data that the network was trained on; warn if that was the fallback."""
    name, wanted = trained.inputs.dataset, trained.config.data.name
    if name != wanted:
        warn(
            f"warning: {wanted} was not available when this network was trained; "
            f"it was trained on {name}, so it is evaluated on {name}"
        )
    files: Literal["train", "test"] = "test" if split == "test" else "train"
    return load_by_name(name, files, folder, offline=offline, console=console)


def _predict(trained: Trained, data: Dataset, split: SplitName) -> tuple[Indices, float, npt.NDArray[np.floating]]:
    """Return the indices of a split's examples, their mean loss, and their probabilities (classes, examples).

    Raises:
        DataError: the split is empty, or its images do not have the shape that the network was trained on.
        DivergedError: the loss is not finite.
    """
    indices = np.arange(len(data.labels)) if split == "test" else trained.split(data)[split == "validation"]
    if not len(indices):
        raise DataError("no examples were held out (data.validation is 0); use --split test or --split train")
    with np.errstate(all="ignore"):  # the loss is checked below
        loss, probabilities = evaluate(trained.graph, trained.batches(data.images, data.labels, indices))
    if not math.isfinite(loss):
        raise DivergedError("the network's loss is not finite; use an earlier checkpoint of the run")
    return indices, loss, probabilities
