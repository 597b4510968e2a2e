"""Learning-rate schedules: pure functions from the epoch, as a real number, to a factor on the base rate."""

import math


def constant(epoch: float) -> float:  # noqa: ARG001
    """1 throughout."""
    return 1.0


def step(epoch: float, *, every: int, factor: float) -> float:
    """Multiply by `factor` after every `every` epochs."""
    return float(factor ** (epoch // every))


def exponential(epoch: float, *, decay: float) -> float:
    """Multiply by `decay` an epoch, once an epoch: the rate stays the same within one."""
    return float(decay ** math.floor(epoch))


def cosine(epoch: float, *, epochs: int, final: float = 0.0) -> float:
    """Fall from 1 to `final` along half a cosine over `epochs` (Loshchilov & Hutter, ICLR 2017, without restarts)."""
    progress = min(epoch / epochs, 1.0)
    return final + (1 - final) * (1 + math.cos(math.pi * progress)) / 2


def warmup(epoch: float, *, warmup_epochs: float) -> float:
    """Rise linearly from near 0 to 1 over the first `warmup_epochs`, then stay 1; multiplies any other schedule."""
    return min(epoch / warmup_epochs, 1.0) if warmup_epochs > 0 else 1.0
