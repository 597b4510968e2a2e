"""The full form of test_formats.py: networks trained on MNIST agree on all test images; run by `make exports`."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.testing import assert_allclose

from export.backends import BACKENDS, expected
from export.cases import TRAINED
from nncli import build
from nncli.cli.main import main
from nncli.data.load import load
from nncli.export import formats
from nncli.export.plan import plan
from nncli.runs.checkpoint import load as load_checkpoint
from nncli.runs.folder import resolve

pytestmark = pytest.mark.skipif("NNCLI_EXPORTS" not in os.environ, reason="takes minutes; run: make exports")

FOLDER = os.environ.get("NNCLI_DATA_DIR")
DATA: dict[str, Any] = {"name": "mnist"} if FOLDER else {"name": "synthetic-digits", "validation": 1000}


@pytest.fixture(scope="module")
def images():
    """All test images: 10,000 of MNIST."""
    return load(DATA["name"], "test", directory=Path(FOLDER) if FOLDER else None).images


@pytest.fixture(scope="module", params=TRAINED)
def run(request, tmp_path_factory):
    """A run folder with a network of the table, trained for an epoch."""
    folder = tmp_path_factory.mktemp(request.param)
    config = {"training": {"epochs": 1}, **TRAINED[request.param]}
    config["training"] |= {"epochs": 1, "threads": 1}
    config["data"] = {**DATA, **config.get("data", {})}
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert main(["train", str(folder / "config.yaml"), "--run-dir", str(folder / "run"), "-q"]) == 0
    return folder / "run"


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_trained_network_agrees(name, run, images):
    assert main(["export", str(run), "--format", name]) == 0
    files = [run / formats.FORMATS[name].file]
    files += [file for file in run.glob("*.py") if file.stem == files[0].stem]
    trained = build.trained(load_checkpoint(resolve(run)), "checkpoint")
    tolerance = 1e-3 if trained.config.data.deskew else 1e-5  # a deskewed pixel may be rounded the other way
    assert_allclose(BACKENDS[name](files, images), expected(trained, images), rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_hard_thresholds_agree(name, trained, images, tmp_path):
    """Their inputs are exact in float32, because the sign of a sum near 0 would depend on its order."""
    layers = [{"units": 64, "activation": "hard_threshold"}, {"units": 10}]
    network = trained(deviation=128.0, granularity=64, model={"layers": layers})
    files = formats.write(plan(network), name, tmp_path / formats.FORMATS[name].file)
    probabilities = BACKENDS[name](files, images)
    assert_allclose(probabilities, expected(network, images), rtol=0, atol=1e-5)
    assert len(np.unique(probabilities, axis=0)) > 100
