"""A shim that drops what was not fsynced, at every point of a training's writes: the run still goes on exactly."""

import itertools
import os
import random
import shutil
from pathlib import Path

import pytest

from nncli.runs import checkpoint, recorder
from nncli.runs.folder import RunFolder

SMALL = {
    "data": {"batch_size": 120},
    "model": {"layers": [{"units": 10}]},
    "optimizer": {"name": "momentum"},
    "training": {"epochs": 3, "checkpoint_every_steps": 1},
}


class Disk:
    """What a disk is sure to hold of a folder: names as last synced with it, bytes as last synced.

    Before every operation it notes the states in which a power cut could leave the folder: each name that is not
    synced as it was or as it is, each file that is not synced as it was, cut in half, or as it is.
    """

    def __init__(self, root):
        self.root = root
        self.files = {}  # inode -> descriptor, held so that no other file gets the inode
        self.synced = {}  # inode -> bytes
        self.names = {}  # folder, relative to the root -> {name: inode or None for a folder}
        self.acknowledged = 0  # the step of the newest checkpoint said to be safe
        self.cuts = []  # (step acknowledged, {relative path: bytes, or None for a folder})

    def entries(self, folder):
        found = {}
        for entry in os.scandir(self.root / folder):
            found[entry.name] = None if entry.is_dir() else entry.inode()
            if entry.is_file() and entry.inode() not in self.files:
                self.files[entry.inode()] = os.open(entry.path, os.O_RDONLY)
        return found

    def content(self, inode):
        return os.pread(self.files[inode], 1 << 20, 0)

    def note(self):
        """Note what a power cut could leave now."""
        if not self.root.exists():
            return
        seen = {folder: self.entries(folder) for folder in ("", "checkpoints") if (self.root / folder).is_dir()}
        loose = [
            (folder, name)
            for folder, now in seen.items()
            for name in sorted({*now, *self.names.get(folder, {})})
            if now.get(name, 0) != self.names.get(folder, {}).get(name, 0)
        ]
        for there in itertools.product((False, True), repeat=len(loose)):
            for part in (0.0, 0.5, 1.0):
                self.cuts.append((self.acknowledged, self.state(seen, dict(zip(loose, there, strict=True)), part)))

    def state(self, seen, loose, part):
        files = {}
        for folder, now in seen.items():
            if folder and "checkpoints" not in files:
                continue  # the folder itself was lost
            was = self.names.get(folder, {})
            for name in sorted({*now, *was}):
                entries = now if loose.get((folder, name), True) else was
                if name in entries:
                    files[f"{folder}/{name}".lstrip("/")] = self.survivor(entries[name], part)
        return files

    def survivor(self, inode, part):
        if inode is None:
            return None
        safe, whole = self.synced.get(inode, b""), self.content(inode)
        return whole if part == 1 else safe + whole[len(safe) : int(len(safe) + part * (len(whole) - len(safe)))]

    def sync(self, descriptor):
        """Make a file's bytes, or a folder's names, sure."""
        where = os.fstat(descriptor)
        for folder in ("", "checkpoints"):
            path = self.root / folder
            if path.exists() and os.path.samestat(path.stat(), where):
                self.names[folder] = self.entries(folder)
        if where.st_ino in self.files:
            self.synced[where.st_ino] = self.content(where.st_ino)

    def acknowledging(self, save):
        def saved(path, kept, **options):
            save(path, kept, **options)
            if path.name == "last.safetensors":
                self.acknowledged = kept.state["progress"]["step"]

        return saved

    def watch(self, patch):
        """Hang this disk between the program and the operating system."""

        def noting(original):
            def operation(*arguments, **options):
                self.note()
                return original(*arguments, **options)

            return operation

        fsync = os.fsync

        def synced(descriptor):
            self.note()
            fsync(descriptor)
            self.sync(descriptor)

        patch.setattr(os, "fsync", synced)
        patch.setattr(recorder, "save", self.acknowledging(checkpoint.save))
        for name in ("replace", "hardlink_to", "unlink", "mkdir", "open"):
            patch.setattr(Path, name, noting(getattr(Path, name)))


def put(files, folder):
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path / "run")
    yield disk
    for descriptor in disk.files.values():
        os.close(descriptor)


@pytest.mark.parametrize("start", ["new", "resumed"])
def test_whatever_a_power_cut_leaves_the_run_goes_on_exactly(
    start, rounds, disk, nncli, config_file, digits_dir, tmp_path, kept, monkeypatch
):
    path = config_file(**SMALL)
    arguments = ["train", path, "--data-dir", digits_dir, "--run-dir"]
    assert nncli(*arguments, "whole").code == 0
    expected = kept(tmp_path / "whole")
    more = []
    if start == "resumed":
        assert nncli(*arguments, disk.root, "--set", "training.epochs=2").code == 0
        disk.names = {folder: disk.entries(folder) for folder in ("", "checkpoints")}
        disk.synced = {inode: disk.content(inode) for inode in disk.files}
        disk.acknowledged = 4
        more = ["--resume"]
    with monkeypatch.context() as patch:
        disk.watch(patch)
        assert nncli(*arguments, disk.root, *more).code == 0
    assert kept(disk.root) == expected
    cuts = list({(step, tuple(sorted(files.items()))): (step, files) for step, files in disk.cuts}.values())
    assert len(cuts) > 100
    random.Random(1).shuffle(cuts)
    for number in rounds(short=12, long=len(cuts)):
        step, files = cuts[number]
        left = RunFolder(tmp_path / "left")
        shutil.rmtree(left.path, ignore_errors=True)
        put(files, left.path)
        if step:
            assert checkpoint.load(left.last).state["progress"]["step"] >= step
        resume = ["--resume"] if left.manifest.exists() or left.config.exists() else []
        ended = nncli(*arguments, left.path, *resume)
        assert ended.code == 0, f"{ended.err}{sorted(files)}"
        assert kept(left.path) == expected
