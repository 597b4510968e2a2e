"""`nncli evaluate`: how good a trained network is on a split of its data."""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from nncli.cli.checkpoints import checkpoint_options, open_trained
from nncli.cli.options import data_options, json_option, verbosity_options

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.build import Trained
    from nncli.data.dataset import Dataset
    from nncli.evaluation.metrics import Summary

SplitName = Literal["test", "validation", "train"]


@click.command()
@checkpoint_options
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train"]),
    default="test",
    show_default=True,
    help="Which examples; validation and train are parted as they were for the training.",
)
@data_options
@json_option
@verbosity_options
def command(
    run: Path,
    which: Literal["best", "last"],
    split: SplitName,
    data_dir: Path | None,
    offline: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Measure a trained network's error.

    Example:
      nncli evaluate runs/mlp
      nncli evaluate runs/mlp --split validation --checkpoint last --json
    """
    from nncli.cli.console import print_json, progress, results
    from nncli.cli.evaluation import Evaluation, show

    console = progress(verbosity)
    path, trained = open_trained(run, which)
    data = _load_data(trained, split, data_dir, console, offline=offline)
    began = time.perf_counter()
    loss, summary = _measure(trained, data, split)
    if verbosity > 0:
        console.print(f"{data.name} from {data.origin}; evaluated in {time.perf_counter() - began:.2f} s")
    evaluation = Evaluation(trained.dataset, split, summary, loss, path, trained.epoch)
    if as_json:
        print_json(evaluation.to_dict())
    else:
        show(evaluation, results())


def _load_data(
    trained: "Trained", split: SplitName, data_dir: Path | None, console: "Console", *, offline: bool
) -> "Dataset":
    """Load the data that the network was trained on, and say so where it was a fallback.

    Raises:
        DataError: the data cannot be had, or is damaged.
    """
    from nncli import build
    from nncli.cli.datasets import download_bar
    from nncli.data.load import load

    wanted = trained.config.data
    if trained.dataset != wanted.name:
        console.print(
            f"warning: {wanted.name} could not be had when this network was trained; "
            f"it was trained on {trained.dataset}, and that is what it is measured on",
            style="yellow",
        )
    folder = build.data_folder(trained.config, data_dir)
    with download_bar(console) as on_progress:
        files: Literal["train", "test"] = "test" if split == "test" else "train"
        return load(trained.dataset, files, directory=folder, offline=offline, on_progress=on_progress)


def _measure(trained: "Trained", data: "Dataset", split: SplitName) -> "tuple[float, Summary]":
    """Give the mean loss of a split's examples, and the rest.

    Raises:
        DataError: the split has no examples, or they are not of the kind that the network reads.
        DivergedError: the network's output is not finite.
    """
    import numpy as np

    from nncli.errors import DataError, DivergedError
    from nncli.evaluation.metrics import summarize
    from nncli.training.evaluator import evaluate

    indices = np.arange(len(data.labels))
    if split != "test":
        indices = trained.split(data)[split == "validation"]
    if not len(indices):
        raise DataError("nothing was held out for validation (data.validation is 0); use --split test or train")
    batches = trained.batches(data.images, data.labels, indices)
    with np.errstate(all="ignore"):  # what overflows is not finite, and that is checked
        loss, probabilities = evaluate(trained.graph, batches)
        summary = summarize(probabilities, batches.labels)
    if not math.isfinite(loss):
        raise DivergedError("the network's loss is not finite; use an earlier checkpoint of the run")
    return loss, summary
