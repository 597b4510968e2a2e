"""`nncli lab linear-collapse`: a deep linear network, the one matrix it equals, and what each learns."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import data_dir_option, present_found, print_heading, seed_option
from nncli.cli.options import json_option

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.lab.linear_collapse import Equality, Report


@click.command()
@click.option("--hidden-units", type=click.IntRange(1, 1000), default=64, show_default=True, help="Of each layer.")
@click.option("--hidden-layers", type=click.IntRange(1, 20), default=2, show_default=True, help="Before the output.")
@click.option("--epochs", type=click.IntRange(1, 1000), default=5, show_default=True, help="Of each training.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="Train nothing: take this checkpoint or run, whose layers are all linear.",
)
@seed_option
@data_dir_option
@json_option
def command(
    hidden_units: int,
    hidden_layers: int,
    epochs: int,
    checkpoint: Path | None,
    seed: int,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """A deep linear network is one matrix, and learns no more than one.

    Example:
      nncli lab linear-collapse --hidden-layers 4
      nncli lab linear-collapse --checkpoint runs/linear
    """
    from nncli.lab import linear_collapse
    from nncli.lab.digits import load_digits

    if checkpoint:
        report = _of_checkpoint(checkpoint, data_dir)
    else:
        train, test = load_digits("train", data_dir), load_digits("test", data_dir)
        hidden = (hidden_units,) * hidden_layers
        report = linear_collapse.run(train, test, hidden=hidden, epochs=epochs, seed=seed)
    present_found(report, _print, as_json=as_json)


def _of_checkpoint(path: Path, data_dir: Path | None) -> "Report":
    """Collapse a trained network on the test set of the data it was trained on."""
    from nncli import build
    from nncli.data.load import load
    from nncli.lab import linear_collapse
    from nncli.runs import checkpoint, folder

    found = folder.resolve(path)
    trained = build.trained(checkpoint.load(found), str(found))
    test = load(trained.dataset, "test", directory=data_dir, offline=True)
    return linear_collapse.run_checkpoint(trained, test, found)


def _print(console: "Console", report: "Report") -> None:
    from nncli.cli.tables import print_table

    print_heading(console, "linear-collapse")
    console.print(f"\ndata: {report.data}")
    _print_equality(console, report.equality)
    if not report.rows:
        return
    rows = [
        (
            row.name,
            f"{row.parameters:,}",
            f"{row.train_loss:.4f}",
            f"{row.test_error:.2%}",
            f"{row.interval[0]:.2%} to {row.interval[1]:.2%}",
        )
        for row in report.rows
    ]
    headers = ["network", "parameters ", "training loss ", "test error ", "95% interval "]
    print_table(console, headers, rows, "What each learns in as many epochs")


def _print_equality(console: "Console", equality: "Equality") -> None:
    from nncli.cli.tables import print_table

    deep, single = equality.parameters
    rows = [
        ("layers multiplied out", ", ".join(equality.layers)),
        ("parameters", f"{deep:,} become {single:,}"),
        ("test examples", f"{equality.examples:,}"),
        ("largest output", f"{equality.largest_output:.4g}"),
        *(
            (f"largest difference, {dtype}", f"{value:.1e} of the largest output")
            for dtype, value in equality.difference.items()
        ),
        ("different decisions", f"{equality.disagreements:,}"),
    ]
    print_table(console, ["the network and its one matrix", ""], rows)
