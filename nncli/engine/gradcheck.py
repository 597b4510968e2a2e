"""Gradient checks: compare the backward pass with central differences of the loss."""

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nncli.engine.graph import Array, Graph, Input, Node
from nncli.engine.parameters import Parameters
from nncli.errors import GraphError

STEPS = (1e-3, 1e-4, 1e-5)
"""Relative to a coordinate, or to 0.1 if it is smaller. The first balances truncation (h⁴) and rounding (1/h) in
float64; the others avoid a nearby kink, such as ReLU's at 0."""

Index: TypeAlias = tuple[int, ...]

_SMALLEST_MAGNITUDE = 0.1
_ROUNDING = 100 * sys.float_info.epsilon / _SMALLEST_MAGNITUDE
"""Relative rounding error of one evaluation of the loss, a sum of many terms, over the smallest magnitude."""


@dataclass(frozen=True)
class Comparison:
    """One derivative by the backward pass and by finite differences.

    Attributes:
        name: the parameter or input.
        index: the coordinate; None for the derivative along a random direction.
        backward: the derivative by the backward pass.
        numeric: the derivative by finite differences.
        relative_error: |backward - numeric| relative to the larger of the two. If they agree and are so small that
            rounding alone exceeds the tolerance, relative to the smallest size at which it does not.
        agrees: whether the difference is within the tolerance plus the expected rounding error.
    """

    name: str
    index: Index | None
    backward: float
    numeric: float
    relative_error: float
    agrees: bool

    @property
    def place(self) -> str:
        """The coordinate as `output.weights[3, 14]`, or the parameter along a random direction."""
        return f"{self.name}{list(self.index)}" if self.index is not None else f"{self.name} along a random direction"


def worst(compared: Iterable[Comparison]) -> Comparison:
    """Return the comparison with the largest relative error; those that disagree come before those that agree."""
    return max(compared, key=lambda each: (not each.agrees, each.relative_error))


def directional_derivative(
    function: Callable[[], float], values: Array, direction: Array, step: float = STEPS[0]
) -> float:
    """Return the derivative along a direction by a central difference of fourth order.

    f'(0) = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h + O(h⁴), which is good to about ten digits for a smooth
    function of order 1 in float64.

    Args:
        function: computes f from the current content of `values`.
        values: changed in place while f is evaluated, then restored.
        direction: an array of the shape of `values`, preferably of norm 1.
        step: h relative to the coordinate of `values` along the direction.
    """
    h = step * max(abs(float(np.vdot(values, direction))), _SMALLEST_MAGNITUDE)
    start = values.copy()

    def at(distance: float) -> float:
        values[...] = start + distance * direction
        return function()

    try:
        return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    finally:
        values[...] = start


def numeric_derivative(
    function: Callable[[], float], values: Array, indices: Sequence[Index], step: float = STEPS[0]
) -> Array:
    """Return the derivatives with respect to some coordinates, (len(indices),); see `directional_derivative`."""
    return np.array([directional_derivative(function, values, _coordinate(values, i), step) for i in indices])


@dataclass(frozen=True)
class GradientCheck:
    """Compares a backward pass with finite differences, at some coordinates and along a random direction.

    Attributes:
        graph: a differentiated graph in float64, bound, with its inputs set.
        rng: draws the coordinates, directions and error signals.
        before: called before each evaluation; with dropout, restores the state that the masks are drawn from.
        tolerance: the largest relative error, beyond rounding, at which two derivatives agree.
    """

    graph: Graph
    rng: np.random.Generator
    before: Callable[[], None] = lambda: None
    tolerance: float = 1e-7

    def compare(self, parameters: Parameters, inputs: Sequence[Input] = (), samples: int = 5) -> list[Comparison]:
        """Check the derivatives of the loss with respect to parameters, and to inputs that have an error signal.

        Error signals of parameters that the loss does not reach must be 0. The arrays of all these are changed in
        place, then restored. `samples` is the number of coordinates of each.

        Raises:
            GraphError: the graph is not in float64, or its loss is not finite.
        """
        if self.graph.dtype != np.float64:
            dtype = self.graph.dtype
            raise GraphError(f"a gradient check needs a graph in float64, not {dtype}; build the graph in float64")

        def loss() -> float:
            self.before()
            self.graph.forward()
            return float(self.graph.loss.value)

        parameters.errors[...] = 0
        scale = abs(loss())
        if not math.isfinite(scale):
            raise GraphError(
                "the loss is not finite, so it has no derivatives; use smaller weights or weaker penalties"
            )
        self.graph.backward()
        leaves = [(name, parameters.value(name), parameters.error(name).copy()) for name in parameters]
        leaves += [(node.name, node.value, node.error.copy()) for node in inputs]
        return [found for leaf in leaves for found in self._comparisons(samples, loss, *leaf, scale)]

    def blame(self) -> Iterator[tuple[Node, Comparison]]:
        """Yield the nodes that cause a wrong gradient, each with its worst derivative with respect to one parent.

        A node's contribution to a parent is v̄ ∂v/∂(parent), the derivative of <v̄, v>. Comparing three coordinates of it
        for a random v̄ tests this node alone, at the present values of its parents. Call this after a forward pass; the
        graph's error signals are overwritten.
        """
        for node in self.graph.differentiated:
            if not node.parents:
                continue

            def value(node: Node = node) -> float:
                self.before()
                node.forward()
                return float(np.vdot(node.error, node.value))

            node.error[...] = self.rng.standard_normal(node.value.shape)
            value()
            node.backward()
            terms: dict[Node, Array] = {}
            for parent, d_parent in zip(node.parents, node.d_parents, strict=True):
                if parent in self.graph.differentiated:
                    terms[parent] = terms.get(parent, 0) + d_parent
            scale = float(np.sum(np.abs(node.error * node.value)))
            for parent, term in terms.items():
                found = worst(self._comparisons(3, value, parent.name, parent.value, term, scale))
                if not found.agrees:
                    yield node, found
            value()

    def _comparisons(
        self, samples: int, function: Callable[[], float], name: str, values: Array, errors: Array, scale: float
    ) -> Iterator[Comparison]:
        """Compare `errors` with the derivatives of a function of `values`, whose terms add up to `scale` in size."""
        for index, direction in _directions(values, samples, self.rng):
            backward = float(np.vdot(errors, direction))
            candidates = []
            for step in STEPS:
                numeric = directional_derivative(function, values, direction, step)
                candidates.append(self._comparison(name, index, backward, numeric, _ROUNDING * scale / step))
                if candidates[-1].agrees:
                    break
            yield min(candidates, key=lambda each: (not each.agrees, abs(backward - each.numeric)))

    def _comparison(
        self, name: str, index: Index | None, backward: float, numeric: float, rounding: float
    ) -> Comparison:
        difference, size = abs(backward - numeric), max(abs(backward), abs(numeric))
        agrees = difference <= self.tolerance * size + rounding
        if agrees:
            size = max(size, rounding / self.tolerance)
        relative_error = difference / max(size, sys.float_info.min)
        return Comparison(name, index, backward, numeric, relative_error, agrees)


def _directions(values: Array, samples: int, rng: np.random.Generator) -> Iterator[tuple[Index | None, Array]]:
    """Yield distinct random coordinates with their unit vectors, then a random direction of norm 1."""
    for flat in rng.choice(values.size, min(samples, values.size), replace=False):
        index = tuple(int(i) for i in np.unravel_index(flat, values.shape))
        yield index, _coordinate(values, index)
    direction = rng.standard_normal(values.shape)
    yield None, direction / np.linalg.norm(direction)


def _coordinate(values: Array, index: Index) -> Array:
    """Return the unit vector of one coordinate, in the shape of `values`."""
    direction = np.zeros(values.shape)
    direction[index] = 1
    return direction
