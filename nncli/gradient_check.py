"""Compare the gradient of any configured network with finite differences, and find the layers and nodes that disagree.

Some coordinates of each parameter, and a random direction through it, are compared with numerical derivatives of
the loss, in float64 and with the network's own dropout and penalties. If any disagree, each node is checked separately,
to distinguish the nodes at fault from those that only pass on a wrong error signal.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nncli import build
from nncli.config.schema import Config
from nncli.data import synthetic
from nncli.data.batches import Batches
from nncli.engine.gradcheck import Comparison, GradientCheck, worst

EXAMPLES = 6
NOISE = 0.05
"""Standard deviation of the noise added to every parameter, so that none is 0 and no error signal vanishes."""


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter: the number of derivatives compared, the largest relative error, and the disagreements."""

    layer: str
    parameter: str
    shape: tuple[int, ...]
    compared: int
    largest: Comparison
    disagreements: tuple[Comparison, ...]


@dataclass(frozen=True)
class Fault:
    """A node whose backward pass is wrong: its layer, its class, and the worst derivative for one parent."""

    layer: str
    node: str
    kind: str
    worst: Comparison


@dataclass(frozen=True)
class GradientReport:
    """The check of one network: every parameter in order, and the nodes at fault if any disagree."""

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
        return worst(each.largest for each in self.parameters)

    def problems(self) -> list[str]:
        """Return one line for each parameter that disagrees, then one for each node at fault."""
        parameters = [
            f"{each.layer}.{each.parameter}: disagreements in {len(each.disagreements)} of {each.compared} "
            f"derivatives; the worst is at {each.largest.place} with a relative error of "
            f"{each.largest.relative_error:.2g}"
            for each in self.parameters
            if each.disagreements
        ]
        nodes = [
            f"layer {each.layer}: {each.kind} '{each.node}' passes the wrong error signal to '{each.worst.name}': "
            f"{each.worst.backward:.6g} instead of {each.worst.numeric:.6g}, according to finite differences"
            for each in self.faults
        ]
        if parameters and not nodes:
            nodes = ["every node is correct on its own; check how the contributions are added up"]
        return parameters + nodes

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {"passed": self.passed, "largest": asdict(self.largest), **asdict(self)}


@np.errstate(all="ignore")  # a loss that overflows is an error of its own
def check_gradient(config: Config, *, samples: int = 5, tolerance: float = 1e-6, seed: int = 1) -> GradientReport:
    """Check the network of a configuration on a few generated digits.

    Args:
        config: any network; checked in float64 and by the chain rule, regardless of its dtype and credit.
        samples: the number of coordinates of each parameter, in addition to one random direction.
        tolerance: the largest relative error, beyond rounding, at which two derivatives agree.
        seed: for the digits, the parameters and the coordinates.

    Raises:
        GraphError: the loss is not finite.
    """
    config, rng, masks = in_float64(config), np.random.default_rng(seed), np.random.default_rng(seed)
    digits, labels = synthetic.generate(EXAMPLES, seed)
    images = build.prepared(config, digits)
    network = build.network(config, images[0].size)
    network.parameters.values[...] += NOISE * rng.standard_normal(network.parameters.size)
    graph = build.training_graph(config, network, masks)
    state = masks.bit_generator.state

    def repeat_masks() -> None:
        masks.bit_generator.state = state

    scaling = build.scaling(config, images)
    batch = Batches(images, labels, np.arange(EXAMPLES), batch_size=EXAMPLES, scaling=scaling, dtype=np.float64)
    graph.forward(*next(batch.epoch()))
    check = GradientCheck(graph.graph, rng, repeat_masks, tolerance)
    compared = check.compare(network.parameters, samples=samples)
    faults = () if all(each.agrees for each in compared) else check.blame()
    return GradientReport(
        config.name,
        samples,
        tuple(_check(name, shape, compared) for name, shape in network.parameters.shapes.items()),
        tuple(
            Fault(node.name.rpartition(".")[0] or node.name, node.name, type(node).__name__, found)
            for node, found in faults
        ),
    )


def _check(name: str, shape: tuple[int, ...], compared: list[Comparison]) -> ParameterCheck:
    layer, _, parameter = name.rpartition(".")
    these = [each for each in compared if each.name == name]
    disagreements = tuple(each for each in these if not each.agrees)
    return ParameterCheck(layer, parameter, shape, len(these), worst(these), disagreements)


def in_float64(config: Config) -> Config:
    """Return the configuration of the same network in float64, trained by the chain rule."""
    training = config.training.model_copy(update={"credit": "backprop"})
    return config.model_copy(update={"dtype": "float64", "training": training})
