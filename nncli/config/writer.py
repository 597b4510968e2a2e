"""Plain values as YAML text that reads back to the same values, with a comment beside each where wanted."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from nncli.config.locations import Location
from nncli.config.scalars import resolve
from nncli.config.schema import Config

Comment = Callable[[Location, Any], str]


def to_yaml(config: Config) -> str:
    """Write a whole configuration as YAML; `load` reads it back to an equal one."""
    return "".join(f"{text}\n" for text, _ in _lines(config.model_dump(mode="json"), ()))


def commented(value: dict[str, Any], comment: Comment) -> str:
    """Write a mapping as YAML with `comment(location, value)` behind each leaf, in one column."""
    lines = [(text, leaf and comment(*leaf)) for text, leaf in _lines(value, ())]
    width = max(len(text) for text, note in lines if note)
    return "".join(f"{text:{width}}  # {note}\n" if note else f"{text}\n" for text, note in lines)


def scalar(value: object) -> str:
    """Write a scalar, or a list of scalars, so that it reads back as itself; texts are bare where they can be."""
    if isinstance(value, list):
        return f"[{', '.join(map(scalar, value))}]"
    if isinstance(value, str) and _is_plain(value):
        return value
    quoted = '"' if isinstance(value, str) else None
    text: str = yaml.safe_dump(value, default_style=quoted, allow_unicode=True, width=float("inf"))
    return text.removesuffix("...\n").rstrip("\n")


def _is_plain(text: str) -> bool:
    """Tell whether a text can stand bare, here and for readers of YAML 1.1."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", text):
        return False
    try:
        return isinstance(resolve(text), str) and isinstance(yaml.safe_load(text), str)
    except ValueError:
        return False


def _lines(value: dict[str, Any], where: Location) -> Iterator[tuple[str, tuple[Location, Any] | None]]:
    """Yield each line with the location and value of its leaf, if it holds one."""
    for key, inner in value.items():
        here = (*where, key)
        if isinstance(inner, dict):
            yield f"{key}:", None
            yield from _indented(_lines(inner, here), "  ")
        elif isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            yield f"{key}:", None
            for index, item in enumerate(inner):
                yield from _indented(_lines(item, (*here, index)), "    ", first="  - ")
        else:
            yield f"{key}: {scalar(inner)}", (here, inner)


def _indented(
    lines: Iterator[tuple[str, tuple[Location, Any] | None]], indent: str, first: str | None = None
) -> Iterator[tuple[str, tuple[Location, Any] | None]]:
    for number, (text, leaf) in enumerate(lines):
        yield (first if first and number == 0 else indent) + text, leaf
