"""Which folder data is read from, and that what was read is what is recorded and said."""

import json
import shlex
import shutil

import pytest

from nncli.config.load import load
from nncli.runs import checkpoint
from nncli.runs.folder import RunFolder


def options_of(layers):
    """Give the options that name the folders of some layers."""
    given = []
    if "--set" in layers:
        given += ["--set", "data.dir=by set"]
    if "--data-dir" in layers:
        given += ["--data-dir", "by option"]
    return given


@pytest.mark.parametrize(
    ("layers", "winner", "origin"),
    [
        (["file"], "in file", "small.yaml:3:8"),
        (["file", "variable"], "by variable", "NNCLI_DATA_DIR"),
        (["file", "variable", "--set"], "by set", "--set"),
        (["file", "--set"], "by set", "--set"),
        (["variable", "--data-dir"], "by option", None),
        (["file", "variable", "--set", "--data-dir"], "by option", None),
    ],
)
def test_an_option_beats_the_variable_and_that_the_file(
    layers, winner, origin, nncli, config_file, digits_dir, tmp_path, monkeypatch
):
    (tmp_path / winner).symlink_to(digits_dir)  # the others do not exist
    config_file(data={"dir": "in file"} if "file" in layers else {})
    if "variable" in layers:
        monkeypatch.setenv("NNCLI_DATA_DIR", "by variable")
    ended = nncli("train", "small.yaml", *options_of(layers), "--set", "training.epochs=1", "--run-dir", "run")
    assert ended.code == 0, ended.err
    folder = RunFolder(tmp_path / "run")
    for recorded in (load(folder.config).config.data.dir, checkpoint.load(folder.best).config["data"]["dir"]):
        assert recorded == str(tmp_path / winner)
    assert nncli("graph", "small.yaml", *options_of(layers)).code == 0
    if origin:  # config show has no --data-dir
        shown = nncli("config", "show", "small.yaml", *options_of(layers)).out.splitlines()
        (line,) = [each for each in shown if each.startswith("  dir: ")]
        assert line.split("  # ")[1] == origin
        assert winner in line


@pytest.mark.parametrize("variable", ["", None])
def test_a_variable_that_is_empty_is_none(variable, nncli, config_file, digits_dir, tmp_path, monkeypatch):
    if variable is not None:
        monkeypatch.setenv("NNCLI_DATA_DIR", variable)
    assert nncli("train", config_file(data={"dir": str(digits_dir)})).code == 0


def test_no_folder_is_recorded_where_none_was_read(nncli, config_file, few_drawn_digits, tmp_path, monkeypatch):
    monkeypatch.setenv("NNCLI_DATA_DIR", str(tmp_path))
    for data in ({"name": "synthetic-digits"}, {"name": "mnist", "fallback": "synthetic-digits"}):
        assert nncli("train", config_file(data=data), "--force").code == 0
        assert load(tmp_path / "runs/small/config.yaml").config.data.dir is None


def test_a_wrong_section_is_reported_once_whatever_the_variable_says(nncli, config_file, monkeypatch):
    monkeypatch.setenv("NNCLI_DATA_DIR", "elsewhere")
    config_file().write_text("model: {layers: [{units: 10}]}\ndata: 5\n")
    assert nncli("config", "show", "small.yaml").err.startswith("error: small.yaml:2:7: data: ")
    assert nncli("config", "show", "small.yaml").err.count("\n") == 1


def test_a_folder_whose_name_cannot_be_recorded_is_refused(nncli, config_file, digits_dir, tmp_path):
    shutil.copytree(digits_dir, tmp_path / "bad\udcff")
    ended = nncli("train", config_file(), "--data-dir", "bad\udcff")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("error: bad\\xff: a folder whose name is not UTF-8 cannot be recorded")


# A run's own data


@pytest.fixture
def trained(nncli, config_file, digits_dir, tmp_path):
    """A run on a folder that only its training named, and the command it said comes next."""
    shutil.copytree(digits_dir, tmp_path / "digits")
    ended = nncli("train", config_file(), "--data-dir", "digits", "--run-dir", "run")
    (said,) = [line for line in ended.out.splitlines() if line.startswith("next")]
    return shlex.split(said)[2:]


def test_the_next_step_works_as_printed_wherever_the_variable_points(trained, nncli, tmp_path, monkeypatch):
    assert trained == ["evaluate", "run"]
    monkeypatch.setenv("NNCLI_DATA_DIR", "nowhere")
    ended = nncli(*trained, "-v")
    assert ended.code == 0, ended.err
    assert ended.err.startswith(f"idx from {tmp_path / 'digits'}; evaluated in ")
    monkeypatch.chdir("/")
    assert nncli("evaluate", tmp_path / "run").code == 0
    assert "nowhere: " in nncli("evaluate", tmp_path / "run", "--data-dir", "nowhere").err


@pytest.mark.parametrize("command", [["evaluate", "run"], ["train", "--resume", "run"]])
def test_data_that_has_moved_is_found_by_the_variable_or_asked_for(command, trained, nncli, tmp_path, monkeypatch):
    (tmp_path / "digits").rename(tmp_path / "moved")
    warning = f"warning: the data folder recorded for this run does not exist: {tmp_path / 'digits'}"
    lost = nncli(*command)
    assert (lost.code, lost.out) == (4, "")
    assert lost.err.splitlines() == [
        warning,
        "error: data.name: idx requires a folder of files; use --data-dir or set data.dir",
    ]
    monkeypatch.setenv("NNCLI_DATA_DIR", "moved")
    found = nncli(*command, "-q")
    assert found.code == 0
    assert found.err.splitlines()[0] == f"{warning}; reading moved instead"
    named = nncli(*command, "-q", "--data-dir", "moved")
    assert (named.code, "warning" in named.err) == (0, False)


def test_a_run_resumed_with_the_file_it_began_with_reads_its_own_data_too(trained, nncli):
    ended = nncli("train", "small.yaml", "--run-dir", "run", "--resume", "--set", "training.epochs=4")
    assert ended.code == 0, ended.err
    assert "epoch 4/4" in ended.err


def test_without_test_files_the_next_step_evaluates_another_split(nncli, config_file, digits_dir, tmp_path):
    folder = tmp_path / "train only"
    folder.mkdir()
    for path in digits_dir.glob("train-*"):
        (folder / path.name).symlink_to(path)
    for validation, split in ((60, "validation"), (0, "train")):
        config_file(data={"validation": validation})
        ended = nncli("train", "small.yaml", "--data-dir", folder, "--force")
        words = shlex.split(ended.out.splitlines()[-1])[1:]
        assert words == ["nncli", "evaluate", "runs/small", "--split", split]
        assert json.loads(nncli(*words[1:], "--json").out)["split"] == split
