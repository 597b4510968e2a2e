"""The interface for Python trains as the command line does, and predicts for arrays of every accepted form."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncli
from nncli.errors import ConfigError, DataError, MissingExtraError, RunError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def config(digits_dir, configuration, tmp_path, monkeypatch):
    """A mapping for a small training on digits in a folder; the tests run in an empty folder."""
    for variable in ("NNCLI_DATA_DIR", "NNCLI_OFFLINE", "NNCLI_THREADS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    mapping = configuration(training={"epochs": 2}).model_dump(mode="json")
    mapping["data"]["dir"] = str(digits_dir)
    return mapping


@pytest.fixture
def model(config):
    list(nncli.train(config))
    return nncli.load("runs/small")


def test_training_yields_events_and_writes_the_run_folder(config):
    iterator = nncli.train(config)
    assert not Path("runs").exists()  # the training happens while the events are read
    events = list(iterator)
    kinds = [type(event) for event in events]
    assert kinds == [nncli.Started, *([nncli.StepFinished] * 4 + [nncli.EpochFinished]) * 2, nncli.Finished]
    lines = Path("runs/small/metrics.jsonl").read_text(encoding="utf-8").splitlines()
    recorded = [json.loads(line)["validation_error"] for line in lines]
    assert recorded == [event.validation_error for event in events if isinstance(event, nncli.EpochFinished)]


def test_it_trains_to_the_same_weights_as_the_command(config, config_file, digits_dir, nncli):
    import nncli as package

    list(package.train(config))
    path = config_file("small.yaml", training={"epochs": 2})
    assert nncli("train", path, "--data-dir", digits_dir, "--run-dir", "runs/command").code == 0
    ours, theirs = (package.load(f"runs/{name}").weights for name in ("small", "command"))
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    Path("runs/small.yaml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert len(list(package.train("runs/small.yaml", run_dir="runs/file", data_dir=digits_dir))) == 12


def test_an_abandoned_training_is_interrupted_and_can_be_resumed(config, nncli):
    import nncli as package

    for event in package.train(config):
        if isinstance(event, package.EpochFinished):
            break
    assert json.loads(Path("runs/small/manifest.json").read_text(encoding="utf-8"))["status"] == "interrupted"
    assert nncli("train", "--resume", "runs/small").code == 0
    with pytest.raises(RunError, match="not empty"):
        package.train(config)
    assert len(list(package.train(config, mode="force"))) == 12


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"model": {"layers": [{"units": 10, "activation": "rellu"}]}}, ConfigError, "did you mean 'relu'"),
        ({"model": {"layers": [{"units": 5, "activation": "hard_threshold"}, {"units": 10}]}}, ConfigError, "derivat"),
        ({"data": {"name": "idx", "dir": "nowhere"}}, DataError, "nowhere"),
        ({"training": {"loggers": ["tensorboard"]}}, MissingExtraError, r"pip install 'nncli\[tensorboard\]'"),
    ],
)
def test_what_is_wrong_is_found_before_training(config, changes, error, message, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(error, match=message):
        nncli.train(config | changes)


def test_every_form_of_images_gives_the_same_probabilities(model, digits):
    images, labels = digits["test"].images, digits["test"].labels
    probabilities = model.predict_proba(images)
    assert probabilities.shape == (60, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    for form in (images.reshape(60, 784), images / 255, (images / 255).astype(np.float32).reshape(60, -1)):
        assert np.array_equal(model.predict_proba(form), probabilities)
    assert np.array_equal(model.predict(images), probabilities.argmax(axis=1))
    assert model.predict_proba(images[:0]).shape == (0, 10)
    error = np.mean(model.predict(images) != labels)
    for dataset in ("test", digits["test"], (images / 255, labels.astype(int).tolist())):
        assert model.evaluate(dataset).error == pytest.approx(error)
    assert (model.evaluate("validation").examples, model.evaluate("train").examples) == (60, 240)


IMAGES = np.zeros((3, 28, 28), np.uint8)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[0], r"shape \(n, 28, 28\) or \(n, 784\), not \(28, 28\); use images\[np.newaxis\]"),
        (IMAGES[:, :27], r"shape \(n, 28, 28\) or \(n, 784\), not \(3, 27, 28\)"),
        (np.float64(1), r"not \(\)"),
        (IMAGES.astype(np.int64), "expected uint8 .* not int64"),
        (IMAGES + 1.5, "floats must be from 0"),
        (np.full((1, 784), np.nan), "floats must be from 0"),
        ([["a"] * 784], "expected uint8"),
    ],
)
def test_other_images_are_refused(model, images, message):
    with pytest.raises(DataError, match=message):
        model.predict(images)


@pytest.mark.parametrize(
    ("labels", "message"), [([1, 2], r"shape \(3,\)"), ([1, 2, 10], "integers from 0 to 9"), ([0.0] * 3, "integers")]
)
def test_other_labels_are_refused(model, labels, message):
    with pytest.raises(DataError, match=message):
        model.evaluate((IMAGES, labels))


def test_a_model_shows_its_configuration_and_weights(model):
    assert repr(model) == "<nncli.Model small: 784-12-10, trained on idx, epoch 2>"
    assert (model.config.training.epochs, model.epoch) == (2, 2)
    weights = model.weights
    assert {name: value.shape for name, value in weights.items()} == {
        "hidden1.weights": (12, 784),
        "hidden1.bias": (12,),
        "output.weights": (10, 12),
        "output.bias": (10,),
    }
    weights["output.bias"][...] = np.inf  # a copy
    assert np.isfinite(model.predict_proba(IMAGES)).all()
    with pytest.raises(DataError, match="unknown split 'tests'"):
        model.evaluate("tests")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda api, _: api.load("runs/small", "lost"), RunError, "unknown checkpoint 'lost'; use 'best' or 'last'"),
        (lambda api, config: api.train(config, mode="resume"), RunError, "unknown mode 'resume'; use 'new', 'unique'"),
        (lambda api, _: api.load_dataset("minst", "test"), DataError, "no split 'test' of 'minst'; the datasets are"),
        (lambda api, _: api.load_dataset("mnist", "validation"), DataError, "with the splits train and test"),
    ],
)
def test_unknown_names_are_refused(call: Callable[[Any, Any], object], error, message, config):
    with pytest.raises(error, match=message):
        call(nncli, config)


@pytest.mark.parametrize(("value", "offline"), [("0", False), ("false", False), ("", False), ("1", True)])
def test_the_variable_is_read_as_on_the_command_line(value, offline, config, few_digits, monkeypatch):
    monkeypatch.setenv("NNCLI_OFFLINE", value)
    monkeypatch.setattr("nncli.api.load_data", lambda *_, offline, **__: offline)
    assert nncli.load_dataset("mnist", "test") == offline


def test_a_dataset_can_fall_back_to_generated_digits(config, few_digits):
    assert nncli.load_dataset("mnist", "test", offline=True, fallback="synthetic-digits").name == "synthetic-digits"
    with pytest.raises(DataError, match="cannot be downloaded offline"):
        nncli.load_dataset("mnist", "test", offline=True)
    data = {"name": "mnist", "fallback": "synthetic-digits", "validation": 60}
    with pytest.warns(UserWarning, match="mnist is not available, so synthetic-digits is used"):
        events = nncli.train(config | {"data": data}, offline=True)
    assert isinstance(list(events)[-1], nncli.Finished)


@pytest.fixture
def few_digits(monkeypatch, tmp_path):
    """Make synthetic-digits small, and the cache empty."""
    monkeypatch.setattr("nncli.data.load.SYNTHETIC_SIZES", {"train": (300, 1), "test": (60, 2)})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_importing_nncli_imports_nothing_else():
    program = "import sys; import nncli; print([m for m in sys.modules if m.startswith('nncli') or m == 'numpy'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['nncli']\n"
    assert {"load", "train"} <= set(dir(nncli))
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        nncli.lod  # noqa: B018
