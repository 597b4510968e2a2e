"""Divergence: the array that a number that is not finite comes from."""

from itertools import chain

import numpy as np

from nncli.engine.parameters import Parameters
from nncli.errors import DivergedError
from nncli.nn.network import NetworkGraph
from nncli.optim.optimizers import Optimizer


def first_place(graph: NetworkGraph, parameters: Parameters, optimizer: Optimizer) -> str:
    """Return the name of the first array that is not finite: weights, state of the optimizer, values or gradient.

    The weights nearest to the output come first: a backward pass spreads what is not finite to the layers below.
    """
    places = chain(
        reversed(parameters.named_values().items()),
        optimizer.slots.items(),
        ((node.name, node.value) for node in graph.graph.nodes if node.parents),
        ((f"{name} (gradient)", parameters.error(name)) for name in reversed(list(parameters))),
    )
    return next((name for name, array in places if not np.isfinite(array).all()), "norm of the gradient")


def diverged(epoch: int, step: int, place: str) -> DivergedError:
    """Return the error for a training that diverged."""
    return DivergedError(
        f"training diverged in epoch {epoch}, step {step}: '{place}' is not finite; "
        "use a lower optimizer.learning_rate, or set clip_norm"
    )
