"""Images that show what the units of a layer detect: their weights, or the inputs that excite them most."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nncli.data.scaling import Scaling
from nncli.nn.excitation import Excitation, typical_norm
from nncli.nn.network import INPUT, Layer, Network

Sort = Literal["norm", "index"]
"""The order of units: by falling norm of their weights, or by index."""

COVERED = 99.5  # percent of the values that the scale covers; outliers are clipped to the colours of its ends
SEED = 0  # of the noise that an ascent starts from: the same checkpoint gives the same figure


@dataclass(frozen=True, eq=False)
class UnitImages:
    """Some units of a layer, with an image for each."""

    title: str  # such as "hidden1: weights of 100 of 256 units"
    units: npt.NDArray[np.intp]  # (shown,), their indices in the order shown
    images: npt.NDArray[np.floating]  # (shown, pixels)
    quantity: str  # what a pixel of an image measures


def images_of_units(network: Network, scaling: Scaling, layer: Layer, count: int | None, sort: Sort) -> UnitImages:
    """Return the weights of a layer that reads only the input, and the inputs that excite the units of any other.

    Args:
        network: a trained network.
        scaling: the scaling of its inputs.
        layer: one of the network's layers.
        count: the largest number of units; None for all.
        sort: the order of the units.

    Raises:
        DivergedError: the network's numbers overflow.
    """
    weights = network.matrix(layer)
    units = choose(weights, count, sort)
    count_of = f"{len(units):,}" if len(units) == len(weights) else f"{len(units):,} of {len(weights):,}"
    shown = f"{count_of} {'unit' if len(weights) == 1 else 'units'}"
    if layer.inputs == (INPUT,):
        return UnitImages(f"{layer.name}: weights of {shown}", units, weights[units], "weight")
    full_ink = 255 / scaling.deviation
    excitation = Excitation(network, layer.name, units)
    inputs = excitation.ascend(typical_norm(network.input_units, full_ink), np.random.default_rng(SEED))
    title = f"{layer.name}: preferred inputs of {shown}"
    return UnitImages(title, units, inputs.T / full_ink, "pixel (1 is full ink)")


def choose(weights: npt.NDArray[np.floating], count: int | None, sort: Sort) -> npt.NDArray[np.intp]:
    """Return the indices of at most `count` units (None for all), by index or by falling norm of their weights.

    Weights are (units, inputs); units of equal norm stay in order.
    """
    units = np.arange(len(weights))
    if sort == "norm":
        units = np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")
    return units[:count]


def symmetric_limit(images: npt.NDArray[np.floating]) -> float:
    """Return the value at both ends of the images' scale, low enough that a few outliers do not fade all others."""
    sizes = np.abs(images)
    return float(np.percentile(sizes, COVERED)) or float(sizes.max()) or 1.0
