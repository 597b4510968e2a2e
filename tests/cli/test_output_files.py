"""Every command that writes a file refuses a place that cannot be written alike: before any work, and naming it."""

import errno
import os
from pathlib import Path
from typing import get_type_hints

import click
import pytest

from nncli.cli import lab
from nncli.cli.main import group, main
from nncli.cli.options import OutputFile
from nncli.lab.demonstration import Illustrated

ADVICE = "create it, or choose another path"


def written(command, path=()):
    """Every command line that names a file to write, but for the file's name, and the suffix of that."""
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from written(command.get_command(click.Context(command), name), [*path, name])
    for parameter in command.params:
        if isinstance(parameter.type, OutputFile):
            yield [*path, parameter.opts[0]], parameter.type.formats[0]


FILES = [(["config", "new"], ""), *written(group)]


@pytest.fixture(autouse=True)
def before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").write_bytes(b"what was there before")
    for suffix in {suffix for _, suffix in FILES}:
        Path(f"folder{suffix}").mkdir()
        os.mkfifo(f"pipe{suffix}")
    return set(Path().rglob("*"))


def test_every_figure_and_table_is_found():
    runs = {name: entry.load() for name, entry in lab.command.entries.items()}
    expected = {f"lab {name} --output" for name, run in runs.items() if get_type_hints(run)["return"] is Illustrated}
    expected |= {
        "data preview --output",
        "evaluate --predictions",
        "compare --output",
        "plot --output",
        "report --output",
        "sweep show --output",
        "visualize-features --output",
        "config new",
    }
    assert {" ".join(arguments) for arguments, _ in FILES} == expected


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("missing/x", f"the folder missing does not exist; {ADVICE}"),
        ("file/x", "file is a file, not a folder; choose another path"),
        ("folder", "it is a folder; choose a file in it"),
        ("pipe", "it is a device or a pipe; choose another path"),
    ],
)
@pytest.mark.parametrize(("arguments", "suffix"), FILES)
def test_a_place_that_cannot_be_written(arguments, suffix, place, why, before, capsys):
    assert main([*arguments, f"{place}{suffix}"]) == 5
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"error: {place}{suffix}: cannot be written: {why}\n"
    assert set(Path().rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["config", "new", "old.yaml", "--force"],
        ["data", "preview", "idx", "--data-dir", "lamps", "--output", "old.svg"],
        ["lab", "threshold-limit", "--output", "old.png"],
        ["visualize-features", "run", "--output", "old.pdf"],
    ],
)
def test_a_full_disk_leaves_the_old_file(arguments, lamp_run, monkeypatch, capsys):
    path = Path(next(argument for argument in arguments if argument.startswith("old")))
    path.write_bytes(b"old")
    before = set(Path().rglob("*"))

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert main(arguments) == 5
    advice = "nothing was overwritten. Free up disk space or fix the permissions, and try again"
    assert capsys.readouterr().err == f"error: {path}: cannot be written: No space left on device; {advice}\n"
    assert path.read_bytes() == b"old"
    assert set(Path().rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes to read-only folders")
def test_a_folder_that_is_read_only(tmp_path, capsys):
    (tmp_path / "data").mkdir(mode=0o500)
    assert main(["lab", "activations", "--output", "data/x.svg"]) == 5
    assert capsys.readouterr().err.startswith("error: data/x.svg: cannot be written: Permission denied; ")
