"""The computation graph: nodes in topological order, one pass forward and one pass back.

This is the slide "Full backpropagation algorithm" (CSC 411, Lecture 10): let v_1, ..., v_N be a topological
ordering of the computation graph. The forward pass computes each v_i from its parents; the backward pass starts
from the error signal v̄_N = 1 and computes v̄_i = Σ_{j ∈ Ch(i)} v̄_j ∂v_j/∂v_i for i = N-1, ..., 1.
"""

import math
from typing import Any, ClassVar, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from nncli.errors import GraphError

Array: TypeAlias = npt.NDArray[np.floating[Any]]
Shape: TypeAlias = tuple[int, ...]

BATCH = -1
"""The number of examples in a node's shape, until the graph is bound."""

_UNUSED: Array = np.empty(0)


class Node:
    """One vertex v of the graph: a value computed from its parents, and an error signal v̄ = dL/dv.

    `forward` computes `value` from the parents' values. `backward` writes the contribution v̄ ∂v/∂(parent k) to
    `d_parents[k]`. `Graph.bind` allocates the arrays; the two passes allocate nothing.

    Attributes:
        formula: how the value is computed, for display.
        parents: the nodes that this one is a function of.
        shape: the shape of the value: (units, BATCH), or () for a scalar.
        value: the result of the last forward pass.
        error: the error signal of the last backward pass; only if `needs_error`.
        d_parents: for each parent that needs an error signal, the array for this node's contribution.
        fan_out: the contributions of all children but the first, which writes to `error` directly.
        name: for display; unique in its graph by convention.
        needs_error: whether the loss is differentiated with respect to this node or one of its ancestors.
        keep, scale: how a contribution is stored: error ← keep error + scale contribution. Only parameters in
            training use values other than 0 and 1; see `nncli.training.landing`.
    """

    formula: ClassVar[str] = "given"

    value: Array
    error: Array
    needs_error: bool
    keep: float = 0.0
    scale: float = 1.0

    def __init__(self, *parents: "Node", shape: Shape) -> None:
        self.parents = parents
        self.shape = shape
        self.needs_error = any(parent.needs_error for parent in parents)
        self.d_parents: list[Array] = [_UNUSED] * len(parents)
        self.fan_out: list[Array] = []
        self.name = ""
        self._buffers: dict[str, Array] = {}

    def forward(self) -> None:
        """Compute `value` from the parents' values."""
        raise NotImplementedError

    def backward(self) -> None:
        """Write this node's contribution to each parent's error signal (the chain rule) to `d_parents`."""
        raise NotImplementedError

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate `value`, and in subclasses any workspace, for this many examples."""
        self.value = self.buffer("value", self.bound_shape(batch_size), dtype)

    def bind_error(self, dtype: npt.DTypeLike) -> None:
        """Allocate `error`; called after `bind`, and only if a backward pass needs it."""
        self.error = self.buffer("error", self.value.shape, dtype)

    def bound_shape(self, batch_size: int) -> Shape:
        """Return the shape with BATCH replaced by the number of examples."""
        return tuple(batch_size if extent == BATCH else extent for extent in self.shape)

    def buffer(self, name: str, shape: Shape, dtype: npt.DTypeLike) -> Array:
        """Return a contiguous array of this shape, a view of an allocation that only grows."""
        size = math.prod(shape)
        allocated = self._buffers.get(name)
        if allocated is None or allocated.size < size or allocated.dtype != dtype:
            allocated = self._buffers[name] = np.empty(size, dtype)
        return allocated[:size].reshape(shape)

    def multiply_adds(self) -> tuple[int, int]:
        """Return the multiply-adds per example (forward, backward), without elementwise work."""
        return 0, 0

    def nbytes(self) -> int:
        """Return the number of bytes that this node's own arrays occupy."""
        return sum(buffer.nbytes for buffer in self._buffers.values())


AnyNode = TypeVar("AnyNode", bound=Node)


class Input(Node):
    """A leaf, whose `value` is set from outside: examples (units, batch), targets, or a scalar.

    With `needs_error=True`, the backward pass computes its error signal too (saliency, gradient checks).
    """

    def __init__(self, shape: Shape, *, needs_error: bool = False) -> None:
        super().__init__(shape=shape)
        self.needs_error = needs_error

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Leave `value` unchanged."""

    def forward(self) -> None:
        """Do nothing: the value is given."""

    def backward(self) -> None:
        """Do nothing: there are no parents."""


class Graph:
    """Nodes in topological order: a node can only be added after its parents.

    Args:
        dtype: of every value and error signal: float32 for training, float64 for gradient checks.

    Attributes:
        nodes: v_1, ..., v_N.
        differentiated: the nodes whose error signal `backward` computes.
        loss: v_N, the scalar to differentiate.
        batch_size: the number of examples that the arrays are allocated for; None before `bind`.
    """

    loss: Node

    def __init__(self, dtype: npt.DTypeLike = np.float32) -> None:
        self.dtype = np.dtype(dtype)
        self.nodes: list[Node] = []
        self.differentiated: list[Node] = []
        self.batch_size: int | None = None
        self._contributions: list[tuple[Node, int, Node]] = []

    def add(self, node: AnyNode, name: str = "") -> AnyNode:
        """Append a node whose parents are already in the graph, and return it.

        Raises:
            GraphError: a parent is not in the graph, or the node is in it already.
        """
        if node in self.nodes:
            raise GraphError(f"node '{node.name}' is already in the graph; add each node once")
        if not all(parent in self.nodes for parent in node.parents):
            kind = type(node).__name__
            raise GraphError(f"a parent of {kind} '{name}' is not in the graph; add parents before children")
        node.name = name or f"{type(node).__name__.lower()}{len(self.nodes)}"
        self.nodes.append(node)
        self.batch_size = None
        return node

    def differentiate(self, loss: Node) -> None:
        """Choose the scalar that `backward` differentiates, and list the contributions to each error signal.

        Raises:
            GraphError: the node is not a scalar, or depends on nothing that needs an error signal.
        """
        if loss.shape != ():
            raise GraphError(f"cannot differentiate '{loss.name}': its shape is {loss.shape}, but a loss is a scalar")
        if not loss.needs_error:
            raise GraphError(f"cannot differentiate '{loss.name}': it depends on no parameter or differentiable input")
        reached = {loss}
        for node in reversed(self.nodes):
            if node in reached:
                reached.update(parent for parent in node.parents if parent.needs_error)
        self.differentiated = [node for node in self.nodes if node in reached]
        self._contributions = [
            (child, k, parent)
            for child in self.differentiated
            for k, parent in enumerate(child.parents)
            if parent in reached
        ]
        self.loss = loss
        self.batch_size = None

    def bind(self, batch_size: int) -> None:
        """Allocate every array for this many examples; a smaller number reuses the present arrays."""
        if batch_size == self.batch_size:
            return
        for node in self.nodes:
            node.bind(batch_size, self.dtype)
        self._bind_errors()
        self.batch_size = batch_size

    def _bind_errors(self) -> None:
        """Assign an array to each contribution: the first child of a node writes directly to its error signal."""
        written: set[Node] = set()
        for node in self.differentiated:
            node.bind_error(self.dtype)
            node.fan_out = []
        for child, k, parent in self._contributions:
            if parent not in written:
                child.d_parents[k] = parent.error
                written.add(parent)
            else:
                further = child.buffer(f"d_parent{k}", parent.error.shape, self.dtype)
                child.d_parents[k] = further
                parent.fan_out.append(further)

    def forward(self) -> None:
        """Compute every node from its parents, in topological order."""
        for node in self.nodes:
            node.forward()

    def multiply_adds(self) -> tuple[int, int]:
        """Return the multiply-adds of all nodes per example, (forward, backward)."""
        forward, backward = zip(*(node.multiply_adds() for node in self.nodes), strict=True)
        return sum(forward), sum(backward)

    def backward(self) -> None:
        """Compute every error signal from the children's, in reverse topological order.

        Raises:
            GraphError: `differentiate` was not called.
        """
        if not self.differentiated:
            raise GraphError("nothing to differentiate; call differentiate(loss) before backward()")
        self.loss.error[...] = 1
        for node in reversed(self.differentiated):
            for contribution in node.fan_out:  # the multivariate chain rule: contributions add up
                node.error += contribution
            node.backward()
