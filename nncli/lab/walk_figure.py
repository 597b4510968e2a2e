"""The figure of a walk through a graph: each node with its value and, in a second colour, its error signal."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nncli.engine.graph import Array, Input
from nncli.figures.diagram import Arrow, Node, draw
from nncli.lab.notation import bar
from nncli.lab.walk import Step

_SIGNALS = "each node with its value, and its error signal below"
_DIGITS = 3  # significant digits
_FIGURE_SPACE = "\u2007"  # as wide as a digit


def of_lecture(example: Mapping[str, Any], steps: Sequence[Step]) -> Figure:
    """Draw one of the lecture's graphs; the terms of an error signal that has several stand beside the arrows."""
    nodes = [_node(step, {each.name: each for each in steps}) for step in steps]
    several = any(arrow.label for node in nodes for arrow in node.arrows)
    caption = _SIGNALS + ("; beside the arrows, what each child adds to an error signal" if several else "")
    return draw(nodes, title=example["title"], caption=caption, gap=90)


def of_network(values: Mapping[str, Any], parents: Mapping[str, Sequence[str]]) -> Figure:
    """Draw the training graph of a network, with shapes and norms."""
    nodes = []
    for name, formula, shape, norm, error_norm, *_ in (step.values() for step in values["steps"]):
        lines = [name, *([] if formula == Input.formula else [formula]), " × ".join(map(str, shape)) or "scalar"]
        errors = [] if error_norm is None else [f"error signal {error_norm:.{_DIGITS}g}"]
        arrows = [Arrow(parent) for parent in parents[name]]
        nodes.append(Node(name, [*lines, f"norm {norm:.{_DIGITS}g}"], arrows, errors))
    return draw(nodes, title=values["name"], caption=f"{_SIGNALS}, by shape and norm")


def _node(step: Step, steps: Mapping[str, Step]) -> Node:
    arrows = []
    for name in step.parents:
        terms = steps[name].contributions
        added = [each.value for each in terms if each.child == step.name and len(terms) > 1 and each.value.ndim == 0]
        arrows.append(Arrow(name, _number(added[0]) if added else ""))
    marked = [] if step.error is None else _lines(bar(step.symbol), step.error)
    return Node(step.name, _lines(step.symbol, step.value), arrows, marked)


def _lines(symbol: str, array: Array) -> list[str]:
    """Write a scalar after its symbol, and a vector or a matrix row by row under it."""
    if array.ndim == 0:
        return [f"${symbol} = {_number(array)}$"]
    matrix = array if array.ndim == 2 else array.reshape(-1, 1)
    numbers = [[_number(each) for each in row] for row in matrix]
    widest = max(len(each) for row in numbers for each in row)
    return [
        f"${symbol}$",
        *((2 * _FIGURE_SPACE).join(each.rjust(widest, _FIGURE_SPACE) for each in row) for row in numbers),
    ]


def _number(value: Array) -> str:
    return f"{float(np.asarray(value)) + 0.0:.{_DIGITS}g}".replace("-", "−")
