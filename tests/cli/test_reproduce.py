"""`nncli reproduce` trains what has no record, keeps what has, and writes the page from the records."""

import json
import shutil
import signal

import pytest
import yaml

from nncli.cli import reproduce as reproduce_module
from nncli.training.loop import Training


@pytest.fixture
def reproduce(nncli, config_file, digits_dir, tmp_path):
    """Run the command on a table with a small network and a committee of two."""
    row = {"name": "small", "network": "784-12-10", "recipe": "plain", "published": 50.0, "source": "someone"}
    row |= {"inputs": "images", "configuration": "small.yaml"}
    both = row | {"name": "both", "members": {"small": 2}}
    del both["configuration"]
    (tmp_path / "table.yaml").write_text(yaml.safe_dump([row, both]), encoding="utf-8")

    def run(*arguments, **changes):
        config_file(**changes)
        return nncli("reproduce", "--table", "table.yaml", "--data-dir", digits_dir, *arguments)

    return run


@pytest.fixture
def interrupted(nncli, config_file, digits_dir, tmp_path, monkeypatch):
    """The row's first run, interrupted after five steps."""
    step = Training._step

    def signalled(training, *arguments):
        if training.progress.step == 5:
            signal.raise_signal(signal.SIGINT)
        return step(training, *arguments)

    folder = tmp_path / "runs/literature/small-1"
    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", signalled)
        ended = nncli("train", config_file(), "--seed", "1", "--run-dir", folder, "--data-dir", digits_dir)
    assert ended.code == 130


@pytest.fixture
def commands(nncli, monkeypatch):
    """The commands that `reproduce` has run, in this process."""
    given = []

    def in_this_process(*arguments):
        given.append(arguments)
        ended = nncli(*arguments)
        assert ended.code == 0, ended.err
        return ended.out

    monkeypatch.setattr("nncli.cli.reproduce._nncli", in_this_process)
    return given


@pytest.mark.usefixtures("interrupted")
def test_rows_are_trained_once_and_changes_are_refused(reproduce, commands, tmp_path, monkeypatch):
    def files():
        return {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("*.safetensors")}

    ended = reproduce("small", "--seeds", "1")
    assert (ended.code, ended.out) == (0, "RESULTS.md\n")
    assert "--resume" in commands[0]
    before = files()
    monkeypatch.setenv("NNCLI_THREADS", "1")
    assert reproduce("--seeds", "2").code == 0
    assert before.items() <= files().items()
    records = [tmp_path / f"records/small-{seed}.json" for seed in (1, 2)]
    assert [json.loads(path.read_text())["seed"] for path in records] == [1, 2]
    committee = json.loads((tmp_path / "records/both-1.json").read_text())
    assert [each["seed"] for each in committee["configuration"]["members"]] == [1, 2]
    assert committee["epochs"] == 6
    assert "| 784-12-10 | plain | none | 50.00 | **" in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert (tmp_path / "RESULTS.png").read_bytes().startswith(b"\x89PNG")
    copied = shutil.copy(records[0], tmp_path / "records/small-3.json")
    ended = reproduce("both")
    assert ended.code == 5
    assert "small-3.json: is the record of small with seed 1" in ended.err
    copied.unlink()
    ended = reproduce("small", "--seeds", "1", training={"epochs": 2})
    assert ended.code == 5
    assert "its configuration has changed" in ended.err
    document = json.loads(records[0].read_text())
    document["configuration"]["training"]["epochs"] = 2
    records[0].write_text(json.dumps(document))
    ended = reproduce("both")
    assert ended.code == 5
    assert "was changed after the run" in ended.err
    shutil.rmtree(tmp_path / "records")
    ended = reproduce("small", "--seeds", "1", training={"epochs": 2})
    assert ended.code == 5
    assert "small-1: was trained with another configuration" in ended.err


def test_a_configuration_that_changes_before_the_last_member_is_trained_is_refused(
    reproduce, commands, config_file, monkeypatch, tmp_path
):
    def edited(*arguments):
        if 2 in arguments:
            config_file(training={"epochs": 1})
        return run(*arguments)

    run = reproduce_module._nncli
    monkeypatch.setattr(reproduce_module, "_nncli", edited)
    ended = reproduce("both", training={"epochs": 2})
    assert ended.code == 5
    assert "small-2: was trained with another configuration than small.yaml" in ended.err
    assert not (tmp_path / "records").exists()


@pytest.mark.usefixtures("commands", "few_drawn_digits")
def test_a_run_on_the_fallback_leaves_no_record(reproduce, nncli, config_file, tmp_path):
    data = {"name": "mnist", "fallback": "synthetic-digits"}
    reproduce("tiny")  # writes the table
    config_file(data=data, training={"epochs": 1})
    ended = nncli("reproduce", "small", "--table", "table.yaml", "--offline")
    assert ended.code == 5
    assert "small-1: was trained on synthetic-digits, because mnist was not available; remove it" in ended.err
    assert not (tmp_path / "records").exists()


def test_copies_of_the_test_images_are_part_of_a_committee(reproduce, commands, tmp_path):
    row = {"network": "784-12-10", "recipe": "plain", "inputs": "distorted"}
    small = row | {"name": "small", "configuration": "small.yaml"}
    copied = row | {"name": "copied", "members": {"small": 1}, "copies": 2}
    (tmp_path / "table.yaml").write_text(yaml.safe_dump([small, copied]), encoding="utf-8")
    changes = {"data": {"augment": {"shift": 1}}, "training": {"epochs": 1}}
    assert reproduce("copied", **changes).code == 0
    assert ("--copies", 2) in zip(commands[-1], commands[-1][1:], strict=False)
    assert json.loads((tmp_path / "records/copied-1.json").read_text())["configuration"]["copies"] == 2
    assert "| 1 x small, 2 copies |" in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    (tmp_path / "table.yaml").write_text(yaml.safe_dump([small, copied | {"copies": 3}]), encoding="utf-8")
    ended = reproduce("copied", **changes)
    assert (ended.code, "its configuration has changed" in ended.err) == (5, True)


@pytest.mark.usefixtures("commands")
def test_epochs_are_those_before_early_stopping(reproduce, tmp_path):
    training = {"epochs": 50, "early_stopping": {"patience": 1}}
    assert reproduce("small", "--seeds", "1", training=training).code == 0
    trained = len((tmp_path / "runs/literature/small-1/metrics.jsonl").read_text().splitlines())
    assert json.loads((tmp_path / "records/small-1.json").read_text())["epochs"] == trained < 50


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Let the commands that `reproduce` runs be a shell script."""

    def write(script):
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        python.chmod(0o755)
        monkeypatch.setattr("sys.executable", str(python))

    return write


def test_a_killed_training_is_reported(reproduce, child):
    child("kill -KILL $$")
    ended = reproduce("small")
    assert ended.code == 1
    assert ended.err.endswith("error: nncli train was ended by SIGKILL; repeat the command to continue\n")


def test_a_training_that_ignores_ctrl_c_is_stopped_as_well(reproduce, child, tmp_path):
    child("trap '' INT; trap 'touch stopped; exit 143' TERM; sleep 0.2; kill -TERM $PPID; sleep 0.2; sleep 0.2")
    ended = reproduce("small")
    assert ended.code == 143
    assert "interrupted; repeat the command to continue" in ended.err
    assert (tmp_path / "stopped").exists()


def test_an_unknown_row_is_a_usage_error(reproduce, nncli):
    ended = reproduce("tiny")
    assert ended.code == 2
    assert "there is no row 'tiny'; choose from small, both" in ended.err
    assert "there is no row 'smal'; did you mean 'small'?" in reproduce("smal").err
    ended = nncli("reproduce")
    assert (ended.code, ended.err) == (
        3,
        "error: experiments/literature.yaml: no such file, and no folder experiments; use --table to specify a table\n",
    )


def test_a_failing_run_ends_the_command_with_its_exit_code(reproduce, tmp_path):
    ended = reproduce("small", data={"validation": 100_000})
    assert ended.code == 4
    assert not (tmp_path / "records").exists()
