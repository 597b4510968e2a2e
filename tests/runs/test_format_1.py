"""Run folders and checkpoints of format version 1, kept in tests/fixtures: every later nncli opens and resumes them."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nncli.config.load import from_mapping
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.folder import RunFolder

FIXTURES = Path(__file__).parents[1] / "fixtures"
KEPT = FIXTURES / "run_v1"
AVERAGED = FIXTURES / "averaged_v1"


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
        "state/optimizer.first_moment": (460,),
        "state/optimizer.second_moment": (460,),
    }
    assert (kept.config["name"], kept.config["optimizer"]["learning_rate"]) == ("version-1", 0.02)
    assert (kept.state["progress"]["epoch"], kept.state["progress"]["step"]) == (2, 20)
    assert np.abs(kept.tensors["hidden1.weights"]).sum() == pytest.approx(78.59276580810547)
    assert manifest.read(folder.manifest).status == "interrupted"
    assert [line.epoch for line in metrics.read(folder.metrics)] == [1, 2]


@pytest.mark.parametrize("which", ["best", "last"])
def test_it_is_evaluated(which, version_1, nncli):
    ended = nncli("evaluate", version_1 / "run", "--checkpoint", which, "--data-dir", version_1 / "data", "--json")
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)
    assert document["examples"] == 30
    assert document["error"] < 0.2  # a guess is wrong nine times of ten


def test_it_is_resumed(version_1, nncli):
    run, data = version_1 / "run", version_1 / "data"
    ended = nncli("train", run / "config.yaml", "--run-dir", run, "--resume", "--data-dir", data)
    assert ended.code == 0, ended.err
    assert "resuming after epoch 2, step 20" in ended.err
    assert [line.epoch for line in metrics.read(run / "metrics.jsonl")] == [1, 2, 3]
    assert manifest.read(run / "manifest.json").status == "completed"


def test_its_features_are_drawn(version_1, nncli):
    assert nncli("visualize-features", version_1 / "run").code == 0
    assert (version_1 / "run" / "features.png").read_bytes().startswith(b"\x89PNG")


def test_it_has_not_been_made_anew():
    content = (KEPT / "run/checkpoints/last.safetensors").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "4b3a11cfc5aa0f0b8fa7a5f680ca05901ec4c0b2c31c1dd7f78eaedd2e46c6ca"


@pytest.fixture
def averaged(tmp_path):
    """A copy of a finished run with averaged weights, and of the same run interrupted in the last epoch."""
    return Path(shutil.copytree(AVERAGED, tmp_path / "averaged"))


@pytest.mark.parametrize("name", ["finished/best", "finished/last", "interrupted/best", "interrupted/last"])
def test_averaged_weights_evaluate_to_the_same_numbers(name, averaged, nncli):
    run, which = name.split("/")
    ended = nncli("evaluate", averaged / run, "--checkpoint", which, "--data-dir", KEPT / "data", "--json")
    assert ended.code == 0, ended.err
    document, kept = json.loads(ended.out), json.loads((averaged / "evaluations.json").read_text())[name]
    assert document["error"] == kept["error"]
    assert document["loss"] == pytest.approx(kept["loss"], rel=1e-5)


@pytest.mark.parametrize("which", ["best", "last"])
def test_resumed_it_ends_with_the_bits_of_the_run_that_was_never_interrupted(which, averaged, nncli):
    finished, run = RunFolder(averaged / "finished"), RunFolder(averaged / "interrupted")
    before = manifest.read(run.manifest).environment
    ended = nncli("train", run.config, "--run-dir", run.path, "--resume", "--data-dir", KEPT / "data")
    assert ended.code == 0, ended.err
    expected, kept = (checkpoint.load(getattr(folder, which)) for folder in (finished, run))
    for each in (kept, expected):
        del each.config["data"]["dir"]  # where the data lay
    assert from_mapping(kept.config) == from_mapping(expected.config)  # some keys are newer than the fixture
    assert kept.tensors.keys() == expected.tensors.keys()
    same = not manifest.read(run.manifest).environment.differences(before)
    for name, tensor in expected.tensors.items():
        if same:
            assert kept.tensors[name].tobytes() == tensor.tobytes(), name
        else:  # another BLAS or NumPy rounds the last bits of a product otherwise
            np.testing.assert_allclose(kept.tensors[name], tensor, rtol=1e-4, atol=1e-5, err_msg=name)
    exact = {"epoch", "step", "best_epoch", "stale", "mistakes"}
    assert {key: kept.state["progress"][key] for key in exact} == {
        key: expected.state["progress"][key] for key in exact
    }
    assert kept.state["noise"] == expected.state["noise"]
