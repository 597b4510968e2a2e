"""`nncli train`: what it prints and leaves behind, and one clear message for everything that can be wrong."""

import dataclasses
import gzip
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from nncli import build
from nncli.config.load import load
from nncli.runs import checkpoint, manifest, metrics
from nncli.runs.folder import RunFolder
from nncli.training import snapshot


def files_of(folder):
    """Give every file below a folder with its bytes, but for the locks."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}


def assert_refused(ended, code, *parts, lines=1):
    """Check that a command ended with one clear line for each thing that is wrong."""
    assert ended.code == code, ended.err
    assert ended.out == ""
    shown = ended.err.splitlines()
    assert len(shown) == lines, ended.err
    assert all(line.startswith("error: ") for line in shown)
    for part in parts:
        assert part in ended.err


# What a run prints and leaves behind


def test_a_run_leaves_its_folder_and_says_what_it_came_to(nncli, config_file, digits_dir, tmp_path):
    ended = nncli("train", config_file(), "--data-dir", digits_dir)
    assert ended.code == 0
    folder = RunFolder(tmp_path / "runs" / "small")
    assert {path.name for path in files_of(folder.path)} == {
        "config.yaml", "manifest.json", "metrics.jsonl", "last.safetensors", "previous.safetensors", "best.safetensors"
    }  # fmt: skip
    written = manifest.read(folder.manifest)
    assert (written.status, written.data.name, written.data.fallback) == ("completed", "idx", False)
    assert set(written.data.sha256) == {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}
    rows = dict(line.split(maxsplit=1) for line in ended.out.splitlines() if not line.startswith(("best", "valid")))
    assert rows["run"] == "runs/small"
    assert rows["next"] == "nncli evaluate runs/small"


def test_the_runs_own_configuration_gives_the_same_run(nncli, config_file, digits_dir, tmp_path):
    path = config_file()
    nncli("train", path, "--data-dir", digits_dir, "--set", "optimizer.learning_rate=0.02", "--seed", 9)
    again = load(tmp_path / "runs/small/config.yaml").config
    assert again == load(path, ["optimizer.learning_rate=0.02", "seed=9", f"data.dir={digits_dir}"]).config
    ended = nncli("train", tmp_path / "runs/small/config.yaml", "--run-dir", "again")
    assert ended.code == 0
    first, second = (
        checkpoint.load(tmp_path / run / "checkpoints/best.safetensors") for run in ("runs/small", "again")
    )
    assert all(np.array_equal(first.tensors[name], second.tensors[name]) for name in first.tensors)


def test_off_a_terminal_there_is_one_line_an_epoch_on_stderr(nncli, config_file, digits_dir):
    ended = nncli("train", config_file(), "--data-dir", digits_dir)
    lines = ended.err.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert all("validation loss" in line and "examples/s" in line for line in lines)
    assert "\x1b" not in ended.err + ended.out


def test_quiet_leaves_stderr_empty_and_verbose_says_more(nncli, config_file, digits_dir):
    path = config_file(data={"batch_size": 1}, training={"epochs": 1})
    quiet = nncli("train", path, "--data-dir", digits_dir, "-q")
    assert (quiet.code, quiet.err) == (0, "")
    assert quiet.out
    verbose = nncli("train", path, "--data-dir", digits_dir, "-v", "--force")
    assert [line.split(":")[0].strip() for line in verbose.err.splitlines()[:2]] == ["step 100", "step 200"]


def test_json_is_one_document_and_nothing_else(nncli, config_file, digits_dir, tmp_path):
    ended = nncli("train", config_file(), "--data-dir", digits_dir, "--json", "--run-dir", "my run")
    document = json.loads(ended.out)
    lines = list(metrics.read(tmp_path / "my run/metrics.jsonl"))
    best = min(lines, key=lambda line: line.validation_error or 0)
    assert document.pop("seconds") > 0
    assert document == {
        "run": "my run",
        "status": "completed",
        "epochs": 3,
        "best": {"epoch": best.epoch, "validation_error": best.validation_error},
        "dataset": "idx",
    }


def test_the_json_of_a_run_without_validation_has_no_error(nncli, config_file, digits_dir):
    ended = nncli("train", config_file(data={"validation": 0}), "--data-dir", digits_dir, "--json")
    assert json.loads(ended.out)["best"] == {"epoch": 3, "validation_error": None}
    again = nncli("train", "small.yaml", "--data-dir", digits_dir, "--force")
    assert again.code == 0
    assert "validation" not in again.out + again.err


def test_early_stopping_ends_a_run_as_completed(nncli, config_file, digits_dir, monkeypatch):
    script = iter([(1.0, 0.5), (1.0, 0.6), (1.0, 0.6)])
    monkeypatch.setattr("nncli.training.loop.loss_and_error", lambda graph, batches: next(script))
    path = config_file(training={"epochs": 9, "early_stopping": {"patience": 2}})
    document = json.loads(nncli("train", path, "--data-dir", digits_dir, "--json").out)
    assert (document["status"], document["epochs"], document["best"]["epoch"]) == ("completed", 3, 1)


def test_a_dry_run_shows_the_plan_and_writes_nothing(nncli, config_file, digits_dir, tmp_path):
    path = config_file()
    before = files_of(tmp_path)
    shown = nncli("train", path, "--data-dir", digits_dir, "--dry-run")
    assert shown.code == 0
    assert "nothing was trained or written" in shown.out
    document = json.loads(nncli("train", path, "--data-dir", digits_dir, "--dry-run", "--json").out)
    assert (document["training_examples"], document["validation_examples"]) == (240, 60)
    assert (document["parameters"], document["steps_per_epoch"]) == (784 * 12 + 12 + 120 + 10, 4)
    assert files_of(tmp_path) == before


def test_the_test_split_is_never_opened(config_file, digits_dir, tmp_path):
    watch = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == 'open' else None)\n"
        "from nncli.cli.main import main\n"
        "code = main(sys.argv[1:])\n"
        "assert any('train-images' in name for name in opened), 'the hook sees nothing'\n"
        "assert not [name for name in opened if 't10k' in name]\n"
        "sys.exit(code)\n"
    )
    arguments = ["train", str(config_file()), "--data-dir", str(digits_dir), "--run-dir", str(tmp_path / "run")]
    ended = subprocess.run([sys.executable, "-c", watch, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_a_folder_without_test_files_is_enough(nncli, config_file, digits_dir, tmp_path):
    folder = tmp_path / "train only"
    folder.mkdir()
    for path in digits_dir.glob("train-*"):
        (folder / path.name).write_bytes(path.read_bytes())
    assert nncli("train", config_file(), "--data-dir", folder).code == 0


# The fallback


def test_a_fallback_is_announced_loudly_and_recorded(nncli, config_file, few_drawn_digits, tmp_path):
    path = config_file(data={"name": "mnist", "fallback": "synthetic-digits"})
    ended = nncli("train", path, "--offline", "--json")
    assert ended.code == 0
    why, loud, *_ = ended.err.splitlines()
    assert "warning: mnist is not available: " in why
    assert "offline" in why
    assert loud == "WARNING: USING SYNTHETIC-DIGITS INSTEAD OF MNIST"
    assert json.loads(ended.out)["dataset"] == "synthetic-digits"
    folder = RunFolder(tmp_path / "runs/small")
    written = manifest.read(folder.manifest).data
    assert (written.name, written.fallback) == ("synthetic-digits", True)
    for path in (folder.last, folder.best):
        state = checkpoint.load(path).state
        assert (state["dataset"], state["fallback"]) == ("synthetic-digits", True)
        trained = build.trained(checkpoint.load(path), str(path))
        assert (trained.inputs.dataset, trained.config.data.name) == ("synthetic-digits", "mnist")


def test_a_network_trained_on_the_fallback_is_measured_on_its_test_set(nncli, config_file, few_drawn_digits):
    path = config_file(data={"name": "mnist", "fallback": "synthetic-digits"})
    nncli("train", path, "--offline")
    ended = nncli("evaluate", "runs/small", "--offline", "--json")
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)
    assert (document["dataset"], document["split"], document["examples"]) == ("synthetic-digits", "test", 60)


def test_a_run_on_the_fallback_is_resumed_on_it_where_the_data_has_become_available(
    nncli, config_file, few_drawn_digits, monkeypatch
):
    path = config_file(data={"name": "mnist", "fallback": "synthetic-digits"})
    nncli("train", path, "--offline")
    monkeypatch.setattr("nncli.build.load", lambda *asked, **options: pytest.fail("looks for MNIST"))
    ended = nncli("train", "--resume", "runs/small", "--set", "training.epochs=4")
    assert ended.code == 0
    assert ended.err.startswith("WARNING: USING SYNTHETIC-DIGITS INSTEAD OF MNIST\nresuming after epoch 3")


def test_a_run_on_the_fallback_is_not_resumed_on_other_data(nncli, config_file, few_drawn_digits, digits_dir):
    path = config_file(data={"name": "mnist", "fallback": "synthetic-digits"})
    nncli("train", path, "--offline")
    ended = nncli("train", config_file(), "--data-dir", digits_dir, "--resume")
    assert_refused(ended, 5, "trained on different data (synthetic-digits, now idx;")


# What is refused before anything is written

FIVE_ERRORS = """\
seed: -1
data: {batch_size: many}
model: {layers: [{units: 0, activation: rellu}, {units: 10}]}
optimiser: {name: adam}
"""


@pytest.mark.parametrize(
    ("text", "lines", "parts"),
    [
        (FIVE_ERRORS, 5, [":1:7: seed: ", ":2:20: data.batch_size: ", "units: ", "did you mean 'relu'", "'optimizer'"]),
        ("model: {layers: [{units: 8, activation: hard_threshold}, {units: 10}]}\n", 1, ["model.layers[0].activation"]),
    ],
)
def test_a_wrong_configuration_exits_3_with_every_error(text, lines, parts, nncli, digits_dir, tmp_path):
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    assert_refused(nncli("train", "small.yaml", "--data-dir", digits_dir), 3, *parts, lines=lines)
    assert not (tmp_path / "runs").exists()


def test_a_configuration_that_is_not_there_exits_3(nncli, tmp_path):
    assert_refused(nncli("train", "nowhere.yaml"), 3, "nowhere.yaml")
    assert not (tmp_path / "runs").exists()


def test_damaged_idx_files_exit_4(nncli, config_file, digits_dir, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(digits_dir, folder)
    with (folder / "train-images-idx3-ubyte").open("ab") as file:
        file.truncate(file.tell() - 1)
    assert_refused(nncli("train", config_file(), "--data-dir", folder), 4, "truncated", str(folder))
    assert not (tmp_path / "runs").exists()


def test_files_that_are_not_the_published_ones_exit_4(nncli, config_file, digits_dir, tmp_path):
    folder = tmp_path / "mnist"
    folder.mkdir()
    for path in digits_dir.iterdir():
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    ended = nncli("train", config_file(data={"name": "mnist"}), "--data-dir", folder)
    assert_refused(ended, 4, "train-images-idx3-ubyte.gz", "SHA-256")
    assert not (tmp_path / "runs").exists()


def test_no_data_and_no_network_exits_4(nncli, config_file, tmp_path):
    ended = nncli("train", config_file(data={"name": "mnist"}), "--offline")
    assert_refused(ended, 4, str(tmp_path / "cache"), "--data-dir")
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "cache").exists()


def test_more_validation_than_examples_exits_4(nncli, config_file, digits_dir, tmp_path):
    ended = nncli("train", config_file(data={"validation": 300}), "--data-dir", digits_dir)
    assert_refused(ended, 4, "data.validation")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'CONFIG'."),
        (["small.yaml", "--resume", "--force"], "--resume and --force cannot be used together; choose one"),
        (["small.yaml", "--unique", "--force"], "--force and --unique cannot be used together; choose one"),
        (["small.yaml", "--unique", "--resume"], "--resume and --unique cannot be used together; choose one"),
        (["small.yaml", "--strict"], "--strict requires --resume; use both or neither"),
        (["--resume"], "--resume requires a run folder, as in: nncli train --resume runs/mlp"),
        (
            ["run", "--resume", "--run-dir", "run"],
            "run and --run-dir both name the run to resume; use only one of them",
        ),
        (["run"], "run is a run folder, not a configuration file; resume it with: nncli train --resume run\n"),
        (["--resume", "run", "small.yaml"], "Got unexpected extra argument (small.yaml)"),
    ],
)
def test_arguments_that_contradict_each_other_exit_2(arguments, message, nncli, stopped_run):
    before = files_of(stopped_run[0].path)
    ended = nncli("train", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {message}")
    assert files_of(stopped_run[0].path) == before


# Run folders that exist


@pytest.fixture
def stopped_run(nncli, config_file, digits_dir, tmp_path):
    """A run of three epochs of which two are done, and the command that resumes it."""
    path = config_file(training={"epochs": 2})
    assert nncli("train", path, "--data-dir", digits_dir, "--run-dir", "run").code == 0
    config_file(training={"epochs": 3})
    return RunFolder(tmp_path / "run"), ["train", path, "--data-dir", digits_dir, "--run-dir", "run"]


def test_a_run_folder_that_exists_is_left_alone(nncli, stopped_run):
    folder, command = stopped_run
    before = files_of(folder.path)
    advice = "continue its run with --resume, replace it with --force, or choose another --run-dir"
    assert_refused(nncli(*command), 5, f"run: not empty; {advice} (--unique picks a numbered one)\n")
    assert files_of(folder.path) == before


def test_force_starts_over(nncli, stopped_run):
    folder, command = stopped_run
    assert nncli(*command, "--force").code == 0
    assert [line.epoch for line in metrics.read(folder.metrics)] == [1, 2, 3]


@pytest.mark.parametrize("name", ["config.yaml", "metrics.jsonl", "manifest.json", "checkpoints/best.safetensors"])
def test_force_leaves_alone_what_nncli_did_not_make(name, nncli, config_file, digits_dir, tmp_path):
    path = tmp_path / "mine" / name
    path.parent.mkdir(parents=True)
    path.write_text(f"# my own\n{config_file().read_text()}", encoding="utf-8")
    before = files_of(tmp_path / "mine")
    for source in ("small.yaml", path):
        for options in ([], ["--force"]):
            ended = nncli("train", source, "--data-dir", digits_dir, "--run-dir", "mine", *options)
            advice = "not empty, and not an nncli run; choose another --run-dir\n"
            assert_refused(ended, 5, f"error: mine: {advice}")
            assert files_of(tmp_path / "mine") == before
    assert not (tmp_path / "mine" / ".lock").exists()


def test_force_does_not_remove_the_file_that_is_read(nncli, stopped_run, monkeypatch):
    folder, _ = stopped_run
    before = files_of(folder.path)
    monkeypatch.chdir(folder.path)
    forced = nncli("train", "config.yaml", "--run-dir", ".", "--force")
    assert_refused(forced, 5, ".: --force would remove config.yaml, which is being read; choose another --run-dir\n")
    assert_refused(nncli("train", "config.yaml", "--run-dir", "."), 5, "with --resume, or choose another --run-dir (")
    assert files_of(folder.path) == before


def test_unique_numbers_the_folders_of_repeated_runs(nncli, config_file, digits_dir, tmp_path):
    command = ["train", config_file(training={"epochs": 1}), "--data-dir", digits_dir, "--unique", "--json"]
    assert [json.loads(nncli(*command).out)["run"] for _ in range(3)] == [
        "runs/small",
        "runs/small-2",
        "runs/small-3",
    ]
    (tmp_path / "runs/small-2/manifest.json").unlink()
    planned = json.loads(nncli(*command, "--dry-run").out)["run"]
    assert planned == json.loads(nncli(*command).out)["run"] == "runs/small-4"
    assert json.loads(nncli(*command, "--run-dir", "mine").out)["run"] == "mine"


def test_unique_runs_that_start_together_get_a_folder_each(config_file, digits_dir, tmp_path):
    command = [sys.executable, "-m", "nncli", "train", config_file(training={"epochs": 1}), "--data-dir", digits_dir]
    started = [
        subprocess.Popen([*command, "--unique", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    runs = {json.loads(process.communicate(timeout=60)[0])["run"] for process in started}
    assert runs == {"runs/small", "runs/small-2"}


# Resuming


def test_resume_goes_on(nncli, stopped_run):
    folder, command = stopped_run
    ended = nncli(*command, "--resume")
    assert ended.code == 0
    assert [line.split("  ")[0] for line in ended.err.splitlines()] == [
        "resuming after epoch 2, step 8",
        "epoch 3/3",
    ]
    assert [line.epoch for line in metrics.read(folder.metrics)] == [1, 2, 3]


@pytest.mark.parametrize("resume", [["--resume", "run"], ["run", "--resume"], ["--resume", "--run-dir", "run"]])
def test_the_folder_is_all_that_resuming_needs(resume, nncli, stopped_run, monkeypatch):
    folder, command = stopped_run
    monkeypatch.setenv("NNCLI_DATA_DIR", "nowhere")
    before = folder.config.read_bytes()
    ended = nncli("train", *resume)
    assert ended.code == 0
    assert ended.err.startswith(
        "note: all epochs are complete (2 of 2); to continue training, set a larger training.epochs\n"
    )
    assert folder.config.read_bytes() == before
    assert nncli("train", *resume, "--set", "training.epochs=3").code == 0
    assert [line.epoch for line in metrics.read(folder.metrics)] == [1, 2, 3]
    assert folder.read_config().training.epochs == 3
    assert nncli(*command, "--run-dir", "whole").code == 0
    whole = RunFolder(folder.path.with_name("whole"))
    for name in ("last", "best"):
        resumed, expected = (checkpoint.load(getattr(each, name)) for each in (folder, whole))
        assert resumed.state == expected.state
        assert all(np.array_equal(resumed.tensors[each], expected.tensors[each]) for each in expected.tensors)


def test_resuming_keeps_the_comments_of_a_configuration_that_says_the_same(nncli, stopped_run):
    folder, _ = stopped_run
    folder.config.write_text("# mine\n" + folder.config.read_text(), encoding="utf-8")
    assert nncli("train", "--resume", "run").code == 0
    assert folder.config.read_text().startswith("# mine\n")


def test_a_run_without_its_configuration_is_resumed_with_the_one_it_began_with(nncli, stopped_run):
    folder, command = stopped_run
    folder.config.unlink()
    how = "nncli train CONFIG --resume --run-dir run"
    assert_refused(
        nncli("train", "--resume", "run"), 5, "run/config.yaml: missing; resume with the configuration file", how
    )
    assert nncli(*command, "--resume").code == 0
    assert folder.config.exists()


@pytest.mark.parametrize("name", ["none", "none.yaml", "x" * 300])
def test_resume_needs_a_run(name, nncli, config_file, digits_dir, tmp_path):
    ended = nncli("train", config_file(), "--data-dir", digits_dir, "--resume")
    assert_refused(ended, 5, "runs/small: no run to resume in this folder; start one with: nncli train CONFIG")
    assert_refused(nncli("train", "--resume", name), 3 if name.endswith("yaml") else 5, name)
    assert not files_of(tmp_path / "runs")


@pytest.mark.parametrize(
    ("changes", "override", "message"),
    [
        ({}, "training.epochs=1", "already at epoch 2, but training.epochs is 1; set it to 2 or more"),
        (
            {"schedule": {"name": "cosine"}},
            "training.epochs=3",
            "trained with a different training.epochs (2, not 3), on which its cosine schedule depends; keep the",
        ),
        (
            {"training": {"epochs": 2, "average_weights": 1}},
            "training.epochs=3",
            "trained with a different training.epochs (2, not 3), on which its weight averaging depends; keep the",
        ),
    ],
)
def test_epochs_that_cannot_change_are_refused_with_the_reason(
    changes, override, message, nncli, config_file, digits_dir, tmp_path
):
    path = config_file(**{"training": {"epochs": 2}} | changes)
    assert nncli("train", path, "--data-dir", digits_dir, "--run-dir", "run").code == 0
    before = files_of(tmp_path / "run")
    assert_refused(nncli("train", "--resume", "run", "--set", override), 5, f"error: run: {message}")
    assert files_of(tmp_path / "run") == before


def test_a_run_that_stopped_early_trains_on_with_more_patience(nncli, config_file, digits_dir, tmp_path, monkeypatch):
    script = iter([(1.0, 0.5), (1.0, 0.6), (1.0, 0.6), (1.0, 0.4)])
    monkeypatch.setattr("nncli.training.loop.loss_and_error", lambda graph, batches: next(script))
    path = config_file(training={"epochs": 4, "early_stopping": {"patience": 1}})
    assert nncli("train", path, "--data-dir", digits_dir, "--run-dir", "run").code == 0
    stopped = "stopped early after epoch 2, with no improvement since epoch 1"
    advice = "to continue training, set a larger training.early_stopping.patience"
    assert nncli("train", "--resume", "run").err.startswith(f"note: {stopped}; {advice}\n")
    more = nncli("train", "--resume", "run", "--set", "training.epochs=9")
    assert_refused(more, 5, f"error: run: {stopped}; changing training.epochs has no effect; {advice}\n")
    document = json.loads(
        nncli("train", "--resume", "run", "--set", "training.early_stopping.patience=3", "--json").out
    )
    assert (document["epochs"], document["best"]["epoch"]) == (4, 4)
    less = nncli("train", "--resume", "run", "--set", "training.early_stopping.patience=2")
    assert_refused(less, 5, "a different training.early_stopping.patience (3, not 2)")


@pytest.mark.parametrize(
    ("overrides", "part"),
    [
        (["--set", "optimizer.learning_rate=0.5"], "optimizer.learning_rate (0.001, not 0.5); keep the original value"),
        (["--seed", "6"], "seed (5, not 6); keep the original value"),
        (
            ["--seed", "6", "--set", "optimizer.learning_rate=0.5"],
            "seed (5, not 6) and a different optimizer.learning_rate (0.001, not 0.5); keep the original values",
        ),
    ],
)
def test_resume_refuses_another_configuration(overrides, part, nncli, stopped_run):
    folder, command = stopped_run
    before = files_of(folder.path)
    for resume in ([*command, "--resume"], ["train", "--resume", "run"]):
        assert_refused(nncli(*resume, *overrides), 5, f"trained with a different {part}, or start a new run")
        assert files_of(folder.path) == before


def test_resume_refuses_other_data(nncli, stopped_run, digits_dir, tmp_path):
    folder, command = stopped_run
    other = tmp_path / "other"
    other.mkdir()
    for path in digits_dir.iterdir():
        content = path.read_bytes()
        (other / path.name).write_bytes(content[:-1] + bytes([(content[-1] + 1) % 10]))
    before = files_of(folder.path)
    assert_refused(nncli(*command, "--resume", "--data-dir", other), 5, "trained on different data")
    assert files_of(folder.path) == before


def in_other_form(folder, target):
    """Copy a folder of IDX files, the plain ones compressed and the compressed ones unpacked."""
    target.mkdir()
    for path in folder.iterdir():
        if path.suffix == ".gz":
            (target / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        else:
            (target / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    return target


@pytest.mark.parametrize("began", ["plain", "compressed"])
def test_data_that_was_compressed_or_unpacked_since_is_the_same(began, nncli, config_file, digits_dir, tmp_path):
    folders = {"plain": digits_dir, "compressed": in_other_form(digits_dir, tmp_path / "compressed")}
    then = folders.pop(began)
    [now] = folders.values()
    command = ["train", config_file(training={"epochs": 2}), "--run-dir", "run", "--data-dir"]
    assert nncli(*command, then).code == 0
    config_file(training={"epochs": 3})
    assert nncli(*command, now, "--resume").code == 0
    for folder in (then, now):
        assert nncli("evaluate", "run", "--split", "validation", "--data-dir", folder).code == 0


def test_resume_refuses_damaged_checkpoints(nncli, stopped_run):
    folder, command = stopped_run
    for path in (folder.last, folder.previous):
        path.write_bytes(path.read_bytes()[:-100])
    before = files_of(folder.path)
    assert_refused(nncli(*command, "--resume"), 5, "last.safetensors: corrupt")
    assert files_of(folder.path) == before


def test_resume_refuses_a_checkpoint_of_another_networks_shape(nncli, stopped_run, small_training):
    folder, command = stopped_run
    kept = checkpoint.load(folder.last)
    other = snapshot.take(small_training(model={"layers": [{"units": 13}, {"units": 10}]}))
    checkpoint.save(folder.last, dataclasses.replace(kept, tensors=other.tensors))
    before = files_of(folder.path)
    assert_refused(nncli(*command, "--resume"), 5, "does not match", "hidden1.weights")
    assert files_of(folder.path) == before


# Divergence


def test_divergence_exits_6_names_the_layer_and_keeps_the_last_good_checkpoint(
    nncli, config_file, digits_dir, tmp_path
):
    path = config_file(optimizer={"name": "sgd", "learning_rate": 1e30}, training={"checkpoint_every_steps": 1})
    ended = nncli("train", path, "--data-dir", digits_dir)
    assert_refused(ended, 6, "diverged in epoch 1, step 2", "optimizer.learning_rate")
    assert "hidden1" in ended.err or "output" in ended.err
    folder = RunFolder(tmp_path / "runs/small")
    assert manifest.read(folder.manifest).status == "diverged"
    assert checkpoint.load(folder.last).state["progress"]["step"] == 1


# Streams that nobody reads


@pytest.fixture
def broken_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_training_goes_on_where_nobody_reads_what_it_says(stream, broken_pipe, config_file, digits_dir, tmp_path):
    arguments = ["train", config_file(), "--data-dir", digits_dir, "--run-dir", tmp_path / "run"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: broken_pipe}
    ended = subprocess.run([sys.executable, "-m", "nncli", *arguments], text=True, check=False, **streams)
    assert ended.returncode == 0
    assert manifest.read(tmp_path / "run/manifest.json").status == "completed"
    if stream == "stderr":
        assert ended.stdout.startswith("run ")
    else:
        assert len(ended.stderr.splitlines()) == 3


@pytest.mark.parametrize(("rate", "at_chance"), [(1e-9, True), (0.01, False)])
@pytest.mark.parametrize("form", [(), ("--json", "-q")])
def test_a_training_that_ends_at_chance_says_what_to_try(rate, at_chance, form, nncli, config_file, digits_dir):
    path = config_file(optimizer={"learning_rate": rate}, training={"epochs": 10})
    ended = nncli("train", path, "--data-dir", digits_dir, *form)
    assert ended.code == 0
    notes = [
        line for line in ended.err.splitlines() if "no better than always predicting the most frequent class" in line
    ]
    assert len(notes) == at_chance
    assert all("smaller or larger than 1e-09," in line for line in notes)
