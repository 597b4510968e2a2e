"""`nncli lab neuron`: one logistic unit that tells two digits apart."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import data_dir_option, output_option, present_found, print_heading
from nncli.cli.options import Finite, json_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from nncli.lab.neuron import Report

_DIGIT = click.IntRange(0, 9)


def _two_different(ctx: click.Context, param: click.Parameter, digits: tuple[int, int]) -> tuple[int, int]:
    if digits[0] == digits[1]:
        raise click.BadParameter(f"{digits[0]} cannot be told apart from itself; choose two that differ", ctx, param)
    return digits


@click.command()
@click.option(
    "--digits",
    type=(_DIGIT, _DIGIT),
    default=(4, 9),
    show_default=True,
    callback=_two_different,
    help="The two classes.",
)
@click.option("--l2", type=Finite(1e-6, 1e6), default=0.01, show_default=True, help="λ of the penalty λ/2 |w|².")
@click.option("--examples", type=click.IntRange(10), default=1000, show_default=True, help="How many to train on.")
@data_dir_option
@output_option
@json_option
def command(
    digits: tuple[int, int], l2: float, examples: int, data_dir: Path | None, output: Path | None, as_json: bool
) -> None:
    """One unit with the logistic activation is logistic regression.

    Example:
      nncli lab neuron --digits 3 5
      nncli lab neuron --output weights.png
    """
    from nncli.lab import neuron
    from nncli.lab.digits import load_digits

    train, test = load_digits("train", data_dir), load_digits("test", data_dir)
    report = neuron.run(train, test, digits, l2=l2, examples=examples)
    draw = partial(_picture, shape=train.images.shape[1:])
    present_found(report, _print, as_json=as_json, output=output, draw=draw)


def _print(console: "Console", report: "Report") -> None:
    from nncli.cli.tables import print_table

    print_heading(console, "neuron")
    first, second = report.digits
    console.print(f"\ny = σ(w·x + b) is the probability that x is a {second}, not a {first}; data: {report.data}")
    fit = report.fit
    rows = [
        ("training examples", f"{report.train_examples:,}"),
        ("steps of gradient descent", f"{fit.steps:,}"),
        ("norm of the gradient at the end", f"{fit.gradient_norm:.1e}"),
        ("cross-entropy", f"{fit.loss:.4f}"),
        ("penalty λ", f"{report.l2:g}"),
        ("norm of w", f"{(fit.weights @ fit.weights) ** 0.5:.4f}"),
        ("b", f"{fit.bias:.4f}"),
        ("training error", f"{report.train_error:.2%}"),
        (f"test error, of {report.test_examples:,} examples", f"{report.test_error:.2%}"),
    ]
    print_table(console, ["quantity", "value "], rows)
    examples = zip(report.labels, report.z, report.y, strict=True)
    shown = [(label, f"{z:+.3f}", f"{y:.3f}", second if z > 0 else first) for label, z, y in examples]
    print_table(console, ["digit ", "z = w·x + b ", "y = σ(z) ", "read as "], shown, "The first test examples")


def _picture(report: "Report", shape: tuple[int, int]) -> "Figure":
    from nncli.figures.sheet import features

    first, second = report.digits
    caption = f"pixels that speak for {second} are red, for {first} blue; {report.data}"
    return features(report.fit.weights[None], shape, title=f"One unit: {first} or {second}", caption=caption)
