"""The affine map z = W x + b of a fully connected layer, and the concatenation of several inputs."""

import itertools

import numpy as np
import numpy.typing as npt

from nncli.engine.blas import matmul, matvec
from nncli.engine.graph import BATCH, Node


class Affine(Node):
    """z = W x + b for a batch of examples in columns (slides "Multilayer Perceptrons", "In vectorized form").

    Args:
        weights: a parameter, (outputs, inputs).
        x: the layer's input, (inputs, batch).
        bias: a parameter, (outputs,).
        feedback: the matrix that carries the error signal back to x, (outputs, inputs); by the chain rule, the weights
            (see `nncli.nn.credit` for other rules).
    """

    formula = "W x + b"

    def __init__(self, weights: Node, x: Node, bias: Node, feedback: Node | None = None) -> None:
        outputs, _ = weights.shape
        super().__init__(weights, x, bias, shape=(outputs, BATCH))
        self.weights, self.x, self.bias = weights, x, bias
        self.feedback = feedback or weights

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate a vector of ones to sum over the batch; a product is faster than a reduction."""
        super().bind(batch_size, dtype)
        self.ones = self.buffer("ones", (batch_size,), dtype)
        self.ones.fill(1)

    def forward(self) -> None:
        """z = b + W x; the product is added to b, which saves a pass over z."""
        self.value[...] = self.bias.value[:, np.newaxis]
        matmul(self.weights.value, self.x.value, self.value, keep=1.0)

    def backward(self) -> None:
        """x̄ = Wᵀ z̄, W̄ = z̄ xᵀ, b̄ = Σ over the batch of z̄; x̄ comes first because W̄ may be added to W itself."""
        weights, bias = self.weights, self.bias
        d_weights, d_x, d_bias = self.d_parents
        if self.x.needs_error:
            matmul(self.feedback.value.T, self.error, d_x)
        if weights.needs_error:
            matmul(self.error, self.x.value.T, d_weights, weights.keep, weights.scale)
            matvec(self.error, self.ones, d_bias, bias.keep, bias.scale)

    def multiply_adds(self) -> tuple[int, int]:
        """One per weight forward; one for W̄ and, if needed, one for x̄ backward (slide "Computational Cost")."""
        outputs, inputs = self.weights.shape
        return outputs * inputs, outputs * inputs * (self.x.needs_error + self.weights.needs_error)


class Concatenate(Node):
    """The units of several layers, concatenated: (n_1 + n_2 + ..., batch)."""

    formula = "the inputs, concatenated"

    def __init__(self, *parts: Node) -> None:
        super().__init__(*parts, shape=(sum(part.shape[0] for part in parts), BATCH))
        ends = np.cumsum([0, *(part.shape[0] for part in parts)]).tolist()
        self.rows = [slice(start, end) for start, end in itertools.pairwise(ends)]

    def forward(self) -> None:
        """Copy each part to its rows."""
        for part, rows in zip(self.parents, self.rows, strict=True):
            self.value[rows] = part.value

    def backward(self) -> None:
        """Pass the error signal of its rows to each part."""
        for part, d_part, rows in zip(self.parents, self.d_parents, self.rows, strict=True):
            if part.needs_error:
                d_part[...] = self.error[rows]
