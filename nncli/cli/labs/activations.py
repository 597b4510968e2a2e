"""`nncli lab activations`: the six activation functions in two tables, and a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import output_option, present, print_heading, save_picture
from nncli.cli.options import Finite, json_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from nncli.lab.activations import Response

_POINTS = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)
_COLUMN = 16  # characters a column takes at most


@click.command()
@click.option("--at", "points", type=Finite(-1e4, 1e4), multiple=True, help="A point z to evaluate at; repeatable.")
@output_option
@json_option
def command(points: tuple[float, ...], output: Path | None, as_json: bool) -> None:
    """The six activation functions, their values and derivatives.

    Example:
      nncli lab activations --at -1 --at 0.25
      nncli lab activations --output activations.png
    """
    from nncli.lab import activations

    responses = activations.run(points or _POINTS)
    present(
        [response.to_dict() for response in responses],
        lambda console: _print(console, responses),
        as_json=as_json,
        output=output,
        save=lambda path: save_picture(path, _picture()),
    )


def _print(console: "Console", responses: Sequence["Response"]) -> None:
    """Print the formulas, then values and derivatives, as many functions beside each other as fit."""
    from nncli.cli.tables import print_table

    print_heading(console, "activations")
    print_table(console, ["activation", "formula"], [(each.name, each.formula) for each in responses])
    abreast = max(1, (console.width - 8) // _COLUMN)
    for title, values in (("Values y", "y"), ("Derivatives dy/dz", "dy_dz")):
        for start in range(0, len(responses), abreast):
            group = responses[start : start + abreast]
            columns = [[f"{number:.4f}" for number in getattr(each, values)] for each in group]
            rows = zip([f"{z:g}" for z in group[0].z], *columns, strict=True)
            print_table(console, ["z ", *(f"{each.name} " for each in group)], rows, title)


def _picture() -> "Figure":
    """Draw each function and its derivative from -4 to 4."""
    from nncli.figures.curves import Curve, Panel, draw
    from nncli.lab import activations

    panels = [
        Panel(
            [Curve("y", each.z, each.y), Curve("dy/dz", each.z, each.dy_dz)],
            title=f"{each.name}:  {each.formula}",
            x_label="z",
        )
        for each in activations.run([step / 50 for step in range(-200, 201)])
    ]
    return draw(panels, title="Activation functions", caption="each with its derivative, by the backward pass")
