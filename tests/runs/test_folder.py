"""One training at a time in a run folder, and no run overwritten by accident."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from nncli.errors import RunError, WriteError
from nncli.runs import checkpoint, manifest
from nncli.runs.checkpoint import Checkpoint
from nncli.runs.folder import RunFolder, resolve
from nncli.runs.manifest import Data, Manifest

HOLD = """
import pathlib, sys
from nncli.runs import manifest
from nncli.runs.folder import RunFolder
with RunFolder.create(pathlib.Path(sys.argv[1])) as folder:
    manifest.write(folder.manifest, manifest.Manifest(command=[], seed=1, data=manifest.Data(name="idx", sha256={})))
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def training_elsewhere(path):
    """A process that trains in the folder until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "locked\n"
        yield process
    finally:
        process.communicate()


def make_run(path, *, best=True):
    with RunFolder.create(path) as folder:
        manifest.write(folder.manifest, Manifest(command=[], seed=1, data=Data(name="idx", sha256={})))
        folder.config.write_text("name: a\n")
        folder.metrics.write_text("")
        checkpoint.save(folder.last, Checkpoint({}))
        if best:
            checkpoint.save(folder.best, Checkpoint({}))
    return folder


def names(path):
    return sorted(file.name for file in path.iterdir())


@pytest.mark.parametrize("exists", [False, True])
def test_a_new_run_gets_its_folders(tmp_path, exists):
    path = tmp_path / "runs" / "ein Lauf 'ö'"
    if exists:
        path.mkdir(parents=True)
    with RunFolder.create(path) as folder:
        assert folder.last.parent.is_dir()
        assert folder.best == path / "checkpoints" / "best.safetensors"


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    for mode in ("new", "force"):
        with pytest.raises(RunError, match=r"not empty, and not an nncli run; choose another --run-dir$"):
            RunFolder.create(tmp_path, mode)
    assert names(tmp_path) == ["letter.txt"]


def test_a_finished_run_is_refused_resumed_or_replaced(tmp_path):
    folder = make_run(tmp_path / "a")
    with pytest.raises(RunError, match="not empty; continue its run with --resume, replace it with --force,"):
        RunFolder.create(folder.path)
    with RunFolder.create(folder.path, "resume"):
        assert folder.last.exists()
        assert folder.config.exists()
    (folder.path / "notes.txt").write_text("mine")
    with RunFolder.create(folder.path, "force"):
        assert not list(folder.checkpoints.iterdir())
        assert not folder.config.exists()
        assert (folder.path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("present", [[], ["letters"], ["checkpoints"]])
def test_there_must_be_a_run_to_resume(tmp_path, present):
    for name in present:
        (tmp_path / name).mkdir()
    with pytest.raises(RunError, match="no run to resume"):
        RunFolder.create(tmp_path, "resume")
    with pytest.raises(RunError, match="no run to resume"):
        RunFolder.create(tmp_path / "none", "resume")
    assert names(tmp_path) == present


def test_a_folder_that_only_a_killed_start_touched_counts_as_empty(tmp_path):
    with RunFolder.create(tmp_path / "a"):
        pass
    with RunFolder.create(tmp_path / "a") as folder:
        assert folder.checkpoints.is_dir()


@pytest.mark.parametrize("name", [".lock", ".owner"])
def test_a_persons_file_of_the_locks_name_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("mine")
    for mode in ("new", "force", "resume"):
        for take in (RunFolder.check, RunFolder.create):
            with pytest.raises(RunError, match=r"not an nncli run|no run to resume"):
                take(tmp_path, mode)
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_the_manifest_of_a_replaced_run_stays_until_the_next_is_written(tmp_path):
    folder = make_run(tmp_path / "a")
    (folder.path / "notes.txt").write_text("mine")
    RunFolder.create(folder.path, "force").close()  # killed here, the folder is still nncli's
    assert names(folder.path) == [".lock", "checkpoints", "manifest.json", "notes.txt"]
    RunFolder.create(folder.path, "force").close()


def test_a_run_is_removed_checkpoints_first(tmp_path, monkeypatch):
    folder, removed, unlink = make_run(tmp_path / "a"), [], Path.unlink

    def noting(path, **options):
        removed.append(path.name)
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", noting)
    RunFolder.create(folder.path, "force").close()
    checkpoints = [f"{name}.safetensors" for name in ("previous", "last", "best")]
    others = ["metrics.jsonl", "metrics.csv", "test.json", "config.yaml"]
    assert [name for name in removed if name[0] != "."] == [*checkpoints, *others]


def test_a_unique_folder_is_the_first_that_is_empty_and_free(tmp_path, monkeypatch):
    make_run(tmp_path / "a")
    (tmp_path / "a-3").mkdir()
    with RunFolder.create(tmp_path / "a", "unique") as second:
        assert second.path == tmp_path / "a-2"
        assert RunFolder.check(tmp_path / "a", "unique") == tmp_path / "a-3"
        with RunFolder.create(tmp_path / "a", "unique") as third:
            assert third.path == tmp_path / "a-3"
    monkeypatch.chdir(tmp_path / "a")
    assert RunFolder.check(Path(), "unique") == tmp_path / "a-2"
    with pytest.raises(WriteError, match="is a file"):
        RunFolder.create(tmp_path / "a" / "config.yaml", "unique")


def test_stale_temporaries_are_cleaned_by_the_next_start(tmp_path):
    folder = make_run(tmp_path / "a")
    stale = [folder.path / ".manifest.json.00000000.tmp", folder.checkpoints / ".last.safetensors.11111111.tmp"]
    for file in stale:
        file.write_bytes(b"half")
    with RunFolder.create(folder.path, "resume"):
        assert not any(file.exists() for file in stale)
        assert folder.last.exists()


def test_a_second_process_is_refused_and_told_whose_the_folder_is(tmp_path):
    path = tmp_path / "a"
    with training_elsewhere(path) as first:
        (path / ".manifest.json.00000000.tmp").write_bytes(b"being written")
        for mode in ("new", "resume", "force"):
            with pytest.raises(RunError, match=f"in use by process {first.pid};"):
                RunFolder.create(path, mode)
        assert (path / "manifest.json").exists()
        assert (path / ".manifest.json.00000000.tmp").exists()


def test_a_killed_process_leaves_the_folder_to_the_next(tmp_path):
    path = tmp_path / "a"
    with training_elsewhere(path) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        with RunFolder.create(path, "resume") as folder:
            assert folder.manifest.exists()


def test_a_second_start_in_the_same_process_is_refused_too(tmp_path):
    with RunFolder.create(tmp_path / "a"), pytest.raises(RunError, match=f"in use by process {os.getpid()};"):
        RunFolder.create(tmp_path / "a", "force")


def test_the_folder_is_free_after_close_and_after_an_error(tmp_path):
    first = RunFolder.create(tmp_path / "a")
    first.close()
    first.close()

    def stop():
        with RunFolder.create(tmp_path / "a"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    RunFolder.create(tmp_path / "a").close()


def test_paths_that_cannot_be_a_folder_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("file", "file/below", "loop", "x" * 300):
        for mode in ("new", "unique", "resume", "force"):
            with pytest.raises((RunError, WriteError)):
                RunFolder.create(tmp_path / name, mode)


def test_a_folder_reached_through_a_link_is_the_same_folder(tmp_path):
    make_run(tmp_path / "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with (
        RunFolder.create(tmp_path / "a", "resume"),
        pytest.raises(RunError, match="in use"),
    ):
        RunFolder.create(tmp_path / "link", "resume")


def test_resolve_finds_the_checkpoint(tmp_path):
    folder = make_run(tmp_path / "a")
    assert resolve(folder.path) == folder.best
    assert resolve(folder.path, "last") == folder.last
    assert resolve(folder.last) == folder.last


def test_resolve_says_what_is_missing_and_what_to_use(tmp_path):
    with pytest.raises(RunError, match=r"none: no such run or checkpoint; .*nncli train"):
        resolve(tmp_path / "none")
    with pytest.raises(RunError, match="File name too long"):
        resolve(tmp_path / ("x" * 300))
    with pytest.raises(RunError, match="no checkpoint in this folder"):
        resolve(tmp_path)
    folder = make_run(tmp_path / "a", best=False)
    with pytest.raises(RunError, match=r"a folder of runs, such as .*a; list them with: nncli runs"):
        resolve(tmp_path)
    with pytest.raises(RunError, match=r"no best checkpoint, but there is .*last\.safetensors"):
        resolve(folder.path)
