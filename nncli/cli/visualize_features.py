"""`nncli visualize-features`: show what the units of a layer have learned."""

from functools import partial
from pathlib import Path
from typing import get_args

import click

from nncli.build import Trained
from nncli.cli.boundary import on_one_line
from nncli.cli.console import progress, results, status
from nncli.cli.options import PictureFile, checkpoint_options
from nncli.cli.tiles import Tiles
from nncli.figures.units import Sort, UnitImages, images_of_units
from nncli.runs.folder import Which
from nncli.runs.trained import open_trained

ON_A_SHEET = 100  # units in a figure by default


@click.command()
@checkpoint_options
@click.option(
    "--output",
    type=PictureFile(),
    help="PNG, SVG or PDF file to write; defaults to features.png in the run folder or next to the checkpoint file.",
)
@click.option(
    "--units",
    "count",
    type=click.IntRange(min=1),
    help=f"Maximum number of units; defaults to {ON_A_SHEET}, or, with --terminal, to as many as fit.",
)
@click.option(
    "--sort",
    type=click.Choice(get_args(Sort)),
    default="norm",
    help="Order of the units: by the norm of their weights, largest first, or by index.",
)
@click.option(
    "--layer", "number", type=click.IntRange(1), default=1, help="Layer to show; 1 is the first hidden layer."
)
@click.option("--terminal", is_flag=True, help="Show the units in the terminal; write a file only with --output.")
def command(
    run: Path,
    which: Which,
    output: Path | None,
    count: int | None,
    sort: Sort,
    number: int,
    terminal: bool,
) -> None:
    """Units connected to the image are shown as their weights, deeper units as their preferred inputs.

    Example:
      nncli visualize-features runs/mlp --units 64
      nncli visualize-features runs/mlp --layer 2 --output deeper.png
      nncli visualize-features runs/mlp --terminal
    """
    checkpoint, trained = open_trained(run, which)
    layers = trained.network.layers
    if number > len(layers):
        known = ", ".join(f"{i} ({each.name})" for i, each in enumerate(layers, start=1))
        raise click.BadParameter(f"no layer {number}; the layers of this network are {known}", param_hint=["--layer"])
    wanted = partial(images_of_units, trained.network, trained.inputs.scaling, layers[number - 1], sort=sort)
    if output is None and not terminal:
        name = "features.png" if number == 1 else f"features-layer{number}.png"
        output = (run if run.is_dir() else checkpoint.parent) / name
    if output is not None:
        with status(progress(), "plotting the figure"):
            shown = wanted(count=count or ON_A_SHEET)
            _write(output, shown, trained, sort)
        click.echo(f"{on_one_line(output)}: {shown.title}")
    if terminal:
        tiles = Tiles(trained.inputs.shape, results())
        with status(progress(), "computing the units"):
            shown = wanted(count=count or tiles.on_a_screen)
        tiles.show(shown)


def _write(path: Path, shown: UnitImages, trained: Trained, sort: str) -> None:
    from nncli.figures.page import save  # matplotlib is slow to import, and --terminal needs none
    from nncli.figures.sheet import features

    order = "by index" if sort == "index" else "by decreasing norm"
    figure = features(
        shown.images,
        trained.inputs.shape,
        title=shown.title,
        caption=f"{trained.config.name}, trained on {trained.inputs.dataset}, epoch {trained.epoch}; {order}",
        labels=[str(unit) for unit in shown.units],
        quantity=shown.quantity,
    )
    save(figure, path)
