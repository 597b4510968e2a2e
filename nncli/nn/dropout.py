"""Dropout: in training, each unit is set to 0 with a given probability (Srivastava et al., JMLR 15, 2014)."""

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Node
from nncli.nn.arithmetic import Elementwise


class Dropout(Elementwise):
    """y = m ∘ x, with m = 0 with the drop probability p and 1/(1 - p) otherwise, so that E[y] = x.

    Only training graphs contain this node; evaluation needs no scaling. `rng` draws a new mask in every forward pass.
    """

    def __init__(self, x: Node, drop_probability: float, rng: np.random.Generator) -> None:
        super().__init__(x)
        self.drop_probability = drop_probability
        self.rng = rng

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate the mask."""
        super().bind(batch_size, dtype)
        self.mask = self.buffer("mask", self.value.shape, dtype)

    def forward(self) -> None:
        """y = m ∘ x, with a new mask m."""
        self.rng.random(out=self.mask, dtype=self.mask.dtype)
        np.greater_equal(self.mask, self.drop_probability, out=self.mask, casting="unsafe")
        np.multiply(self.mask, 1 / (1 - self.drop_probability), out=self.mask)
        np.multiply(self.mask, self.x.value, out=self.value)

    def backward(self) -> None:
        """x̄ = m ∘ ȳ."""
        np.multiply(self.mask, self.error, out=self.d_parents[0])
