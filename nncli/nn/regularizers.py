"""Penalties on the weights: the regularized loss is L_reg = L + λR (slide "L2-Regularized regression")."""

import numpy as np
import numpy.typing as npt

from nncli.engine.blas import norm
from nncli.engine.graph import Node


class Penalty(Node):
    """A scalar λR(W_1, W_2, ...) of all weight matrices; `strength` is λ."""

    def __init__(self, strength: float, *weights: Node) -> None:
        super().__init__(*weights, shape=())
        self.strength = strength


class L2Penalty(Penalty):
    """λR = λ/2 Σ w²."""

    formula = "λ/2 Σ w²"

    def forward(self) -> None:
        """λR = λ/2 Σ w²."""
        norms = (norm(weights.value.reshape(-1)) for weights in self.parents)
        squares = sum(size * size for size in norms)  # infinite if it overflows; ** would raise
        self.value[...] = self.strength / 2 * squares

    def backward(self) -> None:
        """w̄ = R̄ λ w."""
        for weights, d_weights in zip(self.parents, self.d_parents, strict=True):
            np.multiply(weights.value, self.error * self.strength, out=d_weights, dtype=self.error.dtype)


class L1Penalty(Penalty):
    """λR = λ Σ |w|; the derivative at 0 is taken as 0."""

    formula = "λ Σ |w|"

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate a workspace for sign(w)."""
        super().bind(batch_size, dtype)
        self.signs = [self.buffer(f"sign{k}", w.bound_shape(batch_size), dtype) for k, w in enumerate(self.parents)]

    def forward(self) -> None:
        """λR = λ Σ |w|, with |w| = w sign(w)."""
        pairs = zip(self.parents, self.signs, strict=True)
        self.value[...] = self.strength * sum(np.vdot(w.value, np.sign(w.value, out=sign)) for w, sign in pairs)

    def backward(self) -> None:
        """w̄ = R̄ λ sign(w)."""
        for sign, d_weights in zip(self.signs, self.d_parents, strict=True):
            np.multiply(sign, self.error * self.strength, out=d_weights, dtype=self.error.dtype)
