"""Boolean networks in files: round trips through the safetensors library, and what is refused."""

import json

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from nncli import build
from nncli.errors import CheckpointError
from nncli.lab import boolean_file, circuit, universality
from nncli.lab.truth_table import of_bits
from nncli.runs import checkpoint
from nncli.runs.checkpoint import Checkpoint


@pytest.mark.parametrize("run", [circuit.run, universality.run])
@pytest.mark.parametrize("bits", ["01", "00", "0110", "1011001011010010"])
def test_a_saved_network_computes_the_same_function(tmp_path, run, bits):
    _, network = run(of_bits(bits))
    boolean_file.save(tmp_path / "f.safetensors", network)
    loaded = boolean_file.load(tmp_path / "f.safetensors")
    assert loaded.variables == network.variables
    assert "".join("01"[int(bit)] for bit in loaded.table().outputs) == bits


def test_any_safetensors_reader_finds_the_weights(tmp_path):
    path = tmp_path / "xor.safetensors"
    boolean_file.save(path, circuit.run(of_bits("0110"))[1])
    tensors = safetensors.numpy.load_file(path)
    assert tensors["hidden1.weights"].shape == (2, 2)
    assert tensors["output.bias"].tolist() == [-0.5]
    with safetensors.safe_open(path, "numpy") as file:
        state = json.loads(file.metadata()["state"])
    assert (state["kind"], state["variables"], state["false"]) == ("Boolean network", ["x1", "x2"], 0)


def stored(**changes):
    tensors = {"output.weights": np.ones((1, 2), np.float32), "output.bias": np.zeros(1, np.float32)}
    layer = {"name": "output", "activation": "hard_threshold", "inputs": ["input"]}
    state = {"kind": "Boolean network", "variables": ["a", "b"], "false": 0, "layers": [layer]}
    return tensors, state | {key: value for key, value in changes.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "other"}, "holds no Boolean network"),
        ({"variables": []}, "no function of 1 to 16 variables"),
        ({"variables": ["a"] * 17}, "no function of 1 to 16 variables"),
        ({"variables": ["a", "b", "c"]}, "has shape (1, 2)"),
        ({"variables": {"a": 1, "b": 2, "c": 3}}, "has shape (1, 2)"),
        ({"false": 0.5}, "no function"),
        ({"layers": []}, "no function"),
        ({"layers": "x"}, "does not hold the network"),
        ({"layers": [{"name": "hidden", "activation": "tanh", "inputs": ["input"]}]}, "hidden.bias"),
        ({"layers": [{"name": "output", "activation": "step", "inputs": ["input"]}]}, "unknown activation 'step'"),
        ({"layers": [{"name": "output", "activation": ["tanh"], "inputs": ["input"]}]}, "does not hold"),
        ({"layers": [{"name": "output", "activation": "tanh", "inputs": ["output"]}]}, "cycle"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(tmp_path, changes, says):
    path = tmp_path / "x.safetensors"
    tensors, state = stored(**changes)
    checkpoint.save(path, Checkpoint(tensors, {}, state))
    with pytest.raises(CheckpointError) as raised:
        boolean_file.load(path)
    assert says in str(raised.value)
    assert str(path) in str(raised.value)


def test_commands_for_trained_networks_say_how_to_open_it(tmp_path):
    path = tmp_path / "xor.safetensors"
    boolean_file.save(path, circuit.run(of_bits("0110"))[1])
    with pytest.raises(
        CheckpointError, match="holds a Boolean network, which reads no images; open it with: nncli lab"
    ):
        build.trained(checkpoint.load(path), str(path))
