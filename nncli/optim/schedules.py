"""Learning-rate schedules: pure functions from the epoch, as a real number, to a factor on the base rate.

An entry of SCHEDULES is described by the first line of its docstring, and its annotated arguments are its settings,
which the configuration offers as they stand here.
"""

import inspect
import math
from collections.abc import Callable
from typing import Annotated

from annotated_types import Ge, Gt, Le


def constant(epoch: float) -> float:  # noqa: ARG001
    """The same learning rate throughout."""
    return 1.0


def step(
    epoch: float,
    *,
    every: Annotated[int, Ge(1), "Epochs between two steps; at least 1."] = 10,
    factor: Annotated[float, Gt(0), Le(1), "What a step multiplies the rate by; above 0, at most 1."] = 0.1,
) -> float:
    """The rate is multiplied by `factor` after every `every` epochs."""
    return float(factor ** (epoch // every))


def exponential(
    epoch: float,
    *,
    decay: Annotated[float, Gt(0), Le(1), "What an epoch multiplies the rate by; above 0, at most 1."] = 0.95,
) -> float:
    """The rate is multiplied by `decay` once an epoch; within one it stays the same."""
    return float(decay ** math.floor(epoch))


def cosine(
    epoch: float,
    *,
    epochs: int,
    final: Annotated[float, Ge(0), Le(1), "The rate at the end as a fraction of the learning rate; 0 to 1."] = 0.0,
) -> float:
    """The rate falls along half a cosine over all epochs (Loshchilov and Hutter, 2017, without restarts)."""
    progress = min(epoch / epochs, 1.0)
    return final + (1 - final) * (1 + math.cos(math.pi * progress)) / 2


def warmup(
    epoch: float,
    *,
    warmup_epochs: Annotated[
        float, Ge(0), "Epochs (fractions allowed) over which the rate rises linearly from 0; 0 is none."
    ] = 0.0,
) -> float:
    """Rise linearly from near 0 to 1 over the first `warmup_epochs`, then stay 1; multiplies any other schedule."""
    return min(epoch / warmup_epochs, 1.0) if warmup_epochs > 0 else 1.0


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": constant,
    "step": step,
    "exponential": exponential,
    "cosine": cosine,
}


def spans_training(schedule: Callable[..., float]) -> bool:
    """Return whether a schedule depends on how many epochs there are in all, which it takes as `epochs`."""
    return "epochs" in inspect.signature(schedule).parameters
