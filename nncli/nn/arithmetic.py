"""Elementwise arithmetic: enough for every scalar example of the lecture."""

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Node
from nncli.errors import GraphError


class Elementwise(Node):
    """A function of one parent, applied elementwise."""

    def __init__(self, x: Node) -> None:
        super().__init__(x, shape=x.shape)
        self.x = x


class Binary(Node):
    """A function of two parents of the same shape, applied elementwise."""

    def __init__(self, a: Node, b: Node) -> None:
        if a.shape != b.shape:
            raise GraphError(f"{type(self).__name__} needs operands of the same shape, not {a.shape} and {b.shape}")
        super().__init__(a, b, shape=a.shape)
        self.a, self.b = a, b


class Add(Binary):
    """v = a + b."""

    formula = "a + b"

    def forward(self) -> None:
        """v = a + b."""
        np.add(self.a.value, self.b.value, out=self.value)

    def backward(self) -> None:
        """ā = v̄, b̄ = v̄."""
        for operand, d_operand in zip(self.parents, self.d_parents, strict=True):
            if operand.needs_error:
                d_operand[...] = self.error


class Subtract(Binary):
    """v = a - b."""

    def forward(self) -> None:
        """v = a - b."""
        np.subtract(self.a.value, self.b.value, out=self.value)

    def backward(self) -> None:
        """ā = v̄, b̄ = -v̄."""
        d_a, d_b = self.d_parents
        if self.a.needs_error:
            d_a[...] = self.error
        if self.b.needs_error:
            np.negative(self.error, out=d_b)


class Multiply(Binary):
    """v = a b."""

    def forward(self) -> None:
        """v = a b."""
        np.multiply(self.a.value, self.b.value, out=self.value)

    def backward(self) -> None:
        """ā = v̄ b, b̄ = v̄ a."""
        d_a, d_b = self.d_parents
        if self.a.needs_error:
            np.multiply(self.error, self.b.value, out=d_a)
        if self.b.needs_error:
            np.multiply(self.error, self.a.value, out=d_b)


class Scale(Elementwise):
    """v = c x, for a constant c such as λ or 1/2."""

    def __init__(self, x: Node, factor: float) -> None:
        super().__init__(x)
        self.factor = factor

    def forward(self) -> None:
        """v = c x."""
        np.multiply(self.x.value, self.factor, out=self.value)

    def backward(self) -> None:
        """x̄ = c v̄."""
        np.multiply(self.error, self.factor, out=self.d_parents[0])


class Square(Elementwise):
    """v = x²."""

    def forward(self) -> None:
        """v = x²."""
        np.square(self.x.value, out=self.value)

    def backward(self) -> None:
        """x̄ = 2 x v̄."""
        (d_x,) = self.d_parents
        np.multiply(self.error, self.x.value, out=d_x)
        np.multiply(d_x, 2.0, out=d_x)


class Exp(Elementwise):
    """v = eˣ."""

    def forward(self) -> None:
        """v = eˣ."""
        np.exp(self.x.value, out=self.value)

    def backward(self) -> None:
        """x̄ = v̄ v, since eˣ is its own derivative."""
        np.multiply(self.error, self.value, out=self.d_parents[0])


class Log(Elementwise):
    """v = log x, for x > 0."""

    def forward(self) -> None:
        """v = log x."""
        np.log(self.x.value, out=self.value)

    def backward(self) -> None:
        """x̄ = v̄ / x."""
        np.divide(self.error, self.x.value, out=self.d_parents[0])


class Cosine(Elementwise):
    """v = cos x (slide "Multivariate Chain Rule", x(t) = cos t)."""

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate a workspace for sin x."""
        super().bind(batch_size, dtype)
        self.sine = self.buffer("sine", self.value.shape, dtype)

    def forward(self) -> None:
        """v = cos x."""
        np.cos(self.x.value, out=self.value)

    def backward(self) -> None:
        """x̄ = -v̄ sin x."""
        (d_x,) = self.d_parents
        np.sin(self.x.value, out=self.sine)
        np.multiply(self.error, self.sine, out=d_x)
        np.negative(d_x, out=d_x)


class Sum(Node):
    """v = Σ_i x_i, a scalar."""

    def __init__(self, x: Node) -> None:
        super().__init__(x, shape=())
        self.x = x

    def forward(self) -> None:
        """v = Σ_i x_i."""
        np.add.reduce(self.x.value, axis=None, out=self.value)

    def backward(self) -> None:
        """x̄_i = v̄ for every i."""
        self.d_parents[0][...] = self.error
