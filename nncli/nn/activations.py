"""The lecture's activation functions (slides "Some activation functions") and GELU, each safe for |z| up to 1e4."""

import math

import numpy as np
import numpy.typing as npt

from nncli.nn.arithmetic import Elementwise


class Activation(Elementwise):
    """y = φ(z); a subclass is an entry of ACTIVATIONS.

    Attributes:
        initializer: the default initializer of the weights below it.
        alias: another name that a configuration may use; "" for none.
    """

    initializer = "glorot"
    alias = ""


class Linear(Activation):
    """y = z."""

    formula = "z"

    def forward(self) -> None:
        """y = z."""
        self.value[...] = self.x.value

    def backward(self) -> None:
        """z̄ = ȳ."""
        self.d_parents[0][...] = self.error


class ReLU(Activation):
    """Rectified linear unit: y = max(0, z); the derivative at 0 is taken as 0."""

    formula = "max(0, z)"
    initializer = "he"

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate a row of zeros, with which NumPy's maximum is faster than with a scalar, and the derivative."""
        super().bind(batch_size, dtype)
        self.zeros = self.buffer("zeros", (batch_size,), dtype)
        self.zeros.fill(0)
        self.derivative = self.buffer("derivative", self.value.shape, dtype)

    def forward(self) -> None:
        """y = max(0, z)."""
        np.maximum(self.x.value, self.zeros, out=self.value)

    def backward(self) -> None:
        """z̄ = ȳ 1[z > 0]."""
        np.greater(self.value, 0, out=self.derivative, casting="unsafe")
        np.multiply(self.error, self.derivative, out=self.d_parents[0])


class SoftReLU(Activation):
    """Soft ReLU: y = log(1 + eᶻ)."""

    formula = "log(1 + eᶻ)"
    initializer = "he"
    alias = "softplus"

    def forward(self) -> None:
        """y = log(e⁰ + eᶻ), computed without overflow."""
        np.logaddexp(self.x.value, 0, out=self.value)

    def backward(self) -> None:
        """z̄ = ȳ σ(z), with σ(z) = 1 - e⁻ʸ."""
        (d_z,) = self.d_parents
        np.negative(self.value, out=d_z)
        np.expm1(d_z, out=d_z)
        np.multiply(d_z, self.error, out=d_z)
        np.negative(d_z, out=d_z)


class GELU(Activation):
    """Gaussian error linear unit: y = z Φ(z), with Φ the standard normal CDF (Hendrycks & Gimpel, 2016)."""

    formula = "z Φ(z)"
    initializer = "he"

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate Φ(z), which both passes read."""
        super().bind(batch_size, dtype)
        self.cdf = self.buffer("cdf", self.value.shape, dtype)

    def forward(self) -> None:
        """y = z Φ(z), with Φ(z) = (1 + erf(z/√2)) / 2 in a form that stays accurate far below 0."""
        from scipy.special import ndtr  # not at module level: the configuration imports this table, but no SciPy

        ndtr(self.x.value, out=self.cdf)
        np.multiply(self.x.value, self.cdf, out=self.value)

    def backward(self) -> None:
        """z̄ = ȳ (Φ(z) + z φ(z)), with the density φ(z) = e^{-z²/2} / √(2π)."""
        (d_z,) = self.d_parents
        np.square(self.x.value, out=d_z)
        np.multiply(d_z, -1 / 2, out=d_z)
        np.exp(d_z, out=d_z)
        np.multiply(d_z, 1 / math.sqrt(2 * math.pi), out=d_z)
        np.multiply(d_z, self.x.value, out=d_z)
        np.add(d_z, self.cdf, out=d_z)
        np.multiply(d_z, self.error, out=d_z)


class HardThreshold(Activation):
    """y = 1 if z > 0, else 0. The derivative is 0 almost everywhere, so earlier layers cannot be trained."""

    formula = "1 if z > 0, else 0"

    def forward(self) -> None:
        """y = 1 if z > 0, else 0."""
        np.greater(self.x.value, 0, out=self.value, casting="unsafe")

    def backward(self) -> None:
        """z̄ = 0."""
        self.d_parents[0][...] = 0


class Logistic(Activation):
    """y = σ(z) = 1 / (1 + e⁻ᶻ)."""

    formula = "1 / (1 + e⁻ᶻ)"
    alias = "sigmoid"

    def forward(self) -> None:
        """y = 1 / (1 + e⁻ᶻ); if e⁻ᶻ overflows to infinity, y is 0 as required."""
        np.negative(self.x.value, out=self.value)
        with np.errstate(over="ignore"):
            np.exp(self.value, out=self.value)
        np.add(self.value, 1, out=self.value)
        np.reciprocal(self.value, out=self.value)

    def backward(self) -> None:
        """z̄ = ȳ σ'(z) = ȳ y (1 - y)."""
        (d_z,) = self.d_parents
        np.subtract(1, self.value, out=d_z)
        np.multiply(d_z, self.value, out=d_z)
        np.multiply(d_z, self.error, out=d_z)


class Tanh(Activation):
    """Hyperbolic tangent: y = (eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ)."""

    formula = "(eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ)"

    def forward(self) -> None:
        """y = tanh z."""
        np.tanh(self.x.value, out=self.value)

    def backward(self) -> None:
        """z̄ = ȳ (1 - y²)."""
        (d_z,) = self.d_parents
        np.square(self.value, out=d_z)
        np.subtract(1, d_z, out=d_z)
        np.multiply(d_z, self.error, out=d_z)


ACTIVATIONS: dict[str, type[Activation]] = {
    "linear": Linear,
    "relu": ReLU,
    "soft_relu": SoftReLU,
    "gelu": GELU,
    "hard_threshold": HardThreshold,
    "logistic": Logistic,
    "tanh": Tanh,
}
