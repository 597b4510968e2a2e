"""What the units of a layer look for, as images: their weights, or the input that excites them most."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nncli.data.scaling import Scaling
from nncli.errors import NncliError
from nncli.nn.excitation import Excitation, typical_norm
from nncli.nn.network import INPUT, Layer, Network

COVERED = 99.5  # percent of the values that the scale tells apart; outliers take the colours of its ends
SEED = 0  # of the noise an ascent starts from: the same checkpoint gives the same picture


@dataclass(frozen=True, eq=False)
class UnitImages:
    """Some units of a layer and an image for each.

    Attributes:
        layer: its name.
        total: how many units the layer has.
        units: (shown,), which of them are shown, in this order.
        images: (shown, pixels).
        what: the kind of image, such as "weights".
        quantity: what a pixel of it measures.
    """

    layer: str
    total: int
    units: npt.NDArray[np.intp]
    images: npt.NDArray[np.floating]
    what: str
    quantity: str

    @property
    def title(self) -> str:
        """Return what is shown, such as "hidden1: weights of 100 of 256 units"."""
        of_total = "" if len(self.units) == self.total else f" of {self.total:,}"
        return f"{self.layer}: {self.what} of {len(self.units):,}{of_total} units"


def images_of_units(
    network: Network, scaling: Scaling, number: int, count: int | None, sort: Literal["norm", "index"]
) -> UnitImages:
    """Show what units of a layer look for.

    A layer that reads the image alone is shown by its weights, any other by exciting inputs.

    Args:
        network: trained.
        scaling: of its inputs.
        number: of the layer, from the input; 1 is the first hidden layer, the last the output layer.
        count: how many units at most; all where it is None.
        sort: by falling norm of the units' incoming weights, or by index.

    Raises:
        NncliError: the network has no layer of that number.
        DivergedError: the network's numbers overflow.
    """
    layer = numbered_layer(network, number)
    weights = network.parameters.value(layer.weights)  # (units, inputs)
    units = choose(weights, count, sort)
    if layer.inputs == (INPUT,):
        return UnitImages(layer.name, len(weights), units, weights[units], "weights", "weight")
    full_ink = 255 / scaling.deviation
    excitation = Excitation(network, layer.name, units)
    inputs = excitation.ascend(typical_norm(network.input_units, full_ink), np.random.default_rng(SEED))
    return UnitImages(layer.name, len(weights), units, inputs.T / full_ink, "exciting inputs", "pixel (1 is full ink)")


def numbered_layer(network: Network, number: int) -> Layer:
    """Return the layer of this number; 1 is the first after the input.

    Raises:
        NncliError: the network has no layer of that number.
    """
    if not 1 <= number <= len(network.layers):
        known = ", ".join(f"{i} ({layer.name})" for i, layer in enumerate(network.layers, start=1))
        raise NncliError(f"there is no layer {number}; this network's layers are {known}")
    return network.layers[number - 1]


def choose(
    weights: npt.NDArray[np.floating], count: int | None, sort: Literal["norm", "index"]
) -> npt.NDArray[np.intp]:
    """Choose the units to show: (shown,) indices, by falling norm of their weights or from the first on.

    Args:
        weights: (units, inputs).
        count: how many at most; all where it is None.
        sort: the order; units of equal norm stay in theirs.
    """
    units = np.arange(len(weights))
    if sort == "norm":
        units = np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")
    return units[:count]


def symmetric_limit(images: npt.NDArray[np.floating]) -> float:
    """Return the value at both ends of the images' scale, low enough that a few outliers do not fade all others."""
    sizes = np.abs(images)
    return float(np.percentile(sizes, COVERED)) or float(sizes.max()) or 1.0
