"""Learning-rate schedules: functions from the time in epochs, a float, to a factor for the learning rate.

The configuration takes the description of a schedule from the first line of its docstring, and its settings, with
their defaults and bounds, from the annotated arguments.
"""

import inspect
import math
from collections.abc import Callable
from typing import Annotated, TypeAlias

from annotated_types import Ge, Gt, Le, Lt

_FinalRate: TypeAlias = Annotated[float, Ge(0), Le(1), "Final rate as a fraction of the learning rate; 0 to 1."]


def constant(epoch: float) -> float:  # noqa: ARG001
    """The learning rate stays constant."""
    return 1.0


def step(
    epoch: float,
    *,
    every: Annotated[int, Ge(1), "Number of epochs between changes of the rate; at least 1."] = 10,
    factor: Annotated[float, Gt(0), Le(1), "Factor applied to the rate at each change; above 0, at most 1."] = 0.1,
) -> float:
    """The rate is multiplied by `factor` at intervals of `every` epochs."""
    return float(factor ** (epoch // every))


def exponential(
    epoch: float,
    *,
    decay: Annotated[float, Gt(0), Le(1), "Factor applied to the rate after each epoch; above 0, at most 1."] = 0.95,
) -> float:
    """The rate is multiplied by `decay` after every epoch."""
    return float(decay ** math.floor(epoch))


def cosine(
    epoch: float,
    *,
    epochs: int,
    final: _FinalRate = 0.0,
) -> float:
    """The rate follows half a cosine over all epochs (Loshchilov and Hutter, 2017, without restarts)."""
    progress = min(epoch / epochs, 1.0)
    return final + (1 - final) * (1 + math.cos(math.pi * progress)) / 2


def one_cycle(
    epoch: float,
    *,
    epochs: int,
    rise: Annotated[float, Gt(0), Lt(1), "Fraction of all epochs during which the rate rises; between 0 and 1."] = 0.3,
    initial: Annotated[float, Ge(0), Le(1), "Initial rate as a fraction of the learning rate; 0 to 1."] = 0.04,
    final: _FinalRate = 0.0,
) -> float:
    """The rate rises along half a cosine, and then falls along another (after Smith and Topin, 2019, who use lines)."""
    progress = min(epoch / epochs, 1.0)
    if progress < rise:
        return initial + (1 - initial) * (1 - math.cos(math.pi * progress / rise)) / 2
    return final + (1 - final) * (1 + math.cos(math.pi * (progress - rise) / (1 - rise))) / 2


def warmup(
    epoch: float,
    *,
    warmup_epochs: Annotated[
        float, Ge(0), "Number of epochs, possibly fractional, of linear warm-up from a rate of 0; 0 for no warm-up."
    ] = 0.0,
) -> float:
    """Return a factor that rises linearly from near 0 to 1 over the first `warmup_epochs`, for any other schedule."""
    return min(epoch / warmup_epochs, 1.0) if warmup_epochs > 0 else 1.0


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": constant,
    "step": step,
    "exponential": exponential,
    "cosine": cosine,
    "one_cycle": one_cycle,
}


def spans_training(schedule: Callable[..., float]) -> bool:
    """Return whether a schedule depends on the total number of epochs, its argument `epochs`."""
    return "epochs" in inspect.signature(schedule).parameters
