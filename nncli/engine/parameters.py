"""The weight space: one vector of all weights and biases, one of their error signals, and named views into both."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Array, Node, Shape
from nncli.errors import GraphError


class Parameters:
    """One coordinate for each weight or bias of a network, in all its layers (slide "Recap: Gradient Descent").

    Attributes:
        values: (size,), contiguous: every weight and bias.
        errors: (size,), contiguous: dL/d(values), written by a backward pass.
        destination: (size,), contiguous: where the backward pass writes error signals; `errors`, unless a training
            points it at what they are added to.
        shapes: name -> shape, in the order of the vector.
    """

    def __init__(self, shapes: Mapping[str, Shape], dtype: npt.DTypeLike = np.float32) -> None:
        self.shapes = dict(shapes)
        sizes = [int(np.prod(shape, dtype=np.int64)) for shape in self.shapes.values()]
        ends = np.cumsum([0, *sizes]).tolist()
        self._spans = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(self.shapes)}
        self.values: Array = np.zeros(ends[-1], dtype)
        self.errors: Array = np.zeros(ends[-1], dtype)
        self.destination = self.errors

    @property
    def size(self) -> int:
        """The dimension of the weight space."""
        return self.values.size

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def span(self, name: str) -> slice:
        """Give the stretch of the vector that holds one parameter."""
        return self._spans[name]

    def value(self, name: str) -> Array:
        """Give a view of one parameter in `values`, in its own shape."""
        return self.view(self.values, name)

    def error(self, name: str) -> Array:
        """Give a view of one parameter's error signal in `errors`, in its own shape."""
        return self.view(self.errors, name)

    def view(self, vector: Array, name: str) -> Array:
        """Give a view of one parameter in a vector (size,), in its own shape."""
        return vector[self.span(name)].reshape(self.shapes[name])

    def named_values(self) -> dict[str, Array]:
        """Give a view of every parameter by name."""
        return {name: self.value(name) for name in self.shapes}

    def assign(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Copy named arrays into the vector.

        Raises:
            GraphError: a name is missing, or a shape differs.
        """
        check_fit(arrays, self.shapes)
        for name in self.shapes:
            self.value(name)[...] = arrays[name]


def check_fit(
    arrays: Mapping[str, npt.NDArray[np.generic]], shapes: Mapping[str, Shape], dtype: npt.DTypeLike | None = None
) -> None:
    """Compare named arrays with the shapes, and the type, of what they are to fill; nothing is allocated.

    Raises:
        GraphError: a name is missing, or a shape or type differs.
    """
    for name, shape in shapes.items():
        if name not in arrays:
            raise GraphError(f"parameter '{name}' {shape} is missing")
        array = arrays[name]
        if array.shape != shape:
            raise GraphError(f"parameter '{name}' has shape {array.shape}, the network needs {shape}")
        if dtype is not None and array.dtype != dtype:
            raise GraphError(f"parameter '{name}' holds {array.dtype}, the network needs {np.dtype(dtype)}")


class Parameter(Node):
    """A weight matrix or a bias vector as a leaf of a graph: its arrays are views into the weight space."""

    def __init__(self, parameters: Parameters, name: str) -> None:
        super().__init__(shape=parameters.shapes[name])
        self.needs_error = True
        self.value = parameters.value(name)
        self.error = parameters.error(name)
        self._parameters, self._of = parameters, name

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Do nothing: a parameter has no batch."""

    def bind_error(self, dtype: npt.DTypeLike) -> None:
        """Let the error signal be a view of its destination."""
        self.error = self._parameters.view(self._parameters.destination, self._of)

    def forward(self) -> None:
        """Do nothing: the optimizer sets the value."""

    def backward(self) -> None:
        """Do nothing: a leaf has no parents."""
