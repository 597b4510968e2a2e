"""The gradient of any configured network against numeric differences: which layer and parameter disagree, and why.

The weight space has one coordinate for each weight or bias (slide "Recap: Gradient Descent"). Some coordinates of each
parameter, and a random direction through each, are compared with the derivative of the loss by differences, in float64
and with the network's own dropout and penalties. Where one disagrees, each node is then checked on its own, which
names the node at fault and not only those that suffer from it.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nncli import build
from nncli.config.load import from_mapping, to_mapping
from nncli.config.schema import Config
from nncli.data import synthetic
from nncli.data.batches import Batches
from nncli.engine.gradcheck import Comparison, blame, compare
from nncli.engine.graph import Node
from nncli.nn.network import Network, NetworkGraph

EXAMPLES = 6
NOISE = 0.05
"""Deviation of what is added to every parameter, so that none is 0 and no error signal vanishes."""


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter: how many derivatives were compared, the largest relative error, and those that disagree."""

    layer: str
    parameter: str
    shape: tuple[int, ...]
    compared: int
    largest: Comparison
    disagreements: tuple[Comparison, ...]


@dataclass(frozen=True)
class Fault:
    """A node whose backward pass is wrong by itself: its layer, its kind, and the worst about one parent."""

    layer: str
    node: str
    kind: str
    worst: Comparison

    def __str__(self) -> str:
        return (
            f"layer {self.layer}: {self.kind} '{self.node}' hands a wrong error signal to '{self.worst.name}': "
            f"{self.worst.backward:.6g}, by differences {self.worst.numeric:.6g}"
        )


@dataclass(frozen=True)
class GradientReport:
    """The check of one network: every parameter in order, and the nodes at fault if one disagrees."""

    name: str
    samples: int
    parameters: tuple[ParameterCheck, ...]
    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether every derivative agrees."""
        return not any(each.disagreements for each in self.parameters)

    @property
    def largest(self) -> Comparison:
        """The derivative with the largest relative error."""
        return _worst(each.largest for each in self.parameters)

    def problems(self) -> list[str]:
        """Say in a line each which parameters disagree, then which nodes are at fault."""
        lines = [
            f"{each.layer}.{each.parameter}: {len(each.disagreements)} of {each.compared} derivatives disagree, the "
            f"worst by {each.largest.relative_error:.2g} relative, at {each.largest.place}"
            for each in self.parameters
            if each.disagreements
        ]
        nodes = [str(fault) for fault in self.faults]
        return lines + (
            nodes or ["no node is wrong by itself: look at how contributions are added up"] if lines else []
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"passed": self.passed, "largest": asdict(self.largest), **asdict(self)}


@np.errstate(all="ignore")  # a loss that overflows is an error of its own
def check_gradient(config: Config, *, samples: int = 5, tolerance: float = 1e-6, seed: int = 1) -> GradientReport:
    """Check the network of a configuration on a few generated digits.

    Args:
        config: of any network; checked in float64 and by the chain rule, whatever it says of dtype and credit.
        samples: coordinates of each parameter, beside one random direction.
        tolerance: relative, beyond what rounding explains.
        seed: of the digits, the parameters and the coordinates.

    Raises:
        GraphError: the loss is not finite.
    """
    config, rng = in_float64(config), np.random.default_rng(seed)
    images, labels = synthetic.draw(EXAMPLES, seed)
    network = build.network(config, images[0].size)
    network.parameters.values[...] += NOISE * rng.standard_normal(network.parameters.size)
    masks = np.random.default_rng(seed)
    graph = build.training_graph(config, network, masks)
    same_masks = _rewinder(masks)
    scaling = build.scaling(config, images)
    batch = Batches(images, labels, np.arange(EXAMPLES), batch_size=EXAMPLES, scaling=scaling, dtype=np.float64)
    graph.forward(*next(batch.epoch()))

    def forward() -> None:
        same_masks()
        graph.graph.forward()

    compared = compare(graph.graph, network.parameters, rng, forward=forward, samples=samples, tolerance=tolerance)
    agree = all(each.agrees for each in compared)
    faults = () if agree else _faults(graph, rng, same_masks, tolerance)
    return GradientReport(config.name, samples, _by_parameter(network, compared), faults)


def in_float64(config: Config) -> Config:
    """Return the configuration of the same network in float64, trained by the chain rule."""
    mapping: dict[str, Any] = to_mapping(config)
    mapping["dtype"] = "float64"
    mapping["training"]["credit"] = "backprop"
    return from_mapping(mapping)


def _rewinder(rng: np.random.Generator) -> Callable[[], None]:
    """Return a function that puts a generator back where it stands now."""
    state = rng.bit_generator.state

    def rewind() -> None:
        rng.bit_generator.state = state

    return rewind


def _by_parameter(network: Network, compared: list[Comparison]) -> tuple[ParameterCheck, ...]:
    checks = []
    for name, shape in network.parameters.shapes.items():
        layer, _, parameter = name.rpartition(".")
        these = [each for each in compared if each.name == name]
        disagreements = tuple(each for each in these if not each.agrees)
        checks.append(ParameterCheck(layer, parameter, shape, len(these), _worst(these), disagreements))
    return tuple(checks)


def _faults(
    graph: NetworkGraph, rng: np.random.Generator, same_masks: Callable[[], None], tolerance: float
) -> tuple[Fault, ...]:
    """Check each node on its own; one line for each pair of a node and a parent."""
    worst: dict[tuple[Node, str], Comparison] = {}
    for node, found in blame(graph.graph, rng, before=same_masks, tolerance=tolerance):
        key = node, found.name
        worst[key] = _worst((found, worst.get(key, found)))
    return tuple(
        Fault(node.name.rpartition(".")[0] or node.name, node.name, type(node).__name__, found)
        for (node, _), found in worst.items()
    )


def _worst(compared: Iterable[Comparison]) -> Comparison:
    return max(compared, key=lambda each: (not each.agrees, each.relative_error))
