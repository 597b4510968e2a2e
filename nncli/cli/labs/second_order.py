"""`nncli lab second-order`: L-BFGS and gradient descent, loss against evaluations of the gradient."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import data_dir_option, output_option, present_found, print_heading, seed_option
from nncli.cli.options import json_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from nncli.lab.second_order import Race


@click.command()
@click.option(
    "--evaluations",
    type=click.IntRange(2, 10_000),
    default=120,
    show_default=True,
    help="Evaluations of the gradient, for each method.",
)
@click.option(
    "--units",
    type=click.IntRange(1, 1000),
    multiple=True,
    default=(30,),
    show_default=True,
    help="Units of a hidden layer; repeatable.",
)
@data_dir_option
@seed_option
@output_option
@json_option
def command(
    evaluations: int, units: tuple[int, ...], data_dir: Path | None, seed: int, output: Path | None, as_json: bool
) -> None:
    """L-BFGS against gradient descent, with the same gradients.

    Needs SciPy: pip install 'nncli[second-order]'.

    Example:
      nncli lab second-order --output second-order.png
      nncli lab second-order --evaluations 300 --units 50
    """
    from nncli.lab.digits import load_digits
    from nncli.lab.second_order import race

    found = race(load_digits("train", data_dir), hidden=units, evaluations=evaluations, seed=seed)
    present_found(found, _print, as_json=as_json, output=output, draw=_picture)


def _print(console: "Console", found: "Race") -> None:
    from nncli.cli.tables import print_table

    print_heading(console, "second-order")
    console.print(
        f"\n{found.dataset}: {found.examples:,} training examples in one batch, {found.parameters:,} weights and biases"
    )
    counts = [count for count in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if count < found.evaluations]
    rows = []
    for count in [*counts, found.evaluations]:
        losses = [each.losses[count - 1] if count <= len(each.losses) else None for each in found.descents]
        rows.append([str(count), *("-" if loss is None else f"{loss:.4f}" for loss in losses)])
    rows.append(["error", *(f"{each.error:.2%}" for each in found.descents)])
    names = [each.method.replace("gradient descent, ", "descent, ") for each in found.descents]
    print_table(console, ["evaluations ", *(f"{name} " for name in names)], rows, "Lowest loss so far")
    best, lbfgs = found.best_descent, found.descents[0]
    sooner = lbfgs.evaluations_to(best.losses[-1])
    reached = f"after {sooner}" if sooner else "never"
    console.print(
        f"Best {best.method}: {best.losses[-1]:.4f} after {len(best.losses)} evaluations; L-BFGS is there {reached}."
    )


def _picture(found: "Race") -> "Figure":
    from nncli.figures.curves import Curve, Panel, draw

    curves = [Curve(each.method, range(1, len(each.losses) + 1), each.losses) for each in found.descents]
    panel = Panel(curves, x_label="evaluations of the gradient", y_label="lowest loss so far", y_log=True)
    caption = f"{found.dataset}, {found.examples:,} examples in one batch, {found.parameters:,} parameters"
    return draw([panel], title="L-BFGS and gradient descent", caption=caption, zoom=1.8)
