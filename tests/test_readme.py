"""The README names every command, what it points at exists, and its command blocks run as they stand."""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from nncli.cli.main import group
from nncli.config.load import from_mapping, load, to_mapping, to_yaml
from nncli.data import load as data_loading
from nncli.data import sources

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:^    (?:nncli|make) .*\n)+", README, re.MULTILINE)


def commands(root: click.Group, prefix: str = "nncli") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    context = click.Context(root)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        found.append((f"{prefix} {name}", command))
        if isinstance(command, click.Group) and name != "lab":  # the lab's README lists the demonstrations
            found += commands(command, f"{prefix} {name}")
    return found


@pytest.mark.parametrize("name", [name for name, _ in commands(group)])
def test_readme_shows_every_command(name: str) -> None:
    assert (
        f"    {name} " in README
        or f"    {name}\n" in README
        or any(other.startswith(f"{name} ") and f"    {other} " in README for other, _ in commands(group))
    )


@pytest.mark.parametrize(("name", "command"), commands(group))
def test_every_command_has_a_summary_and_an_example(name: str, command: click.Command) -> None:
    text = command.help or ""
    assert re.match(r"[A-Z].*\.\n", text), text
    assert f"Example:\n  {name}" in text


@pytest.mark.parametrize("path", sorted(set(re.findall(r"experiments/[\w/-]+\.yaml", README))))
def test_the_configurations_it_names_exist(path: str) -> None:
    assert (ROOT / path).is_file()


def shrunken(path: Path) -> str:
    """Return a configuration with small layers, a small validation split and one epoch."""
    mapping = to_mapping(load(path).config)
    for layer in mapping["model"]["layers"][:-1]:
        layer["units"] = layer["local"]["grid"] ** 2 if layer["local"] else 12
    mapping["data"] |= {"validation": 60, "batch_size": 64}
    mapping["training"]["epochs"] = 1
    return to_yaml(from_mapping(mapping))


@pytest.fixture
def project(tmp_path: Path, digits_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with what the README's commands need, an MNIST of a few digits in the cache included."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for path in (ROOT / "experiments").rglob("*.yaml"):
        if path.name != "literature.yaml" and path.parent.name != "sweeps":
            copied = tmp_path / path.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_text(shrunken(path), encoding="utf-8")
    cache = tmp_path / "cache" / "nncli" / "mnist"
    cache.mkdir(parents=True)
    files = []
    for plain in sorted(digits_dir.iterdir()):
        packed = gzip.compress(plain.read_bytes(), 1)
        (cache / f"{plain.name}.gz").write_bytes(packed)
        digests = (hashlib.sha256(content).hexdigest() for content in (packed, plain.read_bytes()))
        files.append(sources.SourceFile(f"{plain.name}.gz", len(packed), *digests))
    monkeypatch.setitem(sources.SOURCES, "mnist", sources.Source("mnist", "MNIST", (), tuple(files)))
    monkeypatch.setattr(data_loading, "SYNTHETIC_SIZES", {"train": (300, 1), "test": (60, 2)})
    return tmp_path


def test_its_command_blocks_are_indented_ones() -> None:
    assert len(BLOCKS) >= 7
    assert not re.search(r"^```(sh|bash|shell|console)", README, re.MULTILINE)


def as_a_shell_reads_them(folder: Path) -> list[list[str]]:
    """Run all blocks in one shell where nncli writes its arguments down and make only lists its commands."""
    (folder / "bin").mkdir()
    commands = {
        "nncli": f"{{ printf '%s\\t' \"$@\"; echo; }} >> '{folder}/asked'",
        "make": f"exec '{shutil.which('make')}' --dry-run \"$@\"",
    }
    for name, command in commands.items():
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    shell = ["sh", "-ex", "-c", "".join(BLOCKS)]
    done = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t")[:-1] for line in (folder / "asked").read_text(encoding="utf-8").splitlines()]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_its_commands_run_from_top_to_bottom(project: Path, nncli: Callable[..., Any]) -> None:
    asked = as_a_shell_reads_them(project)
    assert len(asked) == len(re.findall(r"^    nncli ", "".join(BLOCKS), re.MULTILINE))
    in_processes_of_their_own = ("reproduce", "sweep")
    for arguments in [each for each in asked if each[0] not in in_processes_of_their_own]:
        ended = nncli(*arguments)
        assert ended.code == 0, f"nncli {' '.join(arguments)}: {ended.err}"
