"""Completion in bash, zsh and fish: run folders, configuration files, sweeps and the keys of `--set`."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    shell_complete,
)

from nncli.cli.lazy import Entry, LazyGroup

FLAGS = {"-q", "--quiet", "-v", "--verbose", "--json", "--debug", "--offline", "--resume", "--strict", "--force"}
"""Options without a value, after which a run or a configuration may follow."""

_OF_SWEEPS = {"show", "best"}  # commands of `nncli sweep`
_DEPTH = 2  # folders below the one that was typed in which to look for runs and configurations


class RunPath(click.Path):
    """The path of a run folder, or of a file such as a checkpoint."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the run folders in and below the folder that was typed, or let the shell complete files."""
        return _found(incomplete, _is_run)


class ConfigPath(click.Path):
    """The path of a configuration file or, for a run to resume, of its folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the YAML files in and below the folder that was typed, or let the shell complete files."""
        resume = ctx.params.get("resume") or Path("--resume") in ctx.params.get("words", ())
        return _found(incomplete, _is_run if resume else _is_config)


class SweepPath(click.Path):
    """The path of the file of a sweep or, for `nncli sweep show` and `nncli sweep best`, of its folder."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the commands and YAML files, or the folders of sweeps, or let the shell complete files."""
        words = ctx.params.get("words", ())
        if {ctx.info_name, *words[:1]} & _OF_SWEEPS:
            return _found(incomplete, _is_sweep)
        return _found(incomplete, _is_config, () if words else _OF_SWEEPS)


class Assignment(click.ParamType[str]):
    """A configuration key and its value, as KEY=VALUE."""

    name = "text"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the keys with their descriptions."""
        from nncli.config.suggestions import settings  # slow to import

        described = settings().items()
        return [CompletionItem(f"{key}=", help=text) for key, text in described if key.startswith(incomplete)]


TYPES: dict[str, Callable[[], click.ParamType[Any]]] = {"run": RunPath, "config": ConfigPath, "sweep": SweepPath}
"""What the arguments of a command name, by `Entry.takes`."""


def _found(incomplete: str, wanted: Callable[[Path], bool], words: Iterable[str] = ()) -> list[CompletionItem]:
    """Return the words and paths that begin with what was typed, or let the shell complete files."""
    before, slash, name = incomplete.rpartition("/")
    folder = before + slash  # as it was typed
    matches = [word for word in sorted(words) if word.startswith(incomplete)]
    matches += [folder + path for path in sorted(_search(Path(folder).expanduser(), name, wanted))]
    return [CompletionItem(match) for match in matches] or [CompletionItem(incomplete, type="file")]


def _search(folder: Path, prefix: str, wanted: Callable[[Path], bool], depth: int = 0) -> Iterator[str]:
    """Yield what is wanted relative to a folder; run folders and hidden folders are not searched."""
    try:
        paths = [path for path in folder.iterdir() if path.name.startswith(prefix)]
    except OSError:
        return
    for path in paths:
        if wanted(path):
            yield path.name
        elif depth < _DEPTH and path.is_dir() and not path.name.startswith(".") and not _is_run(path):
            yield from (f"{path.name}/{each}" for each in _search(path, "", wanted, depth + 1))


def _is_run(path: Path) -> bool:
    return (path / "manifest.json").is_file()


def _is_sweep(path: Path) -> bool:
    return (path / "sweep.db").is_file()


def _is_config(path: Path) -> bool:
    return path.suffix in (".yaml", ".yml")


class _Quick(LazyGroup):
    """Completes the arguments of commands without importing them."""

    def make(self, name: str, entry: Entry) -> click.Command:
        """Return a command with the arguments of the real one, or that itself if they are not known."""
        if entry.takes not in TYPES:
            return super().make(name, entry)
        words = click.Argument(["words"], nargs=-1, type=TYPES[entry.takes]())
        return click.Command(name, params=[words], context_settings={"ignore_unknown_options": True})


class _Bash(BashComplete):
    """Escapes special characters, and leaves out the space after a key."""

    def format_completion(self, item: CompletionItem) -> str:
        """Return the type and the escaped value of a completion."""
        return f"{item.type},{re.sub(r'([^A-Za-z0-9_@%+=:,./~-])', lambda match: chr(92) + match[1], str(item.value))}"

    def source(self) -> str:
        """Return the script, with a function around Click's."""
        return super().source() + _AROUND_BASH % self.source_vars()


class _Zsh(ZshComplete):
    """Leaves out the space after a key."""

    def source(self) -> str:
        """Return the script, with a function around Click's."""
        return super().source() + _AROUND_ZSH % self.source_vars()


_AROUND_BASH = """
%(complete_func)s_keys() {
    %(complete_func)s "$@"
    [[ ${COMP_WORDS[COMP_CWORD-1]} == --set ]] && compopt -o nospace
    return 0
}
complete -o nosort -F %(complete_func)s_keys %(prog_name)s
"""

_AROUND_ZSH = """
%(complete_func)s_keys() {
    if [[ $words[CURRENT-1] == --set ]]; then
        compadd() { builtin compadd -S '' "$@" }
        %(complete_func)s "$@"
        unfunction compadd
    else
        %(complete_func)s "$@"
    fi
}
compdef %(complete_func)s_keys %(prog_name)s
"""


def complete(group: LazyGroup, variable: str) -> None:
    """Print the script or the completions that a shell asks for by an environment variable."""
    add_completion_class(_Bash)
    add_completion_class(_Zsh)
    name, instruction = str(group.name), os.environ[variable]
    shell, _, request = instruction.partition("_")
    if (kind := get_completion_class(shell)) and request == "complete":
        words, incomplete = kind(group, {}, name, variable).get_completion_args()
        if not any(each.startswith("-") and each not in FLAGS for each in (*words[-1:], incomplete)):
            group = _Quick(name=name, entries=group.entries, params=group.params)
    shell_complete(group, {}, name, variable, instruction)
