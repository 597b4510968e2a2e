"""`nncli lab plausibility`: backprop beside two rules without weight transport, epoch by epoch."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import data_dir_option, output_option, present_found, print_heading, seed_option
from nncli.cli.options import json_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from nncli.lab.plausibility import Comparison


@click.command()
@click.option("--epochs", type=click.IntRange(1, 200), default=10, show_default=True, help="Of each training.")
@click.option(
    "--units",
    type=click.IntRange(1, 5000),
    multiple=True,
    default=(100, 100),
    show_default=True,
    help="Units of a hidden layer; repeatable.",
)
@data_dir_option
@seed_option
@output_option
@json_option
def command(
    epochs: int, units: tuple[int, ...], data_dir: Path | None, seed: int, output: Path | None, as_json: bool
) -> None:
    """Feedback alignment against backpropagation.

    Trains one network three times: the alternatives replace the transposed weights by fixed random matrices.

    Example:
      nncli lab plausibility --output plausibility.png
      nncli lab plausibility --units 50 --units 50 --units 50
    """
    from nncli.cli.console import progress
    from nncli.lab.digits import load_digits
    from nncli.lab.plausibility import compare

    console = progress()
    comparison = compare(
        load_digits("train", data_dir),
        load_digits("test", data_dir),
        hidden=units,
        epochs=epochs,
        seed=seed,
        on_epoch=lambda rule, epoch, error: console.print(f"{rule}: epoch {epoch}/{epochs}, test error {error:.2%}"),
    )
    present_found(comparison, _print, as_json=as_json, output=output, draw=_picture)


def _print(console: "Console", comparison: "Comparison") -> None:
    from nncli.cli.tables import print_table

    print_heading(console, "plausibility")
    console.print(
        f"\n{comparison.dataset}: {comparison.examples:,} training examples, "
        f"a 784-{'-'.join(map(str, comparison.layers))}-10 network"
    )
    learnings = comparison.learnings
    headers = ["epoch ", *(f"{each.rule} " for each in learnings)]
    rows = [[str(i + 1), *(f"{each.errors[i]:.2%}" for each in learnings)] for i in range(comparison.epochs)]
    print_table(console, headers, rows, "Test error")
    for each in learnings[1:]:
        layers = list(each.angles)
        angles = [[str(i), *(f"{each.angles[layer][i]:.1f}" for layer in layers)] for i in range(comparison.epochs + 1)]
        console.print(f"{each.rule}: degrees between each layer's update and the true gradient", style="bold")
        print_table(console, ["epoch ", *(f"{layer} " for layer in layers)], angles)
    for each in learnings[1:]:
        epochs = comparison.epochs_of_backprop(each)
        slower = f"after {epochs} of them" if epochs else "never"
        console.print(
            f"{each.rule} ends at {each.errors[-1]:.2%} after {comparison.epochs} epochs; backprop is there {slower}."
        )


def _picture(comparison: "Comparison") -> "Figure":
    from nncli.figures.curves import Curve, Panel, draw

    after = list(range(1, comparison.epochs + 1))
    errors = [
        Curve(each.rule, after, [100 * error for error in each.errors], "points") for each in comparison.learnings
    ]
    panels = [Panel(errors, title="Test error", x_label="epoch", y_label="%")]
    for each in comparison.learnings[1:]:
        angles = [Curve(layer, [0, *after], degrees, "points") for layer, degrees in each.angles.items()]
        guide = Curve("90°: a random direction", [0, comparison.epochs], [90, 90], "plain")
        panels.append(Panel([*angles, guide], title=each.rule, x_label="epoch", y_label="degrees from the gradient"))
    caption = f"{comparison.dataset}, {comparison.examples:,} training examples, hidden layers {comparison.layers}"
    return draw(panels, title="Backpropagation and two rules without weight transport", caption=caption)
