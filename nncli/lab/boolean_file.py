"""Boolean networks as checkpoints: the same file format as trained networks, marked as another kind.

A configuration describes a classifier of images with ten outputs, which these are not. So the configuration of such a
checkpoint is empty, and its state tells what is needed to run it: the kind, the variables in order, the number that
stands for false, and each layer's activation and inputs. The parameters have their usual names and shapes, and any
safetensors reader opens them.
"""

from pathlib import Path
from typing import Any

import numpy as np

from nncli.engine.parameters import check_fit
from nncli.errors import CheckpointError, GraphError
from nncli.lab.boolean_network import BooleanNetwork
from nncli.lab.truth_table import MAX_VARIABLES
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.network import Layer, Network, in_topological_order, parameter_shapes
from nncli.runs import checkpoint
from nncli.runs.checkpoint import Checkpoint

KIND = "Boolean network"


def save(path: Path, boolean: BooleanNetwork) -> None:
    """Write a network to a file, whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    layers = [
        {"name": layer.name, "activation": layer.activation, "inputs": list(layer.inputs)}
        for layer in boolean.network.layers
    ]
    state = {"kind": KIND, "variables": list(boolean.variables), "false": boolean.false, "layers": layers}
    checkpoint.save(path, Checkpoint(boolean.network.parameters.named_values(), {}, state))


def load(path: Path) -> BooleanNetwork:
    """Read a network.

    Raises:
        CheckpointError: the path is a folder, or the file cannot be read, is damaged, or holds something else.
    """
    if path.is_dir():
        raise CheckpointError(f"{path}: is a folder; name a file that nncli lab circuit --save has written")
    stored = checkpoint.load(path)
    if stored.state.get("kind") != KIND:
        raise CheckpointError(
            f"{path}: holds no Boolean network; for one, run: nncli lab circuit 'a xor b' --save {path.stem}-xor"
            f"{path.suffix}; for a trained classifier: nncli evaluate {path}"
        )
    try:
        return _rebuild(stored)
    except (GraphError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: does not hold the network it describes ({error}); write it again with nncli lab circuit --save"
        ) from error


def _rebuild(stored: Checkpoint) -> BooleanNetwork:
    """Build the layers, each of as many units as it has biases."""
    state: dict[str, Any] = stored.state
    variables = tuple(str(name) for name in state["variables"])
    layers = []
    for each in state["layers"]:
        name, activation = str(each["name"]), each["activation"]
        if activation not in ACTIVATIONS:
            raise ValueError(f"layer '{name}' has the unknown activation {activation!r:.40}")
        inputs = tuple(str(source) for source in each["inputs"])
        (units,) = stored.tensors[f"{name}.bias"].shape
        layers.append(Layer(name, units, activation, inputs))
    if not (1 <= len(variables) <= MAX_VARIABLES and layers and layers[-1].units == 1 and state["false"] in (0, -1)):
        raise ValueError(f"it is no function of 1 to {MAX_VARIABLES} variables with one output")
    check_fit(stored.tensors, parameter_shapes(len(variables), in_topological_order(layers)), np.float32)
    network = Network(len(variables), layers)
    network.parameters.assign(stored.tensors)
    return BooleanNetwork(variables, network, state["false"])
