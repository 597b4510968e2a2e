"""`nncli evaluate`: how good a trained network is on a split of its data."""

import math
import time
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

import click
import numpy as np
from rich.console import Console

from nncli import durable
from nncli.build import Trained
from nncli.cli.boundary import on_one_line
from nncli.cli.console import print_json, progress, results, status, warn
from nncli.cli.loading import load_by_name, open_trained
from nncli.cli.options import OutputFile, checkpoint_options, data_options, json_option, verbosity_options
from nncli.cli.precedence import data_dir_of_run
from nncli.cli.scores import show
from nncli.data.dataset import Dataset
from nncli.errors import DataError, DivergedError, ThresholdError
from nncli.evaluation.metrics import summarize
from nncli.evaluation.predictions import FORMATS, Predictions
from nncli.evaluation.probabilities import evaluate

SplitName = Literal["test", "validation", "train"]


def _rate(text: str) -> float:
    """Read a fraction such as 0.02, or a percentage: 2% is exactly that."""
    try:
        rate = float(Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1))
    except ArithmeticError:
        rate = math.nan
    if not 0 <= rate <= 1:
        hint = "write a fraction such as 0.02, or a percentage such as 2%"
        raise click.BadParameter(f"'{text}' is not from 0 to 1; {hint}")
    return rate


@click.command()
@checkpoint_options
@click.option(
    "--split",
    type=click.Choice(get_args(SplitName)),
    default="test",
    show_default=True,
    help="Which examples; validation and train are split as they were for the training.",
)
@click.option(
    "--max-error",
    type=_rate,
    metavar="RATE",
    help="Exit with code 7 if the error is above this, as in 0.02 or 2%.",
)
@click.option(
    "--predictions",
    "predictions_file",
    type=OutputFile(*FORMATS),
    metavar="FILE",
    help="Write the prediction for each example: as npz the arrays indices, labels, predictions and probabilities "
    "(examples, classes); as csv the columns index, label, prediction, p0 to p9. An index counts from 0 in the "
    "dataset's file.",
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
    """Print the error with its 95% interval, the loss, the confusion matrix and the scores of each class.

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
        loss, predictions = _predict(trained, data, split)
        summary = summarize(predictions.probabilities, predictions.labels)
    if verbosity > 0:
        console.print(f"{data.name} from {data.origin}; evaluated in {time.perf_counter() - began:.2f} s")
    if predictions_file is not None:
        durable.write(predictions_file, [predictions.encoded(predictions_file.suffix.lower())])
        console.print(f"{on_one_line(predictions_file)}: {summary.examples:,} predictions", soft_wrap=True)
    try:
        if as_json:
            document = {"dataset": trained.inputs.dataset, "split": split, "loss": loss, "checkpoint": str(path)}
            print_json(document | summary.to_dict())
        else:
            show(
                summary,
                loss,
                f"{trained.inputs.dataset} {split}",
                f"{on_one_line(path)}, epoch {trained.epoch}",
                results(),
            )
    finally:  # a reader that leaves early does not open the gate
        if max_error is not None and summary.error > max_error:
            raise ThresholdError(
                f"{path}: the {split} error of {100 * summary.error:.6g}% is above the limit of "
                f"{100 * max_error:.6g}%; train with another configuration, or raise --max-error"
            )


def _load_data(trained: Trained, split: SplitName, folder: Path | None, console: Console, *, offline: bool) -> Dataset:
    """Load the data that the network was trained on, and warn where that was a fallback."""
    wanted = trained.config.data
    if trained.inputs.dataset != wanted.name:
        warn(
            f"warning: {wanted.name} was not available when this network was trained; "
            f"it was trained on {trained.inputs.dataset}, and is evaluated on that"
        )
    files: Literal["train", "test"] = "test" if split == "test" else "train"
    return load_by_name(trained.inputs.dataset, files, folder, offline=offline, console=console)


def _predict(trained: Trained, data: Dataset, split: SplitName) -> tuple[float, Predictions]:
    """Return the mean loss of a split's examples, and the prediction for each.

    Raises:
        DataError: the split has no examples, or they are not of the kind that the network reads.
        DivergedError: the network's output is not finite.
    """
    indices = np.arange(len(data.labels))
    if split != "test":
        indices = trained.split(data)[split == "validation"]
    if not len(indices):
        raise DataError("nothing was held out for validation (data.validation is 0); use --split test or train")
    batches = trained.batches(data.images, data.labels, indices)
    with np.errstate(all="ignore"):  # what overflows is not finite, and that is checked
        loss, probabilities = evaluate(trained.graph, batches)
    if not math.isfinite(loss):
        raise DivergedError("the network's loss is not finite; use an earlier checkpoint of the run")
    return loss, Predictions(indices, batches.labels, probabilities)
