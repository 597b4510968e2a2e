"""The plan names every operation of a network in order, with the arrays of its checkpoint."""

import numpy as np
import pytest

from nncli.errors import ExportError
from nncli.export.plan import Activation, Affine, BatchNorm, Concatenate, plan
from nncli.nn.activations import ACTIVATIONS, ReLU

SKIP = {
    "layers": [
        {"name": "first", "units": 6, "batch_norm": True, "dropout_probability": 0.5},
        {"name": "second", "units": 4, "activation": "tanh"},
        {"name": "output", "units": 10, "inputs": ["first", "second", "input"]},
    ]
}


def test_a_plan_has_the_operations_in_order(trained):
    made = plan(trained(model=SKIP))
    assert [(type(each), each.name, each.inputs, each.units) for each in made.operations] == [
        (Affine, "first.z", ("input",), 6),
        (BatchNorm, "first.norm", ("first.z",), 6),
        (Activation, "first.y", ("first.norm",), 6),
        (Affine, "second.z", ("first.y",), 4),
        (Activation, "second.y", ("second.z",), 4),
        (Concatenate, "output.inputs", ("first.y", "second.y", "input"), 794),
        (Affine, "output.z", ("output.inputs",), 10),
        (Activation, "output.y", ("output.z",), 10),
    ]
    assert [each.function for each in made.operations if isinstance(each, Activation)] == ["relu", "tanh", "linear"]
    assert (made.output, made.reading, made.title) == ("output.y", "softmax", "small, trained on idx, epoch 3")


def test_its_arrays_are_those_of_the_checkpoint_as_float32(trained):
    network = trained(model=SKIP, dtype="float64")
    made, parameters = plan(network), network.network.parameters
    assert made.arrays.keys() == {*parameters, *parameters.statistics}
    for name, array in made.arrays.items():
        expected = parameters.statistics.get(name)
        assert np.array_equal(array, np.float32(parameters.value(name) if expected is None else expected))
        assert array.dtype == np.float32
    norm = made.operations[1]
    assert isinstance(norm, BatchNorm)
    slope, offset = norm.slope_and_offset
    gain, shift, mean, variance = norm.arrays.values()
    x = np.linspace(-2, 2, 6)
    assert np.allclose(slope * x + offset, gain * (x - mean) / np.sqrt(variance + 1e-5) + shift, rtol=1e-5)


def test_images_are_framed_and_scaled(trained):
    images = plan(trained(mean=33.0, deviation=78.0, data={"size": 31, "deskew": True})).images
    assert (images.shape, images.frame, images.margins) == ((28, 28), (31, 31), (1, 1, 2, 2))
    assert (images.deskew, images.pixels) == (True, 961)
    assert images.factor * 33 == pytest.approx(images.shift, rel=1e-6)


@pytest.mark.parametrize(
    ("loss", "reading"),
    [("cross_entropy", "softmax"), ("logistic_cross_entropy", "logistic"), ("squared_error", "clip")],
)
def test_the_loss_determines_the_reading_of_the_outputs(trained, loss, reading):
    assert plan(trained(loss=loss)).reading == reading


def test_an_unknown_node_is_refused(trained, monkeypatch):
    class Unknown(ReLU):
        pass

    monkeypatch.setitem(ACTIVATIONS, "relu", Unknown)
    with pytest.raises(ExportError, match=r"hidden1\.y: .*Unknown cannot be exported"):
        plan(trained())
