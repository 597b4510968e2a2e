"""`nncli plot`: figures of runs for a paper or a slide."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click
import numpy as np

from nncli.cli.boundary import on_one_line
from nncli.cli.completion import RunPath
from nncli.cli.console import progress, status
from nncli.cli.options import PictureFile, data_options, threads_option
from nncli.cli.testing import open_and_test
from nncli.config.schema import Threads
from nncli.engine import blas
from nncli.errors import DataError
from nncli.evaluation.metrics import calibrate
from nncli.runs.comparison import Comparison, Group, Outcome, Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nncli.figures.plots import Curves, Errors, Misclassified, Style

FigureName = Literal["curves", "confusion", "misclassified", "calibration"]
StyleName = Literal["paper", "slide"]
_TESTED = ("confusion", "misclassified", "calibration")


style_option = click.option(
    "--style",
    type=click.Choice(get_args(StyleName)),
    default="paper",
    help="Size and font: paper for a column of a paper (3.4 or 7 inches), slide for a slide of 16:9.",
)
"""Parameter `style: "paper" | "slide"`."""


@click.command()
@click.argument("paths", metavar="RUN...", type=RunPath(), nargs=-1, required=True)
@click.option(
    "--figure",
    "names",
    type=click.Choice(get_args(FigureName)),
    multiple=True,
    help="Figure to plot; repeatable. Defaults to all of them.",
)
@style_option
@click.option(
    "--output",
    type=PictureFile(),
    metavar="FILE",
    help="PNG, SVG or PDF file to write, of one --figure; defaults to curves.png and so on in the folder of the run.",
)
@click.option("--count", type=click.IntRange(1, 200), default=24, help="Number of misclassified images of each run.")
@threads_option
@data_options
def command(
    paths: tuple[Path, ...],
    names: tuple[FigureName, ...],
    style: StyleName,
    output: Path | None,
    count: int,
    threads: Threads | None,
    data_dir: Path | None,
    offline: bool,
) -> None:
    """Plot the learning curves, the confusion matrix, the misclassified test images and the calibration.

    Several runs are plotted in one figure, which needs --figure and --output. The learning curves of runs that differ
    only in the seed are averaged.

    Example:
      nncli plot runs/mlp
      nncli plot runs/mlp --figure confusion --output confusion.pdf
      nncli plot runs/mlp runs/linear --figure curves --style slide --output curves.svg
    """
    if (output or len(paths) > 1) and (len(names) != 1 or not output):
        raise click.UsageError("use one --figure and one --output with several runs, and one --figure with --output")
    chosen = names or get_args(FigureName)
    console = progress()
    with blas.threads(threads if isinstance(threads, int) else None):
        tested = not set(chosen).isdisjoint(_TESTED)
        runs = open_and_test(paths, data_dir, offline=offline, console=console, tested=tested)
    written = []
    with status(console, "plotting"):
        for name in chosen:
            path = output or paths[0] / f"{name}.png"
            _write(path, name, runs, style, count)
            written.append(path)
    for path in written:
        click.echo(on_one_line(path))


def _write(path: Path, name: FigureName, runs: Sequence[Run], style: StyleName, count: int) -> None:
    from nncli.figures import plots  # matplotlib is slow to import
    from nncli.figures.page import save

    make: dict[FigureName, Callable[[Style], Figure]] = {
        "curves": lambda style: plots.learning_curves(curves_of(Comparison(runs).groups), style),
        "confusion": lambda style: plots.confusions({run.label: _tested(run).summary.confusion for run in runs}, style),
        "misclassified": lambda style: plots.misclassified(
            {run.label: _worst(_tested(run), count) for run in runs}, style
        ),
        "calibration": lambda style: plots.calibrations(
            {run.label: calibrate(_tested(run).probabilities.max(axis=0), ~_tested(run).wrong) for run in runs},
            style,
        ),
    }
    save(make[name](plots.STYLES[style]), path)


def _tested(run: Run) -> Outcome:
    if run.tested is None:
        raise DataError(f"{run.path}: this figure needs the test images; use --data-dir, or --figure curves")
    return run.tested


def _worst(tested: Outcome, count: int) -> "list[Misclassified]":
    """Return the misclassified images with the highest probability of the wrong class."""
    from nncli.figures.plots import Misclassified

    wrong = np.flatnonzero(tested.wrong)
    confidence = tested.probabilities.max(axis=0)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    return [
        Misclassified(
            tested.data.images[index],
            int(tested.data.labels[index]),
            int(tested.probabilities[:, index].argmax()),
            float(confidence[index]),
        )
        for index in worst
    ]


def curves_of(groups: Sequence[Group]) -> "list[Curves]":
    """Return the learning curves of groups of runs."""
    from nncli.figures.plots import Curves

    return [Curves(group.label, group.training_curves, group.validation_curves) for group in groups]


def errors_of(groups: Sequence[Group]) -> "list[Errors]":
    """Return the test errors of the runs that have one."""
    from nncli.figures.plots import Errors

    return [
        Errors(run.label, place, run.tested.summary.error, run.tested.summary.interval)
        for place, group in enumerate(groups)
        for run in group.runs
        if run.tested
    ]
