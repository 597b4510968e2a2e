"""The weight space: one vector of all weights and biases, one of their error signals, and named views into both."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Array, Input, Shape
from nncli.errors import GraphError


class Parameters:
    """The weight space: one coordinate for each weight and bias of a network (slide "Recap: Gradient Descent").

    Attributes:
        values: (size,), contiguous: every weight and bias.
        errors: (size,), contiguous: dL/d(values), written by a backward pass.
        destination: (size,), contiguous: the vector that a backward pass writes to; `errors` unless changed (see
            `nncli.training.landing`).
        shapes: name -> shape, in the order of the vector.
        statistics: name -> array that is saved with the parameters, but measured in training and not moved by a
            gradient.
        spans: name -> slice of the vector.
    """

    def __init__(
        self, shapes: Mapping[str, Shape], dtype: npt.DTypeLike = np.float32, statistics: Mapping[str, Shape] = {}
    ) -> None:
        self.shapes = dict(shapes)
        self.statistics: dict[str, Array] = {name: np.zeros(shape, dtype) for name, shape in statistics.items()}
        sizes = [int(np.prod(shape, dtype=np.int64)) for shape in self.shapes.values()]
        ends = np.cumsum([0, *sizes]).tolist()
        self.spans = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(self.shapes)}
        self.values: Array = np.zeros(ends[-1], dtype)
        self.errors: Array = np.zeros(ends[-1], dtype)
        self.destination = self.errors

    @property
    def size(self) -> int:
        """The dimension of the weight space."""
        return self.values.size

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def view(self, vector: Array, name: str) -> Array:
        """Return one parameter's part of a vector (size,) as a view in the parameter's shape."""
        return vector[self.spans[name]].reshape(self.shapes[name])

    def value(self, name: str) -> Array:
        """Return a view of one parameter."""
        return self.view(self.values, name)

    def error(self, name: str) -> Array:
        """Return a view of one parameter's error signal in `errors`."""
        return self.view(self.errors, name)

    def named_values(self) -> dict[str, Array]:
        """Return a view of every parameter, and every statistic, by name."""
        return {name: self.value(name) for name in self.shapes} | self.statistics

    def assign(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Copy named arrays into the vector and the statistics.

        Raises:
            GraphError: a name is missing, or a shape differs.
        """
        present = self.named_values()
        check_fit(arrays, {name: array.shape for name, array in present.items()})
        for name, array in present.items():
            array[...] = arrays[name]


def check_fit(
    arrays: Mapping[str, npt.NDArray[np.generic]], shapes: Mapping[str, Shape], dtype: npt.DTypeLike | None = None
) -> None:
    """Check the shapes, and the type if given, of named arrays without allocating anything.

    Raises:
        GraphError: a name is missing, or a shape or type differs.
    """
    for name, shape in shapes.items():
        if name not in arrays:
            raise GraphError(f"parameter '{name}' {shape} is missing")
        array = arrays[name]
        if array.shape != shape:
            raise GraphError(f"parameter '{name}' has shape {array.shape}, but the network needs {shape}")
        if dtype is not None and array.dtype != dtype:
            raise GraphError(f"parameter '{name}' is {array.dtype}, but the network needs {np.dtype(dtype)}")


class Parameter(Input):
    """A weight matrix or bias vector as a leaf of a graph; its arrays are views into the weight space.

    With `needs_error=False`, it is a constant of its graph.
    """

    def __init__(self, parameters: Parameters, name: str, *, needs_error: bool = True) -> None:
        super().__init__(parameters.shapes[name], needs_error=needs_error)
        self.value = parameters.value(name)
        self.error = parameters.error(name)
        self._parameters, self._of = parameters, name

    def bind_error(self, dtype: npt.DTypeLike) -> None:
        """Let the error signal be a view of the destination."""
        self.error = self._parameters.view(self._parameters.destination, self._of)
