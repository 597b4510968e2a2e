"""Who gets the credit: how error signals reach the hidden layers, by the chain rule or by rules a brain could follow.

The lecture calls backpropagation neurally implausible. One reason: x̄ = Wᵀ z̄ needs the forward weights W at the
other end of the wire ("weight transport"). Two rules do without: both replace W in the backward pass by fixed random
matrices B. The forward pass, and the update of a layer from its own error signal, stay as they are.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from nncli.engine.blas import matmul
from nncli.engine.graph import Graph, Input, Node, Shape
from nncli.nn.affine import Affine
from nncli.nn.arithmetic import Elementwise
from nncli.nn.initializers import glorot


class Credit:
    """Backpropagation: every error signal by the chain rule (slide "Full backpropagation algorithm")."""

    def source(self, graph: Graph, y: Node) -> Node:
        """Give what a layer reads of another one's output."""
        return y

    def affine(self, graph: Graph, weights: Node, x: Node, bias: Node) -> Affine:
        """Make a layer's z = W x + b."""
        return Affine(weights, x, bias)

    def output(self, graph: Graph, z: Node, hidden: Sequence[Node]) -> Node:
        """Give what the output layer's activation reads of its z; `hidden` are the other layers' outputs."""
        return z


class RandomFeedback(Credit):
    """A rule with fixed random matrices.

    Args:
        rng: draws them, layer by layer as a graph is built.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def fixed(self, graph: Graph, shape: Shape, name: str) -> Input:
        """Draw a matrix of the size that a layer's weights start from, as a leaf of the graph."""
        matrix = graph.add(Input(shape), f"{name}.feedback")
        matrix.value = np.empty(shape, graph.dtype)
        glorot(matrix.value, self.rng)
        return matrix


class FeedbackAlignment(RandomFeedback):
    """x̄ = Bᵀ z̄ with a fixed random B of W's shape (Lillicrap et al., Nature Communications 7, 2016)."""

    def affine(self, graph: Graph, weights: Node, x: Node, bias: Node) -> Affine:
        """Make z = W x + b whose backward pass reads B where the chain rule reads W."""
        return Affine(weights, x, bias, self.fixed(graph, weights.shape, weights.name) if x.needs_error else None)


class DirectFeedbackAlignment(RandomFeedback):
    """ȳ = Bᵀ z̄_output for every hidden layer at once (Nøkland, NeurIPS 2016)."""

    def source(self, graph: Graph, y: Node) -> Node:
        """Give the output's value without a way back."""
        return graph.add(Detached(y), f"{y.name}.detached") if y.needs_error else y

    def output(self, graph: Graph, z: Node, hidden: Sequence[Node]) -> Node:
        """Put behind z a node that broadcasts its error signal."""
        if not hidden:
            return z
        feedback = [self.fixed(graph, (z.shape[0], y.shape[0]), y.name) for y in hidden]
        return graph.add(Broadcast(z, hidden, feedback), f"{z.name}.broadcast")


class Detached(Elementwise):
    """v = x, and no error signal goes back."""

    def __init__(self, x: Node) -> None:
        super().__init__(x)
        self.needs_error = False

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Share the parent's array, which is bound already."""
        self.value = self.x.value

    def forward(self) -> None:
        """Do nothing: the value is the parent's."""

    def backward(self) -> None:
        """Do nothing: that is the point."""


class Broadcast(Node):
    """v = z, whose error signal goes to z and, by fixed random matrices, to every hidden layer.

    Args:
        z: of the output layer, (outputs, batch).
        hidden: the hidden layers' outputs, each (units, batch).
        feedback: a matrix B (outputs, units) for each of them.
    """

    def __init__(self, z: Node, hidden: Sequence[Node], feedback: Sequence[Node]) -> None:
        super().__init__(z, *hidden, shape=z.shape)
        self.z, self.feedback = z, feedback

    def forward(self) -> None:
        """v = z."""
        self.value[...] = self.z.value

    def backward(self) -> None:
        """z̄ = v̄, and ȳ = Bᵀ v̄ for each hidden layer."""
        d_z, *d_hidden = self.d_parents
        d_z[...] = self.error
        for B, d_y in zip(self.feedback, d_hidden, strict=True):
            matmul(B.value.T, self.error, d_y)

    def multiply_adds(self) -> tuple[int, int]:
        """One for each element of each B, backward."""
        return 0, sum(B.shape[0] * B.shape[1] for B in self.feedback)


RULES: dict[str, Callable[[np.random.Generator], Credit]] = {
    "backprop": lambda _: Credit(),
    "feedback_alignment": FeedbackAlignment,
    "direct_feedback_alignment": DirectFeedbackAlignment,
}
