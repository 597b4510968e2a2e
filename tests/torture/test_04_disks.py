"""A disk that is full, read-only or gone: one clear error, what was there is whole, and the run goes on afterwards."""

import random
import shutil
import subprocess
import time

import pytest

from hostile.server import download, good, server
from nncli import durable
from nncli.errors import WriteError
from nncli.runs import checkpoint
from nncli.runs.folder import RunFolder

__all__ = ["server"]

WIDE = {"data": {"batch_size": 48}, "model": {"layers": [{"units": 24}, {"units": 10}]}}  # checkpoints of 78 kB
ENOUGH = 2 << 20
PAGE = 4096


def mount(folder, *options):
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own, and what changes its size or makes it read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount(folder, f"size={ENOUGH}"):
        pytest.skip("a small disk cannot be mounted here: it takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def adjust(disk):
    return lambda *options: subprocess.run(["mount", "-o", f"remount,{','.join(options)}", str(disk)], check=True)


def used(folder):
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*"))


def test_a_disk_that_fills_up_at_any_point_keeps_the_last_checkpoint(
    rounds, disk, adjust, nncli, config_file, digits_dir, tmp_path, kept
):
    path = config_file(**WIDE, training={"epochs": 4})
    arguments = ["train", path, "--data-dir", digits_dir, "--run-dir"]
    assert nncli(*arguments, tmp_path / "whole").code == 0
    expected, room = kept(tmp_path / "whole"), used(tmp_path / "whole")
    folder, failed = RunFolder(disk / "run"), 0
    for number in rounds(short=5, long=200):
        pages = round((0.02 + 1.4 * ((number * 0.618) % 1)) * room / PAGE)
        adjust(f"size={pages * PAGE}")
        ended = nncli(*arguments, folder.path)
        if ended.code:
            failed += 1
            assert ended.code == 5, ended.err
            assert [line[:7] for line in ended.err.splitlines() if not line.startswith("epoch ")] == ["error: "]
            assert "No space left on device" in ended.err
            if folder.last.exists():
                said = sum(line.startswith("epoch ") for line in ended.err.splitlines())
                assert checkpoint.load(folder.last).state["progress"]["epoch"] >= said
        adjust(f"size={ENOUGH}")
        resume = ["--resume"] if folder.manifest.exists() else []
        again = nncli(*arguments, folder.path, *resume)
        assert again.code == 0, again.err
        assert kept(folder.path) == expected
        assert not [file for file in folder.path.rglob("*") if durable.is_temporary(file)]
        shutil.rmtree(folder.path)
    assert failed
    rounds.measured("disks that filled up", failed)


def test_a_full_disk_keeps_the_picture_that_was_there(rounds, disk, adjust, nncli, config_file, digits_dir, tmp_path):
    assert nncli("train", config_file(**WIDE), "--data-dir", digits_dir, "--run-dir", tmp_path / "run").code == 0
    picture = disk / "features.png"
    command = ["visualize-features", tmp_path / "run", "--output", picture]
    assert nncli(*command).code == 0
    before = picture.read_bytes()
    for _ in rounds(short=1, long=10):
        adjust(f"size={used(disk) + PAGE}")
        ended = nncli(*command)
        assert (ended.code, ended.out, ended.err.count("\n")) == (5, "", 1), ended.err
        assert "No space left on device" in ended.err
        assert picture.read_bytes() == before
        assert list(disk.iterdir()) == [picture]


def test_a_full_disk_ends_a_download(rounds, disk, adjust, server):
    mirror = server.mirror("only", good)
    for number in rounds(short=1, long=10):
        adjust(f"size={(1 + number) * PAGE}")
        with pytest.raises(WriteError, match=r"cannot be written: No space left on device; .*try again"):
            download(disk / "cache", mirror)
        assert not list(disk.rglob("*.gz"))
        shutil.rmtree(disk / "cache", ignore_errors=True)


def test_a_read_only_folder_is_read_and_not_written(rounds, disk, adjust, nncli, config_file, digits_dir):
    path = config_file(**WIDE)
    arguments = ["train", path, "--data-dir", digits_dir, "--run-dir"]
    assert nncli(*arguments, disk / "run").code == 0
    before = {file: file.read_bytes() for file in disk.rglob("*") if file.is_file()}
    adjust("ro")
    for _ in rounds(short=1, long=5):
        commands = (
            ([*arguments, disk / "run", "--resume"], 5),
            ([*arguments, disk / "run", "--force"], 5),
            ([*arguments, disk / "new"], 5),
            (["visualize-features", disk / "run"], 5),
            (["evaluate", disk / "run", "--data-dir", digits_dir, "--json"], 0),
        )
        for command, code in commands:
            ended = nncli(*command)
            assert (ended.code, ended.err.count("\n")) == (code, code and 1), ended.err
            assert code == 0 or "Read-only file system" in ended.err
    assert {file: file.read_bytes() for file in disk.rglob("*") if file.is_file()} == before
    adjust("rw")


@pytest.mark.long
def test_a_folder_removed_under_a_training_ends_it_with_one_error(rounds, start, config_file, digits_dir, tmp_path):
    config_file(**WIDE, training={"epochs": 1_000_000, "checkpoint_every_steps": 1})
    chance = random.Random(8)
    for number in rounds(short=1, long=40):
        part = ("", "checkpoints")[number % 2]
        run = tmp_path / f"run {number}"
        process = start("train", "small.yaml", "--data-dir", digits_dir, "--run-dir", run)
        process.stderr.readline()
        time.sleep(chance.uniform(0, 0.2))
        gone = tmp_path / f"gone {number}"
        (run / part).rename(gone)  # at once: rmtree takes a while, and files are made meanwhile
        _, err = process.communicate(timeout=60)
        lines = [line for line in err.splitlines() if not line.startswith("epoch ")]
        assert process.returncode == 5, err
        assert len(lines) == 1
        assert lines[0].startswith("error: "), err
        assert "does not exist; create it" in lines[0]
        assert run.exists() == bool(part)
        checkpoint.load((RunFolder(gone).checkpoints if not part else gone) / "last.safetensors")
