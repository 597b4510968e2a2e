"""Divergence: where the first number that is not finite is, in the order in which a step computes them."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from nncli.engine.graph import Array
from nncli.engine.parameters import Parameters
from nncli.errors import DivergedError
from nncli.nn.network import NetworkGraph
from nncli.optim.optimizers import Optimizer

Places = Iterator[tuple[str, Array]]


def state(parameters: Parameters, optimizer: Optimizer) -> Places:
    """Return what a step starts from, by name: the weights, then the optimizer's slots."""
    return chain(parameters.named_values().items(), optimizer.slots.items())


def are_finite(places: Places) -> bool:
    """Whether every number in all places is finite."""
    return all(np.isfinite(array).all() for _, array in places)


def first_place(graph: NetworkGraph, parameters: Parameters, optimizer: Optimizer) -> str:
    """Name the first place that holds a number that is not finite: weights, optimizer, layers' values, gradient."""
    values = ((node.name, node.value) for node in graph.graph.nodes if node.parents)
    gradient = ((f"{name} (gradient)", parameters.error(name)) for name in reversed(list(parameters)))
    places = chain(state(parameters, optimizer), values, gradient)
    return next((name for name, array in places if not np.isfinite(array).all()), "norm of the gradient")


def diverged(epoch: int, step: int, place: str) -> DivergedError:
    """Return the error that says where training diverged and what to do."""
    return DivergedError(
        f"training diverged in epoch {epoch}, step {step}: '{place}' is not finite; "
        "use a lower optimizer.learning_rate, or set clip_norm"
    )
