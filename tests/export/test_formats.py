"""Exported networks compute nncli's probabilities, and are written safely."""

import ast
import importlib.util

import numpy as np
import pytest

from export.backends import BACKENDS, expected
from export.cases import EVERYTHING
from nncli.errors import ExportError, MissingExtraError, WriteError
from nncli.export import formats, functions
from nncli.export.plan import plan
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.losses import LOSSES

NEEDS_ONNX = pytest.mark.skipif(importlib.util.find_spec("onnx") is None, reason="make exports installs onnx")
NAMES = [pytest.param(name, marks=NEEDS_ONNX if name == "onnx" else ()) for name in formats.FORMATS]


def exported(network, name, folder):
    return formats.write(plan(network), name, folder / formats.FORMATS[name].file)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_agrees_with_nncli(name, trained, digits, tmp_path):
    network, images = trained(**EVERYTHING), digits["test"].images
    probabilities = BACKENDS[name](exported(network, name, tmp_path), images)
    np.testing.assert_allclose(probabilities, expected(network, images), rtol=0, atol=1e-5)
    assert np.ptp(probabilities, axis=0).max() > 0.1  # the images make a difference


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", NAMES[:3])
def test_a_format_expresses_every_loss(name, loss, trained, digits, tmp_path):
    network, images = trained(loss=loss), digits["test"].images
    probabilities = BACKENDS[name](exported(network, name, tmp_path), images)
    np.testing.assert_allclose(probabilities, expected(network, images), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_deskews_digits(name, trained, digits, tmp_path):
    """Pixels are rounded after deskewing, so a sum in another order may change a few of them by 1."""
    network, images = trained(data={"deskew": True, "size": 30}), digits["test"].images.copy()
    images[0], images[1] = 0, 255  # without ink, and without a slant
    images[2, 3:] = 0
    images[3, :, 1:] = 0
    difference = np.abs(BACKENDS[name](exported(network, name, tmp_path), images) - expected(network, images))
    assert np.median(difference) < 1e-6
    assert difference.max() < 1e-3
    slanted = trained(data={"size": 30})
    assert np.abs(expected(slanted, images) - expected(network, images)).max() > 0.01


def test_every_activation_can_be_exported():
    assert functions.FUNCTIONS.keys() == ACTIVATIONS.keys()
    with pytest.raises(ExportError, match="activation sine cannot be exported"):
        functions.function("sine")


def test_onnx_missing_is_reported(trained, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"onnx is not installed.*pip install 'nncli\[onnx\]'"):
        exported(trained(), "onnx", tmp_path)


def test_a_module_replaces_only_one_that_was_exported(trained, tmp_path):
    network, module = plan(trained()), tmp_path / "_2nd_model.py"
    path = tmp_path / "2nd-model.npz"
    assert formats.write(network, "npz", path) == formats.write(network, "npz", path) == [path, module]
    ast.parse(module.read_text(encoding="utf-8"))
    module.write_text("mine = True\n", encoding="utf-8")
    path.unlink()
    with pytest.raises(WriteError, match="not written by nncli export"):
        formats.write(network, "npz", path)
    assert [each.name for each in tmp_path.iterdir()] == [module.name]
