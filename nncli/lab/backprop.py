"""Backpropagation step by step, on the lecture's own graphs or through the network of a configuration.

The lecture (slide "Full backpropagation algorithm"): one pass forward and one pass back through a graph in topological
order give the derivative of its last node with respect to every other: v̄_N = 1, and for i = N-1, ..., 1
v̄_i = Σ_{j ∈ Ch(i)} v̄_j ∂v_j/∂v_i. Here the engine that trains networks makes both passes. The report has every value
and error signal, the term of each child if there are several, and the derivative by finite differences.
"""

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from nncli.build import data_folder
from nncli.config.load import load
from nncli.errors import GraphError, OptionError
from nncli.lab import network_walk, walk_figure
from nncli.lab.demonstration import DataDir, Illustrated, Option, Verbatim
from nncli.lab.digits import load_digits
from nncli.lab.lecture_graphs import EXAMPLES
from nncli.lab.walk import walk
from nncli.lab.walk_formats import latex, markdown, tables

_LARGEST = 1e6


def run(
    graph: Annotated[str | None, Option(flag="GRAPH", choices=tuple(EXAMPLES))] = None,
    values: Annotated[
        tuple[str, ...],
        Option("Value of an input, row by row for a matrix; repeatable.", flag="--value", metavar="NAME=NUMBERS"),
    ] = (),
    form: Annotated[Literal["text", "markdown", "latex"], Option("Output format.", flag="--format")] = "text",
    config: Annotated[
        Path | None,
        Option("Show the network of this configuration instead, with shapes and norms.", metavar="FILE"),
    ] = None,
    example: Annotated[
        int | None, Option("With --config, the index of a training example; defaults to 0.", minimum=0)
    ] = None,
    data_dir: DataDir = None,
) -> Illustrated:
    """Make both passes and report every step.

    GRAPH is one of logistic, regularized (the default), softmax, chain-rule, mlp and mlp-vectorized.

    Example:
      nncli lab backprop chain-rule --value t=0.5 --output graph.svg
      nncli lab backprop mlp-vectorized --value W1=0.1,0.2,0.3,0.4 --format latex > mlp.tex
      nncli lab backprop --config experiments/mlp.yaml --example 7
    """
    if config is not None:
        if graph or values or form != "text":
            raise OptionError("GRAPH, --value and --format cannot be used with --config")
        read = load(config).config
        digits = load_digits("train", data_dir or data_folder(read), name=read.data.name)
        return network_walk.report(read, digits, example or 0)
    if example is not None:
        raise OptionError("--example requires --config; set the inputs of the lecture's graphs with --value")
    return _of_lecture(graph or "regularized", dict(map(_assignment, values)), form)


def _assignment(text: str) -> tuple[str, Sequence[float]]:
    """Read NAME=NUMBERS, the numbers separated by commas."""
    name, equals, numbers = text.partition("=")
    if not name or not equals:
        raise OptionError(f"{text!r} is not NAME=NUMBERS, as in w=0.5 or x=1,2", "--value")
    return name.strip(), [_number(each) for each in numbers.split(",")]


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= _LARGEST:
        raise OptionError(f"{text.strip()!r} is not a number between {-_LARGEST:g} and {_LARGEST:g}", "--value")
    return number


def _of_lecture(name: str, given: dict[str, Sequence[float]], form: str) -> Illustrated:
    example = EXAMPLES[name]
    try:
        steps = walk(example, given)
    except GraphError as error:  # only the numbers given can be wrong
        raise OptionError(str(error), "--value") from error
    plain = [step.to_values() for step in steps]
    values = {"example": name, "title": example["title"], "slide": example["slide"], "steps": plain}
    draw = partial(walk_figure.of_lecture, example, steps)
    if form != "text":
        page = (markdown if form == "markdown" else latex)(example, steps)
        return Illustrated([Verbatim(page)], values, titled=False, draw=draw)
    inputs = ", ".join(step.name for step in steps if not step.formula)
    hints = [f"Inputs, for --value NAME=NUMBERS: {inputs}", f"Graphs: {', '.join(EXAMPLES)}"]
    return Illustrated([*tables(example, steps), *hints], values, draw=draw)
