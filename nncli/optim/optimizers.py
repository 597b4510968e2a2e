"""The optimizers: vector arithmetic over the weight space, in blocks that fit the processor's cache."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Gt, Lt

from nncli.engine.graph import Array

BLOCK = 262_144
"""Coordinates per block, 1 MiB in float32; with smaller blocks, calls cost more than the memory traffic saved."""

_DECAY = "Factor λ: each step subtracts λ times the learning rate times the weight."


class Optimizer:
    """Updates the weights w from the gradient g.

    A subclass is an entry of OPTIMIZERS. The configuration takes its description from the first line of the docstring,
    and its settings, with their defaults and bounds, from the annotated attributes.

    Args:
        size: the dimension of the weight space.
        dtype: the dtype of the weights and the state.
        settings: values that replace defaults, by name.

    Attributes:
        learning_rate: the default learning rate.
        slots: the state by name, each a vector (size,); saved in checkpoints.
        steps: the number of steps taken.
    """

    learning_rate: Annotated[float, Gt(0), "Learning rate, which multiplies the gradient in each step; above 0."]
    slot_names: tuple[str, ...] = ()

    def __init__(self, size: int, dtype: npt.DTypeLike = np.float32, **settings: float) -> None:
        for name, value in settings.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no setting {name!r}")
            setattr(self, name, value)
        self.slots: dict[str, Array] = {name: np.zeros(size, dtype) for name in self.slot_names}
        self.steps = 0
        self._work: Array = np.empty(min(size, BLOCK), dtype)

    def at(self, epoch: float) -> None:
        """Prepare the next step, at a time in epochs, if a setting changes during training."""

    def step(self, values: Array, errors: Array, rate: float) -> None:
        """Update `values` (size,) in place from their error signals `errors` (size,) at a learning rate."""
        self.steps += 1
        for start in range(0, values.size, BLOCK):
            block = slice(start, start + BLOCK)
            w, g = values[block], errors[block]
            self.update(w, g, rate, self._work[: w.size], *(slot[block] for slot in self.slots.values()))

    def update(self, w: Array, g: Array, rate: float, work: Array, *slots: Array) -> None:
        """Update one block of weights in place; `work` is a scratch array of the same size."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent: w ← w - α g (slide "Recap: Gradient Descent")."""

    learning_rate = 0.1

    def update(self, w: Array, g: Array, rate: float, work: Array, *slots: Array) -> None:
        """w ← w - α g."""
        np.multiply(g, rate, out=work)
        np.subtract(w, work, out=w)


class Momentum(Optimizer):
    """Gradient descent with momentum: v ← μ v - α g, w ← w + v (Polyak, 1964).

    The velocity includes the learning rate (in this form Sutskever et al., ICML 2013). `mu` is the current momentum,
    which may rise in the first epochs (Hinton et al., arXiv:1207.0580, 2012).
    """

    learning_rate = 0.05
    momentum: Annotated[
        float,
        Ge(0),
        Lt(1),
        "Fraction of the previous step added to the next; at least 0, below 1. The velocity includes the learning "
        "rate (Sutskever et al., 2013), so steps differ from PyTorch's if a schedule changes the rate.",
    ] = 0.9
    initial_momentum: Annotated[float, Ge(0), Lt(1), "Momentum at the start, if it rises; at least 0, below 1."] = 0.5
    ramp_epochs: Annotated[
        float, Ge(0), "Number of epochs over which the momentum rises linearly to its value; 0 for a constant momentum."
    ] = 0.0
    slot_names = ("velocity",)

    def __init__(self, size: int, dtype: npt.DTypeLike = np.float32, **settings: float) -> None:
        super().__init__(size, dtype, **settings)
        self.mu = self.momentum

    def at(self, epoch: float) -> None:
        """Let μ rise linearly from `initial_momentum` to `momentum` over `ramp_epochs`."""
        if self.ramp_epochs:
            risen = min(epoch / self.ramp_epochs, 1.0)
            self.mu = self.initial_momentum + risen * (self.momentum - self.initial_momentum)

    def update(self, w: Array, g: Array, rate: float, work: Array, *slots: Array) -> None:
        """v ← μ v - α g, w ← w + v."""
        (velocity,) = slots
        np.multiply(velocity, self.mu, out=velocity)
        np.multiply(g, rate, out=work)
        np.subtract(velocity, work, out=velocity)
        np.add(w, velocity, out=w)


class Nesterov(Momentum):
    """Gradient descent with Nesterov's momentum: v ← μ v - α g, w ← w + μ v - α g (Sutskever et al., 2013).

    w is the look-ahead point, as in Bengio, Boulanger-Lewandowski & Pascanu, ICASSP 2013.
    """

    def update(self, w: Array, g: Array, rate: float, work: Array, *slots: Array) -> None:
        """v ← μ v - α g, w ← w + μ v - α g."""
        (velocity,) = slots
        np.multiply(velocity, self.mu, out=velocity)
        np.multiply(g, rate, out=work)
        np.subtract(velocity, work, out=velocity)
        np.subtract(w, work, out=w)
        np.multiply(velocity, self.mu, out=work)
        np.add(w, work, out=w)


class Adam(Optimizer):
    """Adam: a step size for each weight, from running means of g and g² (Kingma and Ba, 2015).

    Algorithm 1 of the paper, with the bias corrections as two scalar factors.
    """

    learning_rate = 0.001
    beta1: Annotated[float, Ge(0), Lt(1), "Decay rate of the running mean of the gradient."] = 0.9
    beta2: Annotated[float, Ge(0), Lt(1), "Decay rate of the running mean of the squared gradient."] = 0.999
    epsilon: Annotated[float, Gt(0), "Added to the denominator; above 0."] = 1e-8
    slot_names = ("first_moment", "second_moment")

    def update(self, w: Array, g: Array, rate: float, work: Array, *slots: Array) -> None:
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
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as in PyTorch: w ← (1 - α λ) w before a step."""

    weight_decay: Annotated[float, Ge(0), _DECAY] = 0.01

    def update(self, w: Array, g: Array, rate: float, work: Array, *slots: Array) -> None:
        """w ← (1 - α λ) w, then Adam's update."""
        np.multiply(w, 1 - rate * self.weight_decay, out=w)
        super().update(w, g, rate, work, *slots)


class Lion(Optimizer):
    """Lion: steps of equal size, given by a sign: w ← w - α (sign(c) + λ w) (Chen et al., 2023).

    Algorithm 2 of the paper: the direction is c = β₁ m + (1 - β₁) g, the state m ← β₂ m + (1 - β₂) g.
    """

    learning_rate = 0.0003
    beta1: Annotated[float, Ge(0), Lt(1), "Weight of the running mean in the direction of a step."] = 0.9
    beta2: Annotated[float, Ge(0), Lt(1), "Decay rate of the running mean of the gradient."] = 0.99
    weight_decay: Annotated[float, Ge(0), _DECAY] = 0.0
    slot_names = ("first_moment",)

    def update(self, w: Array, g: Array, rate: float, work: Array, *slots: Array) -> None:
        """w ← (1 - α λ) w - α sign(β₁ m + (1 - β₁) g), m ← β₂ m + (1 - β₂) g."""
        (m,) = slots
        np.subtract(m, g, out=work)  # β₁ m + (1 - β₁) g = β₁ (m - g) + g, and the same with β₂
        np.multiply(work, self.beta2, out=m)
        np.add(m, g, out=m)
        np.multiply(work, self.beta1, out=work)
        np.add(work, g, out=work)
        np.sign(work, out=work)
        np.multiply(work, rate, out=work)
        np.multiply(w, 1 - rate * self.weight_decay, out=w)
        np.subtract(w, work, out=w)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
    "lion": Lion,
}
