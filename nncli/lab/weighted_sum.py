"""One unit's weighted sum as a node with scalar parents, as the lecture writes it for single units."""

from collections.abc import Sequence

import numpy as np

from nncli.engine.graph import Node


class WeightedSum(Node):
    """z = Σ_j w_j x_j + b, all of them scalars: one unit of a layer, written out."""

    def __init__(self, weights: Sequence[Node], xs: Sequence[Node], bias: Node) -> None:
        super().__init__(*weights, *xs, bias, shape=bias.shape)
        self.weights, self.xs, self.bias = weights, xs, bias

    def forward(self) -> None:
        """z = Σ_j w_j x_j + b."""
        self.value[...] = self.bias.value
        for w, x in zip(self.weights, self.xs, strict=True):
            self.value[...] += w.value * x.value

    def backward(self) -> None:
        """w̄_j = z̄ x_j, x̄_j = z̄ w_j, b̄ = z̄."""
        factors = [*(x.value for x in self.xs), *(w.value for w in self.weights), np.ones(())]
        for parent, d_parent, factor in zip(self.parents, self.d_parents, factors, strict=True):
            if parent.needs_error:
                d_parent[...] = self.error * factor
