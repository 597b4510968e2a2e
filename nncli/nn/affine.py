"""The fully connected layer's z = W x + b, and the concatenation that feeds a layer from several others."""

import itertools

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import BATCH, Node

SMALL_BATCH, LARGE_MATRIX = 256, 65_536
"""Below so many examples, and from so many weights on, the product for W̄ is done in two halves; see `_blocks`."""


class Affine(Node):
    """z = W x + b for a batch of examples in columns (slides "Multilayer Perceptrons", "In vectorized form").

    Args:
        weights: a parameter, (outputs, inputs).
        x: the layer's input, (inputs, batch).
        bias: a parameter, (outputs,).
        feedback: what carries the error signal back to x, (outputs, inputs): the weights, unless a rule other than the
            chain rule is wanted (see `nncli.nn.credit`).
    """

    def __init__(self, weights: Node, x: Node, bias: Node, feedback: Node | None = None) -> None:
        outputs, _ = weights.shape
        super().__init__(weights, x, bias, shape=(outputs, BATCH))
        self.weights, self.x, self.bias = weights, x, bias
        self.feedback = feedback or weights

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Add the ones that sum over the batch: a product is faster than a reduction."""
        super().bind(batch_size, dtype)
        outputs, inputs = self.weights.shape
        self.columns = _blocks(outputs, inputs, batch_size)
        self.ones = self.buffer("ones", (batch_size,), dtype)
        self.ones.fill(1)

    def forward(self) -> None:
        """z = W x + b."""
        np.matmul(self.weights.value, self.x.value, out=self.value)
        np.add(self.value, self.bias.value[:, np.newaxis], out=self.value)

    def backward(self) -> None:
        """W̄ = z̄ xᵀ, b̄ = Σ over the batch of z̄, x̄ = Wᵀ z̄."""
        d_weights, d_x, d_bias = self.d_parents
        for columns in self.columns:
            np.matmul(self.error, self.x.value[columns].T, out=d_weights[:, columns])
        np.matmul(self.error, self.ones, out=d_bias)
        if self.x.needs_error:
            np.matmul(self.feedback.value.T, self.error, out=d_x)

    def multiply_adds(self) -> tuple[int, int]:
        """One per weight forward; backward one for W̄ and, where needed, one for x̄ (slide "Computational Cost")."""
        outputs, inputs = self.weights.shape
        return outputs * inputs, outputs * inputs * (2 if self.x.needs_error else 1)


def _blocks(outputs: int, inputs: int, batch_size: int) -> list[slice]:
    """Cut the columns of W̄ in halves where that is faster.

    OpenBLAS gives each of two threads rows of its own of a product that is clearly tall. Of others it gives them
    columns, and they share what they pack and wait for each other: two tall halves take up to a third less time on
    cores that have other work too, and a few percent more on idle ones.
    """
    halves = outputs < 1.5 * inputs and outputs * inputs >= LARGE_MATRIX and batch_size < SMALL_BATCH
    ends = [0, inputs // 2, inputs] if halves else [0, inputs]
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


class Concatenate(Node):
    """The units of several layers, one above the other: (n_1 + n_2 + ..., batch)."""

    def __init__(self, *parts: Node) -> None:
        super().__init__(*parts, shape=(sum(part.shape[0] for part in parts), BATCH))
        ends = np.cumsum([0, *(part.shape[0] for part in parts)]).tolist()
        self.rows = [slice(start, end) for start, end in itertools.pairwise(ends)]

    def forward(self) -> None:
        """Copy each part into its rows."""
        for part, rows in zip(self.parents, self.rows, strict=True):
            self.value[rows] = part.value

    def backward(self) -> None:
        """Hand each part the error signal of its rows."""
        for part, d_part, rows in zip(self.parents, self.d_parents, self.rows, strict=True):
            if part.needs_error:
                d_part[...] = self.error[rows]
