"""A file is replaced whole or not at all, whatever fails on the way."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from nncli import durable
from nncli.errors import WriteError


def fail(code):
    def operation(*arguments, **options):
        raise OSError(code, os.strerror(code))

    return operation


def test_pieces_are_joined_and_nothing_else_stays(tmp_path):
    durable.write(tmp_path / "a", [b"one ", memoryview(b"two")])
    durable.write(tmp_path / "a", [b"three"])
    assert (tmp_path / "a").read_bytes() == b"three"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("operation", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.open"])
def test_a_failure_leaves_the_old_file_whole(tmp_path, monkeypatch, operation, code):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(operation, fail(code))
        with pytest.raises(WriteError) as caught:
            durable.write(path, [b"new"])
    message = str(caught.value)
    assert message.startswith(f"{path}: cannot be written: {os.strerror(code)}")
    forbidden = code in (errno.EROFS, errno.EACCES)
    assert ("choose another path, or fix the permissions" if forbidden else "Free up disk space") in message
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_a_failure_half_way_through_the_pieces_leaves_the_old_file_whole(tmp_path):
    def pieces():
        yield b"new"
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(WriteError, match="No space left"):
        durable.write(tmp_path / "a", pieces())
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"old")]


def test_an_interrupt_passes_through_and_leaves_the_old_file_whole(tmp_path, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            durable.write(tmp_path / "a", [b"new"])
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"old")]


def test_the_content_is_synced_before_the_name_and_the_name_before_the_return(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        calls.append("sync folder" if is_folder else "sync file")
        fsync(descriptor)

    def note_replace(path, target):
        calls.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    durable.write(tmp_path / "a", [b"new"])
    assert calls == ["sync file", "rename", "sync folder"]


def test_a_file_takes_the_place_of_another_and_the_folder_is_synced(tmp_path, monkeypatch):
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")
    durable.move(tmp_path / "a", tmp_path / "b")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("b", b"1")]
    assert synced == [tmp_path]


def test_a_file_that_cannot_take_anothers_place_is_named(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").mkdir()
    with pytest.raises(WriteError, match="b: cannot be written"):
        durable.move(tmp_path / "a", tmp_path / "b")


def test_previous_keeps_what_was_replaced(tmp_path):
    path, previous = tmp_path / "a", tmp_path / "before"
    for version in (b"1", b"2", b"3"):
        durable.write(path, [version], previous=previous)
    assert (path.read_bytes(), previous.read_bytes()) == (b"3", b"2")
    assert sorted(tmp_path.iterdir()) == [path, previous]


def test_a_crash_at_any_rename_leaves_two_whole_and_different_versions(tmp_path, monkeypatch):
    path, previous = tmp_path / "a", tmp_path / "before"
    replace = Path.replace
    for crash_at in (0, 1):
        for version in (b"1", b"2"):
            durable.write(path, [version], previous=previous)
        renames: list[str] = []

        def crash(source, target, renames=renames, crash_at=crash_at):
            renames.append(target)
            if len(renames) > crash_at:
                raise KeyboardInterrupt
            return replace(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", crash)
            with pytest.raises(KeyboardInterrupt):
                durable.write(path, [b"3"], previous=previous)
        assert (path.read_bytes(), previous.read_bytes()) == ((b"2", b"1"), (b"3", b"1"))[crash_at]
        assert sorted(tmp_path.iterdir()) == [path, previous]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_failing_link_leaves_both_whole(tmp_path, monkeypatch, code):
    path, previous = tmp_path / "a", tmp_path / "before"
    for version in (b"1", b"2"):
        durable.write(path, [version], previous=previous)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "hardlink_to", fail(code))
        with pytest.raises(WriteError, match="cannot be written"):
            durable.write(path, [b"3"], previous=previous)
    assert (path.read_bytes(), previous.read_bytes()) == (b"2", b"1")
    assert sorted(tmp_path.iterdir()) == [path, previous]


def test_previous_without_hard_links(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", fail(errno.EPERM))
    path, previous = tmp_path / "a", tmp_path / "before"
    for version in (b"1", b"2"):
        durable.write(path, [version], previous=previous)
    assert (path.read_bytes(), previous.read_bytes()) == (b"2", b"1")


def test_a_failing_rename_to_previous_leaves_both_whole(tmp_path, monkeypatch):
    path, previous = tmp_path / "a", tmp_path / "before"
    path.write_bytes(b"2")
    previous.write_bytes(b"1")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail(errno.EIO))
        with pytest.raises(WriteError, match="Input/output error"):
            durable.write(path, [b"3"], previous=previous)
    assert (path.read_bytes(), previous.read_bytes()) == (b"2", b"1")
    assert sorted(tmp_path.iterdir()) == [path, previous]


def test_twenty_readers_never_see_a_torn_file(tmp_path):
    path = tmp_path / "a"
    versions = [bytes([number]) * (50_000 + number) for number in range(25)]
    durable.write(path, [versions[0]])
    whole, torn, stop = set(versions), [], threading.Event()
    seen = set()

    def read():
        while not stop.wait(0.001):
            content = path.read_bytes()
            seen.add(len(content))
            if content not in whole:
                torn.append(len(content))

    readers = [threading.Thread(target=read) for _ in range(20)]
    for reader in readers:
        reader.start()
    for version in versions:
        durable.write(path, [version[:30_000], version[30_000:]], previous=tmp_path / "before")
    stop.set()
    for reader in readers:
        reader.join()
    assert not torn
    assert seen


def test_the_file_behind_a_link_is_replaced(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name, target in (("a", "elsewhere/real"), ("b", "a"), ("lost", "missing/a"), ("loop", "loop")):
        (tmp_path / name).symlink_to(target)
    for version in (b"1", b"2"):  # the link dangles at first
        durable.expect_writable(tmp_path / "b")
        durable.write(tmp_path / "b", [version])
        assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [("real", version)]
    for write in (durable.expect_writable, lambda path: durable.write(path, [b"3"])):
        with pytest.raises(WriteError, match=f"lost: .* the folder {tmp_path}/missing does not exist"):
            write(tmp_path / "lost")
    durable.write(tmp_path / "loop", [b"3"])
    assert {each.name for each in tmp_path.iterdir() if each.is_symlink()} == {"a", "b", "lost"}
    assert (tmp_path / "loop").read_bytes() == b"3"


def test_a_link_itself_is_replaced_if_the_previous_version_is_kept(tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"1")
    (tmp_path / "a").symlink_to("elsewhere")
    durable.write(tmp_path / "a", [b"2"], previous=tmp_path / "before")
    assert [(tmp_path / name).read_bytes() for name in ("a", "before", "elsewhere")] == [b"2", b"1", b"1"]


def test_make_folder_makes_the_folders_above(tmp_path):
    durable.make_folder(tmp_path / "a" / "b" / "c")
    durable.make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_make_folder_at_or_below_a_file_is_refused(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"")
    for folder in (file, file / "b", file / "b" / "c"):
        with pytest.raises(WriteError) as caught:
            durable.make_folder(folder)
        assert str(caught.value).endswith(f": cannot be written: {file} is a file, not a folder; choose another path")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(WriteError, match="link is a broken link, not a folder; choose another path"):
        durable.make_folder(tmp_path / "link" / "b")


def test_only_temporaries_are_stale(tmp_path):
    for name in (".a.0badcafe.tmp", "a.tmp", ".hidden", ".note.tmp", "a"):
        (tmp_path / name).write_bytes(b"")
    durable.remove_stale(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [".hidden", ".note.tmp", "a", "a.tmp"]
