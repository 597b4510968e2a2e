"""Run folders are found below a folder, and each is described by its own files."""

import json

import numpy as np
import pytest

from nncli.errors import RunError
from nncli.evaluation.metrics import summarize
from nncli.runs import manifest, measurement
from nncli.runs.folder import RunFolder
from nncli.runs.listing import SORT_KEYS, find, ordered, read
from nncli.runs.outcome import Outcome


@pytest.fixture
def outcome(digits):
    """An outcome on 60 test images, of which 15 are misclassified."""
    data = digits["test"]
    predicted = (data.labels + (np.arange(60) < 15)) % 10
    probabilities = np.eye(10)[predicted].T
    return Outcome(data, 1.5, probabilities, summarize(probabilities, data.labels))


def test_runs_are_found_at_any_depth_but_not_in_runs(tmp_path):
    for place in ("b", "a/deep", "a/deep/inner", "empty"):
        (tmp_path / place).mkdir(parents=True)
        if place != "empty":
            (tmp_path / place / "manifest.json").touch()
    assert list(find(tmp_path)) == [tmp_path / "a/deep", tmp_path / "b"]
    assert list(find(tmp_path / "b")) == [tmp_path / "b"]
    with pytest.raises(RunError, match=r"nowhere: no such folder; name the folder with your runs"):
        list(find(tmp_path / "nowhere"))


def test_a_run_is_described_by_its_files(run):
    run.start(data={"validation": 0})
    run.folder.write_config(run.make().config)
    found = read(run.path)
    described = (found.status, found.dataset, found.seed, found.epochs, found.best_epoch, found.validation_error)
    assert described == ("completed", "idx", 5, 3, 3, None)
    assert (found.test_error, found.config) == (None, run.make().config)
    assert found.seconds > 0
    assert found.finished is not None
    assert found.started < found.finished


def test_a_run_without_an_end_is_running_or_killed(run):
    run.start(stop=2)
    record = manifest.read(run.folder.manifest)
    assert read(run.path).status == "interrupted"
    manifest.write(run.folder.manifest, record.resumed(["nncli"]))
    with RunFolder.create(run.path, "resume"):
        assert read(run.path).status == "running"
    assert read(run.path).status == "killed"
    assert read(run.path).epochs == 0


def test_the_test_error_is_that_of_the_checkpoint_that_was_measured(run, outcome):
    run.start()
    measurement.record(run.path, run.folder.last, outcome)
    assert read(run.path).test_error is None
    measurement.record(run.path, run.folder.best, outcome)
    assert read(run.path).test_error == 0.25
    document = json.loads(run.folder.measurement.read_text())
    del document["checkpoint"]
    assert document == {"dataset": "idx", "examples": 60, "error": 0.25, "loss": 1.5}
    kept = run.folder.measurement.read_bytes()
    for damage in (b"{", kept.replace(b"0.25", b"NaN"), kept.replace(b': "', b': "0', 1)):  # the last: another digest
        run.folder.measurement.write_bytes(damage)
        assert read(run.path).test_error is None


def test_a_measurement_that_cannot_be_written_is_left_out(run, outcome):
    run.start()
    run.folder.measurement.mkdir()
    measurement.record(run.path, run.folder.best, outcome)
    assert read(run.path).test_error is None


def test_a_replaced_run_loses_its_measurement(run, outcome):
    run.start()
    measurement.record(run.path, run.folder.best, outcome)
    with RunFolder.create(run.path, "force"):
        assert not run.folder.measurement.exists()


@pytest.mark.parametrize("key", SORT_KEYS)
def test_runs_without_a_value_are_last_in_both_directions(key, make_run):
    plain, measured = make_run("plain"), make_run("validated")
    plain.start(data={"validation": 0})
    measured.start(training={"epochs": 4})
    runs = [read(each.path) for each in (measured, plain)]
    upwards, downwards = ([run.path.name for run in ordered(runs, key, reverse=reverse)] for reverse in (False, True))
    if key in ("validation", "test"):
        assert upwards == downwards == ["validated", "plain"]
    elif key != "status":
        assert upwards == downwards[::-1]
