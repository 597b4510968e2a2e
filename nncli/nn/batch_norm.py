"""Batch normalization: each unit standardized over the mini-batch, then scaled and shifted (Ioffe & Szegedy, 2015)."""

import numpy as np
import numpy.typing as npt

from nncli.engine.blas import matvec
from nncli.engine.graph import Array, Node

EPSILON = 1e-5
"""Added to the variance."""

MOMENTUM = 0.1
"""Share of a mini-batch in the running mean and variance."""


class BatchNorm(Node):
    """y = γ x̂ + β, with x̂ = (x - μ) / √(σ² + ε) and the mean μ and variance σ² of each unit.

    In training, μ and σ² are those of the mini-batch, through which the error signal passes, and the running ones
    follow them; otherwise, the running ones are constants.

    Args:
        x: inputs, (units, batch).
        gain: γ, a parameter (units,).
        shift: β, a parameter (units,).
        mean: running mean (units,), updated in place.
        variance: running variance (units,), of which the mini-batch's estimate is the unbiased one.
        training: whether the statistics are those of the mini-batch.
    """

    formula = "γ (x - μ) / √(σ² + ε) + β"

    def __init__(self, x: Node, gain: Node, shift: Node, mean: Array, variance: Array, *, training: bool) -> None:
        super().__init__(x, gain, shift, shape=x.shape)
        self.x, self.gain, self.shift = x, gain, shift
        self.mean, self.variance = mean, variance
        self.training = training

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate x̂, a workspace of its size, 1 / √(σ² + ε), γ / √(σ² + ε) and the sums over the batch."""
        super().bind(batch_size, dtype)
        units, self.batch_size = self.shape[0], batch_size
        self.normalized = self.buffer("normalized", self.value.shape, dtype)
        self.work = self.buffer("work", self.value.shape, dtype)
        self.inverse = self.buffer("inverse", (units, 1), dtype)
        self.slope = self.buffer("slope", (units, 1), dtype)  # γ may move before x̄ is computed
        self.sums = self.buffer("sums", (2, units, 1), dtype)
        self.ones = self.buffer("ones", (batch_size,), dtype)
        self.ones.fill(1)

    def forward(self) -> None:
        """y = γ x̂ + β."""
        if self.training:
            self._measure()
        else:
            np.subtract(self.x.value, self.mean[:, np.newaxis], out=self.normalized)
            np.add(self.variance[:, np.newaxis], EPSILON, out=self.inverse)
        np.sqrt(self.inverse, out=self.inverse)
        np.reciprocal(self.inverse, out=self.inverse)
        np.multiply(self.normalized, self.inverse, out=self.normalized)
        np.multiply(self.inverse, self.gain.value[:, np.newaxis], out=self.slope)
        np.multiply(self.normalized, self.gain.value[:, np.newaxis], out=self.value)
        np.add(self.value, self.shift.value[:, np.newaxis], out=self.value)

    def _measure(self) -> None:
        """Centre the mini-batch, put σ² + ε into `inverse`, and update the running statistics."""
        mean, variance = self.sums
        np.mean(self.x.value, axis=1, keepdims=True, out=mean)
        np.subtract(self.x.value, mean, out=self.normalized)
        np.square(self.normalized, out=self.work)
        np.mean(self.work, axis=1, keepdims=True, out=variance)
        np.add(variance, EPSILON, out=self.inverse)
        np.multiply(variance, self.batch_size / max(1, self.batch_size - 1), out=variance)  # unbiased
        for running, measured in ((self.mean, mean), (self.variance, variance)):
            np.subtract(measured[:, 0], running, out=measured[:, 0])
            np.multiply(measured, MOMENTUM, out=measured)
            np.add(running, measured[:, 0], out=running)

    def backward(self) -> None:
        """x̄ = γ / √(σ² + ε) (ȳ - (Σ ȳ + x̂ Σ ȳ x̂) / N), γ̄ = Σ ȳ x̂, β̄ = Σ ȳ, with sums over the N examples."""
        gain, shift = self.gain, self.shift
        d_x, d_gain, d_shift = self.d_parents
        np.multiply(self.error, self.normalized, out=self.work)
        total, projected = self.sums
        np.add.reduce(self.error, axis=1, keepdims=True, out=total)
        np.add.reduce(self.work, axis=1, keepdims=True, out=projected)
        if gain.needs_error:
            matvec(self.work, self.ones, d_gain, gain.keep, gain.scale)
            matvec(self.error, self.ones, d_shift, shift.keep, shift.scale)
        if not self.x.needs_error:
            return
        if self.training:
            np.multiply(self.normalized, projected, out=self.work)
            np.add(self.work, total, out=self.work)
            np.divide(self.work, self.batch_size, out=self.work)
            np.subtract(self.error, self.work, out=d_x)
            np.multiply(d_x, self.slope, out=d_x)
        else:
            np.multiply(self.error, self.slope, out=d_x)
