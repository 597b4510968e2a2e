"""`nncli gradcheck`: check the gradient of a configured network against numerical derivatives."""

from pathlib import Path

import click

from nncli.cli.console import print_json, progress, results, status
from nncli.cli.options import Finite, config_argument, json_option, set_option
from nncli.cli.tables import print_table
from nncli.config.load import load
from nncli.errors import GraphError
from nncli.gradient_check import check_gradient
from nncli.lab.demonstration import numbers


@click.command()
@config_argument
@set_option
@click.option(
    "--samples", type=click.IntRange(1, 1000), default=5, help="Number of coordinates to compare per parameter."
)
@click.option("--tolerance", type=Finite(1e-12, 1), default=1e-6, help="Largest accepted relative error.")
@click.option("--seed", type=click.IntRange(min=0), default=1, help="Seed for digits, parameters and coordinates.")
@json_option
def command(
    config_path: Path, overrides: tuple[str, ...], samples: int, tolerance: float, seed: int, as_json: bool
) -> None:
    """The derivatives are compared in float64, on a few generated digits.

    If any disagree, the layers, parameters and nodes at fault are listed, and the exit code is 1.

    Example:
      nncli gradcheck experiments/mlp.yaml
      nncli gradcheck experiments/mlp.yaml --samples 20 --set loss=squared_error
    """
    config = load(config_path, overrides).config
    if config.training.credit != "backprop":
        click.echo(f"note: training.credit is {config.training.credit}, but gradcheck always checks backprop", err=True)
    with status(progress(), "comparing derivatives"):
        report = check_gradient(config, samples=samples, tolerance=tolerance, seed=seed)
    if as_json:
        print_json(report.to_dict())
    else:
        rows = [
            (
                each.layer,
                each.parameter,
                " x ".join(map(str, each.shape)),
                each.compared,
                f"{each.largest.relative_error:.1e}",
                f"{len(each.disagreements)} DISAGREE" if each.disagreements else "agree",
            )
            for each in report.parameters
        ]
        print_table(results(), ["layer", "parameter", *numbers("shape", "compared", "relative error"), "result"], rows)
    if not report.passed:
        click.echo("\n".join(report.problems()), err=True)
        wrong = ", ".join(f"{each.layer}.{each.parameter}" for each in report.parameters if each.disagreements)
        raise GraphError(f"{config_path}: the gradient with respect to {wrong} is wrong; see the lines above")
    if not as_json:
        click.echo(f"{config_path}: the gradient agrees with numerical derivatives")
        click.echo(f"largest relative error: {report.largest.relative_error:.1e} at {report.largest.place}")
