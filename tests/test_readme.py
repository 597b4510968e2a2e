"""The README names every command and every make target, and what it points at exists."""

import re
from pathlib import Path

import click
import pytest

from nncli.cli.main import group

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


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


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https:)([^)]+)\)", README))
def test_what_the_readme_links_to_exists(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"experiments/\w+\.yaml", README))))
def test_the_configurations_it_names_exist(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("room", re.findall(r"^\| `(nncli/[^`]+|experiments/)` \|", README, re.MULTILINE))
def test_the_rooms_it_lists_exist(room: str) -> None:
    assert (ROOT / room).exists()


def test_it_lists_every_room() -> None:
    rooms = {f"nncli/{folder.name}/" for folder in (ROOT / "nncli").iterdir() if (folder / "__init__.py").exists()}
    assert rooms == set(re.findall(r"^\| `(nncli/\w+/)` \|", README, re.MULTILINE))
