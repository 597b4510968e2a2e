"""`nncli lab xor`: the designed network, the unit that cannot be, and the networks that learn."""

from typing import TYPE_CHECKING, Literal

import click

from nncli.cli.labs.shown import present_found, print_heading
from nncli.cli.options import Finite, json_option

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.lab.xor import Report

_PROOF = """\
    (0, 0):           b <= 0
    (1, 1): w1 + w2 + b <= 0
    both:  w1 + w2 + 2b <= 0

    (0, 1):      w2 + b >  0
    (1, 0): w1      + b >  0
    both:  w1 + w2 + 2b >  0\
"""


@click.command()
@click.option(
    "--activation",
    type=click.Choice(["tanh", "logistic"]),
    default="tanh",
    show_default=True,
    help="Of the hidden units that learn.",
)
@click.option("--hidden-units", type=click.IntRange(1, 100), default=2, show_default=True, help="How many learn.")
@click.option("--seeds", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many trainings.")
@click.option("--steps", type=click.IntRange(1, 100_000), default=2000, show_default=True, help="Of each training.")
@click.option(
    "--learning-rate", type=Finite(0, 100, min_open=True), default=0.1, show_default=True, help="Of each training."
)
@json_option
def command(
    activation: Literal["logistic", "tanh"],
    hidden_units: int,
    seeds: int,
    steps: int,
    learning_rate: float,
    as_json: bool,
) -> None:
    """XOR by design and by gradient descent; one unit cannot.

    Example:
      nncli lab xor
      nncli lab xor --activation logistic --hidden-units 3 --seeds 50
    """
    from nncli.lab import xor

    report = xor.run(
        activation=activation,
        hidden_units=hidden_units,
        seeds=range(1, seeds + 1),
        steps=steps,
        learning_rate=learning_rate,
    )
    present_found(report, _print, as_json=as_json)


def _print(console: "Console", report: "Report") -> None:
    from nncli.cli.tables import print_table

    print_heading(console, "xor")
    console.print()
    (w1, w2), (b1, b2) = report.weights["hidden.weights"], report.weights["hidden.bias"]
    (v,), (c,) = report.weights["output.weights"], report.weights["output.bias"]
    units = [
        ("h1", "x1 OR x2", _sum(w1, ("x1", "x2"), b1)),
        ("h2", "x1 AND x2", _sum(w2, ("x1", "x2"), b2)),
        ("y", "h1 AND NOT h2", _sum(v, ("h1", "h2"), c)),
    ]
    print_table(console, ["unit", "computes", "fires where"], units, "By design")
    rows = [(row.x1, row.x2, row.h1, row.h2, row.y) for row in report.table]
    print_table(console, ["x1 ", "x2 ", "h1 ", "h2 ", "y "], rows)
    console.print("One unit cannot. With weights w1, w2 and a bias b it would need a contradiction:")
    console.print(_PROOF, soft_wrap=True)
    tried = report.exhaustion
    console.print(
        f"\nTried: {tried.units:,} units with w1, w2 and b on a grid compute {tried.functions} of the 16 functions of "
        f"two inputs; never {' nor '.join(tried.missing)} (XOR is 0110).\n"
    )
    _print_learned(console, report)


def _print_learned(console: "Console", report: "Report") -> None:
    from nncli.cli.tables import print_table

    rows = [
        (each.seed, f"{each.loss:.4f}", *(f"{y:.2f}" for y in each.outputs), _solved(each.solved_at))
        for each in report.learned
    ]
    headers = ["seed ", "loss ", "y(0,0) ", "y(0,1) ", "y(1,0) ", "y(1,1) ", "right from step "]
    title = f"By gradient descent: {report.hidden_units} {report.activation} units and a logistic one"
    print_table(console, headers, rows, title)
    succeeded = sum(each.solved_at is not None for each in report.learned)
    console.print(
        f"{succeeded} of {len(report.learned)} seeds ({report.share:.0%}) learned XOR in {report.steps:,} steps.",
        style="bold",
    )


def _solved(step: int | None) -> str:
    return "never" if step is None else f"{step:,}"


def _sum(weights: list[float], names: tuple[str, str], bias: float) -> str:
    """Write w·x + b > 0."""
    terms = " ".join(f"{'-' if w < 0 else '+'} {name}" for w, name in zip(weights, names, strict=True))
    return f"{terms.removeprefix('+ ')} {'-' if bias < 0 else '+'} {abs(bias):g} > 0"
