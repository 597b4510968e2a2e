"""`nncli lab backprop`: both passes through a graph, node by node, as tables, Markdown or LaTeX."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import data_dir_option, present_found, print_heading
from nncli.cli.options import json_option

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.engine.graph import Array
    from nncli.lab.backprop import Walk
    from nncli.lab.network_walk import NetworkWalk

GRAPHS = ("logistic", "regularized", "softmax", "chain-rule", "mlp", "mlp-vectorized")
DEFAULT = "regularized"
_LARGEST = 1e6


class Assignment(click.ParamType[tuple[str, tuple[float, ...]]]):
    """NAME=NUMBERS, the numbers of a vector or matrix separated by commas, row by row."""

    name = "NAME=NUMBERS"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[float, ...]]:
        """Split and read; what is no finite number is named."""
        name, equals, text = value.partition("=")
        if not name or not equals:
            self.fail(f"{value!r} is not NAME=NUMBERS, as in w=0.5 or x=1,2", param, ctx)
        return name.strip(), tuple(self._number(part, param, ctx) for part in text.split(","))

    def _number(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= _LARGEST:
            self.fail(f"{text.strip()!r} is not a number from {-_LARGEST:g} to {_LARGEST:g}", param, ctx)
        return number


@click.command()
@click.argument("graph", metavar="[GRAPH]", type=click.Choice(GRAPHS), required=False)
@click.option(
    "--value",
    "values",
    type=Assignment(),
    multiple=True,
    metavar="NAME=NUMBERS",
    help="The value of an input, a matrix row by row; repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "latex"]),
    default="text",
    show_default=True,
    help="How to write it.",
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Walk through the network of this configuration instead: shapes and norms.",
)
@click.option(
    "--example",
    type=click.IntRange(min=0),
    help="With --config: which training example; without it, number 0.",
)
@data_dir_option
@json_option
def command(
    graph: str | None,
    values: tuple[tuple[str, tuple[float, ...]], ...],
    form: str,
    config_path: Path | None,
    example: int | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """The forward and the backward pass, step by step.

    GRAPH is one of the lecture's: logistic, regularized (the default), softmax, chain-rule, mlp or mlp-vectorized.

    Example:
      nncli lab backprop chain-rule --value t=0.5
      nncli lab backprop mlp-vectorized --value W1=0.1,0.2,0.3,0.4 --format latex > mlp.tex
      nncli lab backprop --config experiments/mlp.yaml --example 7
    """
    if config_path is not None:
        if graph or values or form != "text":
            raise click.UsageError("GRAPH, --value and --format belong to the lecture's graphs, not to --config")
        network_walk = _walk_network(config_path, example or 0, data_dir)
        present_found(network_walk, _print_network, as_json=as_json)
        return
    if example is not None:
        raise click.UsageError("--example belongs to --config: the lecture's graphs take their numbers from --value")
    walk = _walk(graph or DEFAULT, dict(values))
    if as_json or form == "text":
        present_found(walk, _print, as_json=as_json)
        return
    from nncli.lab import walk_formats

    click.echo((walk_formats.markdown if form == "markdown" else walk_formats.latex)(walk))


def _walk(graph: str, values: dict[str, tuple[float, ...]]) -> "Walk":
    """Walk through one of the lecture's graphs; whatever is wrong there is wrong with the numbers given."""
    from nncli.errors import GraphError
    from nncli.lab import backprop

    try:
        return backprop.walk(graph, values)
    except GraphError as error:
        raise click.BadParameter(str(error), param_hint="--value") from error


def _walk_network(config_path: Path, example: int, data_dir: Path | None) -> "NetworkWalk":
    from nncli.config.load import load
    from nncli.lab.digits import load_digits
    from nncli.lab.network_walk import walk_network

    return walk_network(load(config_path).config, load_digits("train", data_dir), example)


def _print(console: "Console", walk: "Walk") -> None:
    """Print the forward pass, then the backward pass in its own order; under a sum, each of its terms."""
    from nncli.cli.tables import print_table
    from nncli.lab.notation import plain

    print_heading(console, "backprop")
    console.print(f'\n{walk.title} (slide "{walk.slide}")')
    forward = [(plain(step.symbol), plain(step.formula) or "given", _cell(step.value)) for step in walk.steps]
    print_table(console, ["node", "formula", "value "], forward, "Forward pass")
    backward: list[tuple[str, str, str, str]] = []
    for step in reversed(walk.steps):
        if step.error is None or step.numeric is None:
            continue
        formula = plain(step.error_formula)
        backward.append((plain(step.error_symbol), formula, _cell(step.error), _cell(step.numeric)))
        if len(step.contributions) > 1:
            for each in step.contributions:
                source = f"  from {plain(walk.symbol(each.child))}:  {plain(each.formula)}"
                backward.append(("", source, _cell(each.value), ""))
    headers = ["error signal", "formula", "value ", "numeric derivative "]
    print_table(console, headers, backward, "Backward pass")
    inputs = ", ".join(step.name for step in walk.steps if not step.formula)
    console.print(f"Inputs, to set with --value NAME=NUMBERS: {inputs}")
    console.print(f"Graphs: {', '.join(GRAPHS)}")


def _cell(array: "Array") -> str:
    """Write an array in a cell, a line a row."""
    from nncli.lab.walk_formats import rows

    lines = rows(array)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(f"{text:>{n}}" for text, n in zip(row, widths, strict=True)) for row in lines)


def _print_network(console: "Console", walk: "NetworkWalk") -> None:
    from nncli.cli.tables import print_table

    print_heading(console, "backprop")
    console.print(
        f"\n{walk.name} on training example {walk.example} of {walk.dataset}, a {walk.label}; "
        "weights as first drawn, no dropout"
    )
    forward = [(step.name, step.formula, _shape(step.shape), f"{step.norm:.6g}") for step in walk.steps]
    print_table(console, ["node", "formula", "shape ", "norm "], forward, "Forward pass")
    backward: list[tuple[str, str, str, str]] = []
    for step in reversed(walk.steps):
        if step.error_norm is None or step.numeric is None:
            continue
        sources = [name for name, _ in step.contributions]
        backward.append((step.name, ", ".join(sources), f"{step.error_norm:.6g}", f"{step.numeric:.6g}"))
        if len(sources) > 1:
            backward += [("", f"  from {name}", f"{norm:.6g}", "") for name, norm in step.contributions]
    headers = ["error signal of", "from", "norm ", "numeric derivative along it "]
    print_table(console, headers, backward, "Backward pass")


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "scalar"
