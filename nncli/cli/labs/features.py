"""`nncli lab features`: the first hidden layer from noise to strokes, and the detector of one direction."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import (
    data_dir_option,
    output_option,
    present_found,
    print_heading,
    seed_option,
)
from nncli.cli.options import Finite, json_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from nncli.figures.units import UnitImages
    from nncli.lab.features import Development

_COLUMNS = 16  # units on the sheet, at most


@click.command()
@click.option(
    "--direction",
    type=Finite(0, 180),
    default=45.0,
    show_default=True,
    help="Of the stroke to find a unit for: 0 is -, 45 is /, 90 is |, 135 the other diagonal.",
)
@click.option("--units", type=click.IntRange(2, 2000), default=32, show_default=True, help="Hidden units.")
@click.option("--epochs", type=click.IntRange(1, 100), default=8, show_default=True, help="Of training.")
@data_dir_option
@seed_option
@output_option
@json_option
def command(
    direction: float,
    units: int,
    epochs: int,
    data_dir: Path | None,
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """What the first hidden layer learns, epoch by epoch.

    The picture has a row an epoch, the first one the random start, and a column a unit.

    Example:
      nncli lab features --output features.png
      nncli lab features --direction 135 --units 64
    """
    from nncli.cli.console import progress
    from nncli.lab.digits import load_digits
    from nncli.lab.features import develop

    console = progress()
    development = develop(
        load_digits("train", data_dir),
        units=units,
        epochs=epochs,
        direction=direction,
        seed=seed,
        on_epoch=lambda epoch, error: console.print(f"epoch {epoch}/{epochs}, error on held-out digits {error:.2%}"),
    )
    present_found(development, _print, as_json=as_json, output=output, draw=_picture)


def _print(console: "Console", development: "Development") -> None:
    from nncli.cli.tables import print_table
    from nncli.cli.tiles import Tiles

    print_heading(console, "features")
    found = development.detector
    console.print(f"\n{development.dataset}, {len(development.stages[0].weights)} hidden units")
    rows = [
        (str(stage["epoch"]), "" if stage["error"] is None else f"{stage['error']:.2%}", f"{stage['mean_norm']:.2f}")
        for stage in development.to_dict()["stages"]
    ]
    print_table(console, ["epoch ", "error ", "mean norm of w "], rows)
    console.print(f"Unit {found.unit} prefers strokes at {found.direction:g} degrees the most:", style="bold")
    answers = [
        (f"{degrees:g}", f"{answer:+.2f}", "#" * round(40 * max(answer, 0)))
        for degrees, answer in zip(found.tested, found.answers, strict=True)
    ]
    print_table(console, ["stroke ", "answer ", "w·x of the best placed stroke, over the norms of both"], answers)
    Tiles(development.shape, console).show(_before_and_after(development))


def _before_and_after(development: "Development") -> "UnitImages":
    """Give the detector's weights at the start and at the end."""
    import numpy as np

    from nncli.figures.units import UnitImages

    unit, stages = development.detector.unit, development.stages
    images = np.array([stages[0].weights[unit], stages[-1].weights[unit]])
    what = "weights at the start and after training"
    return UnitImages("hidden1", len(stages[0].weights), np.array([unit, unit]), images, what, "weight")


def _picture(development: "Development") -> "Figure":
    import numpy as np

    from nncli.figures import sheet
    from nncli.figures.units import choose

    stages, unit = development.stages, development.detector.unit
    others = [each for each in choose(stages[-1].weights, None, "norm").tolist() if each != unit]
    shown = [unit, *others][:_COLUMNS]
    weights = np.concatenate([stage.weights[shown] for stage in stages])
    labels = [
        f"epoch {stage.epoch}" if column == 0 else f"unit {each}" if stage.epoch == 0 else ""
        for stage in stages
        for column, each in enumerate(shown)
    ]
    caption = (
        f"{development.dataset}; a row an epoch, from the random start; first column: unit {unit}, which answers "
        f"to strokes at {development.detector.direction:g} degrees"
    )
    title = "What the first hidden layer learns"
    return sheet.features(weights, development.shape, title=title, caption=caption, labels=labels, columns=len(shown))
