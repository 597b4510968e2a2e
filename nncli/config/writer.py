"""Write plain values as YAML that reads back to the same values, with or without comments."""

import re
from collections.abc import Callable
from typing import Any

import yaml

from nncli.config.locations import Location, leaves

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")


class _Dumper(yaml.SafeDumper):
    """Writes scalars and lists of scalars on one line, and indents lists below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _string(dumper: _Dumper, value: str) -> yaml.Node:
    """Quote strings that YAML 1.2 may read as numbers; PyYAML itself quotes those that are special in YAML 1.1."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if _PLAIN.fullmatch(value) else '"')


def _list(dumper: _Dumper, items: list[Any]) -> yaml.Node:
    on_one_line = not any(isinstance(item, dict) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=on_one_line)


_Dumper.add_representer(str, _string)
_Dumper.add_representer(list, _list)


def commented(value: dict[str, Any], comment: Callable[[Location, Any], str]) -> str:
    """Return a mapping as YAML with `comment(location, value)` after each leaf, in one column."""
    lines, below = dumped(value).splitlines(), leaves(value)
    comments = ["" if line.endswith(":") else comment(*next(below)) for line in lines]
    width = max(len(line) for line, note in zip(lines, comments, strict=True) if note)
    return "".join(
        f"{line:{width}}  # {note}\n" if note else f"{line}\n" for line, note in zip(lines, comments, strict=True)
    )


def scalar(value: object) -> str:
    """Return a scalar, or a list of scalars, as YAML on one line."""
    return dumped(value).removesuffix("...\n").rstrip("\n")


def dumped(value: object) -> str:
    """Return a value as YAML, with mappings and lists of them as blocks."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"))
    return text
