"""The optimizers: vector arithmetic over the weight space, run in blocks that stay in the processor's cache."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.floating[Any]]

BLOCK = 262_144
"""Coordinates a block holds, 1 MiB in float32: smaller ones cost more in calls than they save in memory traffic."""


class Optimizer:
    """Moves the weights w against the gradient g, one step at a time.

    Args:
        size: the dimension of the weight space.
        dtype: of the weights, and so of the state.

    Attributes:
        slots: the state by name, each a vector (size,); a checkpoint keeps them.
    """

    slot_names: tuple[str, ...] = ()

    def __init__(self, size: int, dtype: npt.DTypeLike = np.float32) -> None:
        self.slots: dict[str, Vector] = {name: np.zeros(size, dtype) for name in self.slot_names}
        self.steps = 0
        self._work: Vector = np.empty(min(size, BLOCK), dtype)

    def step(self, values: Vector, errors: Vector, rate: float) -> None:
        """Update `values` (size,) in place from their error signals `errors` (size,) at a learning rate."""
        self.steps += 1
        for block in _blocks(values.size):
            w, g = values[block], errors[block]
            self.update(w, g, rate, self._work[: w.size], *(slot[block] for slot in self.slots.values()))

    def update(self, w: Vector, g: Vector, rate: float, work: Vector, *slots: Vector) -> None:
        """Update one block of weights in place; `work` is scratch of the block's size."""
        raise NotImplementedError


def _blocks(size: int) -> Iterator[slice]:
    """Cut a vector into blocks."""
    for start in range(0, size, BLOCK):
        yield slice(start, min(start + BLOCK, size))


class SGD(Optimizer):
    """Gradient descent on mini-batches: w ← w - α g (slide "Recap: Gradient Descent")."""

    def update(self, w: Vector, g: Vector, rate: float, work: Vector, *slots: Vector) -> None:
        """w ← w - α g."""
        np.multiply(g, rate, out=work)
        np.subtract(w, work, out=w)


class Momentum(Optimizer):
    """Heavy-ball momentum: v ← μ v - α g, w ← w + v (Polyak, 1964; in this form Sutskever et al., ICML 2013).

    The learning rate α is inside the velocity: what earlier gradients contribute keeps the rate of its time. PyTorch's
    SGD (v ← μ v + g, w ← w - α v) takes the same steps at a constant rate, and others while the rate changes.
    """

    slot_names = ("velocity",)

    def __init__(self, size: int, dtype: npt.DTypeLike = np.float32, *, momentum: float = 0.9) -> None:
        super().__init__(size, dtype)
        self.momentum = momentum

    def update(self, w: Vector, g: Vector, rate: float, work: Vector, *slots: Vector) -> None:
        """v ← μ v - α g, w ← w + v."""
        (velocity,) = slots
        np.multiply(velocity, self.momentum, out=velocity)
        np.multiply(g, rate, out=work)
        np.subtract(velocity, work, out=velocity)
        np.add(w, velocity, out=w)


class Nesterov(Momentum):
    """Nesterov's momentum: v ← μ v - α g, w ← w + μ v - α g, where w is the point looked ahead to.

    As in `Momentum`, the learning rate is inside the velocity.

    Source: Sutskever et al., ICML 2013; in these variables Bengio, Boulanger-Lewandowski & Pascanu, ICASSP 2013.
    """

    def update(self, w: Vector, g: Vector, rate: float, work: Vector, *slots: Vector) -> None:
        """v ← μ v - α g, w ← w + μ v - α g."""
        (velocity,) = slots
        np.multiply(velocity, self.momentum, out=velocity)
        np.multiply(g, rate, out=work)
        np.subtract(velocity, work, out=velocity)
        np.subtract(w, work, out=w)
        np.multiply(velocity, self.momentum, out=work)
        np.add(w, work, out=w)


class Adam(Optimizer):
    """Adam, algorithm 1 of Kingma & Ba (ICLR 2015), with the bias corrections folded into two scalars."""

    slot_names = ("first_moment", "second_moment")

    def __init__(
        self,
        size: int,
        dtype: npt.DTypeLike = np.float32,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(size, dtype)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def update(self, w: Vector, g: Vector, rate: float, work: Vector, *slots: Vector) -> None:
        """m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², w ← w - α m̂ / (√v̂ + ε)."""
        m, v = slots
        np.multiply(m, self.beta1, out=m)
        np.multiply(g, 1 - self.beta1, out=work)
        np.add(m, work, out=m)
        np.multiply(v, self.beta2, out=v)
        np.square(g, out=work)
        np.multiply(work, 1 - self.beta2, out=work)
        np.add(v, work, out=v)
        bias1, bias2 = 1 - self.beta1**self.steps, 1 - self.beta2**self.steps
        np.sqrt(v, out=work)  # m̂ / (√v̂ + ε) = (√bias2 / bias1) m / (√v + ε √bias2)
        np.add(work, self.epsilon * bias2**0.5, out=work)
        np.divide(m, work, out=work)
        np.multiply(work, rate * bias2**0.5 / bias1, out=work)
        np.subtract(w, work, out=w)


class AdamW(Adam):
    """Adam with decoupled weight decay, w ← (1 - α λ) w first (Loshchilov & Hutter, ICLR 2019)."""

    def __init__(
        self,
        size: int,
        dtype: npt.DTypeLike = np.float32,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(size, dtype, beta1=beta1, beta2=beta2, epsilon=epsilon)
        self.weight_decay = weight_decay

    def update(self, w: Vector, g: Vector, rate: float, work: Vector, *slots: Vector) -> None:
        """w ← (1 - α λ) w, then Adam's update."""
        np.multiply(w, 1 - rate * self.weight_decay, out=w)
        super().update(w, g, rate, work, *slots)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
}
