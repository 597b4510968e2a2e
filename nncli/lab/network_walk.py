"""Backpropagation step by step through the network of a configuration, with shapes and norms instead of matrices.

The norm of each error signal is compared with the derivative of the loss along the error signal's direction, by finite
differences; the two are equal if the backward pass is correct.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from nncli import build
from nncli.config.schema import Config
from nncli.data.dataset import Dataset
from nncli.engine.gradcheck import STEPS, directional_derivative
from nncli.engine.graph import Array, Graph, Node
from nncli.errors import DataError
from nncli.gradient_check import in_float64
from nncli.lab import walk_figure
from nncli.lab.demonstration import Illustrated, Part, Table, numbers
from nncli.lab.digits import batches
from nncli.lab.walk import contributions, recompute_after


def report(config: Config, data: Dataset, example: int) -> Illustrated:
    """Make both passes on one training example: initial weights, float64, the chain rule, and no dropout.

    Raises:
        DataError: there is no example of this index.
    """
    if not 0 <= example < len(data.labels):
        raise DataError(f"no example {example}; {data.name} has examples 0 to {len(data.labels) - 1}")
    config = in_float64(config)
    data = replace(data, images=build.prepared(config, data.images))
    scaling = build.scaling(config, data.images)
    x, targets = next(batches(data, slice(example, example + 1), scaling=scaling, dtype=np.float64).epoch())
    network = build.network(config, data.images[0].size)
    network.input_drop_probability = 0
    network.layers = tuple(replace(layer, dropout_probability=0) for layer in network.layers)
    graph = build.training_graph(config, network, np.random.default_rng())
    graph.forward(x, targets)
    graph.backward()
    terms = contributions(graph.graph)
    values = {
        "name": config.name,
        "dataset": data.name,
        "example": example,
        "label": int(data.labels[example]),
        "steps": [_step(graph.graph, node, terms.get(node, [])) for node in graph.graph.nodes],
    }
    parents = {node.name: [parent.name for parent in node.parents] for node in graph.graph.nodes}
    return Illustrated(_parts(values), values, draw=partial(walk_figure.of_network, values, parents))


def _step(graph: Graph, node: Node, terms: list[tuple[Node, Array]]) -> dict[str, Any]:
    """Describe a node by its shape and the norms of its value, its error signal and each child's contribution."""
    error_norm = float(np.linalg.norm(node.error)) if node in graph.differentiated else None
    return {
        "name": node.name,
        "formula": node.formula,
        "shape": list(node.value.shape),
        "norm": float(np.linalg.norm(node.value)),
        "error_norm": error_norm,
        "numeric": None if error_norm is None else _along(graph, node, error_norm),
        "contributions": [[child.name, float(np.linalg.norm(term))] for child, term in terms],
    }


def _along(graph: Graph, node: Node, error_norm: float) -> float:
    """Return the derivative of the loss along the error signal; if that is 0, along an arbitrary direction."""
    direction = node.error / error_norm if error_norm else np.full(node.value.shape, node.value.size**-0.5)
    derivative = directional_derivative(lambda: recompute_after(graph, node), node.value, direction, STEPS[1])
    recompute_after(graph, node)
    return derivative


def subject(values: dict[str, Any]) -> str:
    """Return which network the passes are made through, and on which example."""
    example = f"training example {values['example']} of {values['dataset']} (label {values['label']})"
    return f"{values['name']} on {example}"


def _parts(values: dict[str, Any]) -> list[Part]:
    introduction = f"{subject(values)}, with initial weights and without dropout\n"
    forward = [
        (name, formula, " x ".join(map(str, shape)) or "scalar", f"{norm:.6g}")
        for name, formula, shape, norm, *_ in (step.values() for step in values["steps"])
    ]
    backward: list[tuple[str, str, str, str]] = []
    for step in reversed(values["steps"]):
        if step["error_norm"] is None:
            continue
        terms = step["contributions"]
        sources = ", ".join(name for name, _ in terms)
        backward.append((step["name"], sources, f"{step['error_norm']:.6g}", f"{step['numeric']:.6g}"))
        if len(terms) > 1:
            backward += [("", f"  from {name}", f"{norm:.6g}", "") for name, norm in terms]
    headers = ["error signal of", "from", *numbers("norm", "numerical derivative along it")]
    return [
        introduction,
        Table(["node", "formula", *numbers("shape", "norm")], forward, "Forward pass"),
        Table(headers, backward, "Backward pass"),
    ]
