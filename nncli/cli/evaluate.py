"""`nncli evaluate`: measure a trained network on a split of its data."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

import click
import numpy as np
from rich.console import Console

from nncli import durable
from nncli.build import Trained
from nncli.cli.boundary import on_one_line
from nncli.cli.completion import RunPath
from nncli.cli.console import print_json, progress, results, status, warn
from nncli.cli.loading import data_dir_of_run, load_by_name
from nncli.cli.metrics import show_tables
from nncli.cli.options import (
    OutputFile,
    checkpoint_option,
    data_options,
    json_option,
    threads_option,
    verbosity_options,
)
from nncli.config.schema import Threads
from nncli.data.dataset import Dataset, Indices, Split, split_title
from nncli.data.sources import differing
from nncli.engine import blas
from nncli.errors import DataError, ThresholdError
from nncli.evaluation.ensemble import average, cross_entropy
from nncli.evaluation.metrics import summarize
from nncli.evaluation.probabilities import FORMATS, encode
from nncli.runs import measurement
from nncli.runs.folder import Which
from nncli.runs.outcome import Outcome, measure
from nncli.runs.trained import open_ensemble

SplitName = Literal["test", "validation", "train"]


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
@click.option(
    "--copies",
    type=click.IntRange(1),
    metavar="N",
    help="Average the probabilities over N copies of each image, distorted half as much as in training.",
)
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
    which: Which,
    ensemble: bool,
    copies: int | None,
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
    own way. The loss of averaged probabilities is their cross-entropy.

    Example:
      nncli evaluate runs/mlp
      nncli evaluate runs/mlp --split validation --checkpoint last --json
      nncli evaluate runs/mlp --max-error 2% --predictions predictions.csv
      nncli evaluate runs/mlp runs/mlp-2 runs/mlp-3 --ensemble
      nncli evaluate runs/distorted --copies 12
    """
    if ensemble != (len(runs) > 1):
        wrong = "--ensemble needs at least two runs" if ensemble else "several runs are evaluated only with --ensemble"
        raise click.UsageError(wrong)
    console = progress(verbosity)
    members = open_ensemble(runs, which)
    data = _load_data(members, split, data_dir, console, offline=offline)
    began = time.perf_counter()
    with status(console, f"evaluating the {split_title(split)} split"):
        with blas.threads(threads):
            indices = _indices(members, data, split)
            if split != "test":
                data = replace(data, images=data.images[indices], labels=data.labels[indices])
            tested = {path: measure(path, member, data, copies or 0) for path, member in members.items()}
        probabilities = average([each.probabilities for each in tested.values()])
        first, *others = tested.values()
        loss = cross_entropy(probabilities, data.labels) if others else first.loss
        summary = summarize(probabilities, data.labels) if others else first.summary
    if split == "test" and not copies:
        for run, (path, each) in zip(runs, tested.items(), strict=True):
            measurement.record(run, path, each)
    if verbosity > 0:
        console.print(f"{data.name} from {data.origin}; evaluated in {time.perf_counter() - began:.2f} s")
    if predictions_file is not None:
        durable.write(predictions_file, [encode(predictions_file.suffix.lower(), indices, data.labels, probabilities)])
        console.print(f"wrote {summary.examples:,} predictions to {on_one_line(predictions_file)}", soft_wrap=True)
    try:
        if as_json:
            each_own = [
                {"checkpoint": str(path), "loss": each.loss, "error": each.summary.error}
                for path, each in tested.items()
            ]
            own = {"members": each_own} if ensemble else {"checkpoint": each_own[0]["checkpoint"]}
            print_json({"dataset": data.name, "split": split, "loss": loss} | own | summary.to_dict())
        else:
            sources = _sources(members, tested)
            sources += f"\naveraged over {copies:,} distorted {'copy' if copies == 1 else 'copies'}" if copies else ""
            show_tables(summary, loss, f"{data.name} {split_title(split)} split", sources, results())
    finally:  # the limit holds even if printing fails, as with a closed pipe
        if max_error is not None and summary.error > max_error:
            what = "the ensemble" if ensemble else next(iter(tested))
            raise ThresholdError(
                f"{what}: the {split_title(split)} error of {100 * summary.error:.6g}% is above the limit of "
                f"{100 * max_error:.6g}%; train with a different configuration, or raise --max-error"
            )


def _sources(members: Mapping[Path, Trained], tested: Mapping[Path, Outcome]) -> str:
    """Return a line for each network; in an ensemble, with its own error."""
    lines = [f"{on_one_line(path)}, epoch {member.epoch}" for path, member in members.items()]
    if len(members) == 1:
        return lines[0]
    errors = [f"{line}: error {each.summary.error:.2%}" for line, each in zip(lines, tested.values(), strict=True)]
    return "\n".join([f"average of {len(members)} networks:", *errors])


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
    files: Split = "test" if split == "test" else "train"
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
