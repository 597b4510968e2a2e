"""A run folder and checkpoints of format version 1, kept in tests/fixtures/run_v1: every later nncli opens them."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.folder import RunFolder

KEPT = Path(__file__).parents[1] / "fixtures" / "run_v1"


@pytest.fixture
def version_1(tmp_path):
    """A copy of the run and of its data."""
    return Path(shutil.copytree(KEPT, tmp_path / "version 1"))


def test_its_files_are_read(version_1):
    folder = RunFolder(version_1 / "run")
    kept = checkpoint.load(folder.last)
    assert {name: tensor.shape for name, tensor in kept.tensors.items()} == {
        "hidden1.weights": (6, 64),
        "hidden1.bias": (6,),
        "output.weights": (10, 6),
        "output.bias": (10,),
        "optimizer.first_moment": (460,),
        "optimizer.second_moment": (460,),
    }
    assert (kept.config["name"], kept.config["optimizer"]["learning_rate"]) == ("version-1", 0.02)
    assert (kept.state["progress"]["epoch"], kept.state["progress"]["step"]) == (2, 20)
    assert np.abs(kept.tensors["hidden1.weights"]).sum() == pytest.approx(78.59276580810547)
    assert manifest.read(folder.manifest).status == "interrupted"
    assert [line["epoch"] for line in metrics.read(folder.metrics)] == [1, 2]


@pytest.mark.parametrize("which", ["best", "last"])
def test_it_is_evaluated(which, version_1, nncli):
    ended = nncli("evaluate", version_1 / "run", "--checkpoint", which, "--data-dir", version_1 / "data", "--json")
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)
    assert document["examples"] == 30
    assert document["error"] < 0.2  # a guess is wrong nine times of ten


def test_it_is_gone_on_with(version_1, nncli):
    run, data = version_1 / "run", version_1 / "data"
    ended = nncli("train", run / "config.yaml", "--run-dir", run, "--resume", "--data-dir", data)
    assert ended.code == 0, ended.err
    assert "going on after epoch 2, step 20" in ended.err
    assert [line["epoch"] for line in metrics.read(run / "metrics.jsonl")] == [1, 2, 3]
    assert manifest.read(run / "manifest.json").status == "completed"


def test_its_features_are_drawn(version_1, nncli):
    assert nncli("visualize-features", version_1 / "run").code == 0
    assert (version_1 / "run" / "features.png").read_bytes().startswith(b"\x89PNG")


def test_it_has_not_been_made_anew():
    content = (KEPT / "run/checkpoints/last.safetensors").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "4b3a11cfc5aa0f0b8fa7a5f680ca05901ec4c0b2c31c1dd7f78eaedd2e46c6ca"
