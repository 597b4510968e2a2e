"""`nncli plot`: figures of runs for a paper or a slide."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import click

from nncli.cli.boundary import on_one_line
from nncli.cli.completion import RunPath
from nncli.cli.console import progress, status
from nncli.cli.options import PictureFile, data_options, threads_option
from nncli.cli.testing import open_and_test
from nncli.config.schema import Threads
from nncli.engine import blas
from nncli.errors import DataError
from nncli.runs.groups import Run, grouped
from nncli.runs.outcome import Outcome

FigureName = Literal["curves", "confusion", "misclassified", "calibration"]
StyleName = Literal["paper", "slide"]

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
    if len(paths) > 1 and (len(names) != 1 or not output):
        raise click.UsageError("several runs share one figure; choose it with --figure, and its file with --output")
    if output and len(names) != 1:
        raise click.UsageError("--output is the file of one figure; choose it with --figure")
    console = progress()
    with blas.threads(threads):
        runs = open_and_test(paths, data_dir, offline=offline, console=console, tested=set(names) != {"curves"})
    files = {name: output or paths[0] / f"{name}.png" for name in names or get_args(FigureName)}
    with status(console, "plotting"):
        for name, path in files.items():
            _write(path, name, runs, style, count)
    click.echo("\n".join(map(on_one_line, files.values())))


def _write(path: Path, name: FigureName, runs: Sequence[Run], style: StyleName, count: int) -> None:
    from nncli.figures import plots  # matplotlib is slow to import
    from nncli.figures.page import save
    from nncli.figures.styles import STYLES

    chosen = STYLES[style]
    match name:
        case "curves":
            figure = plots.learning_curves(grouped(runs), chosen)
        case "confusion":
            figure = plots.confusions(_outcomes(runs), chosen)
        case "misclassified":
            figure = plots.misclassified(_outcomes(runs), count, chosen)
        case "calibration":
            figure = plots.calibrations(_outcomes(runs), chosen)
    save(figure, path)


def _outcomes(runs: Sequence[Run]) -> dict[str, Outcome]:
    """Return the predictions of each run by its label."""
    missing = next((run.path for run in runs if not run.tested), None)
    if missing:
        raise DataError(f"{missing}: this figure needs the test images; use --data-dir, or --figure curves")
    return {run.label: run.tested for run in runs if run.tested}
