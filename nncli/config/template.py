"""The commented starter file, written from the schema so that it cannot fall behind it."""

import textwrap
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nncli.config.layers import LayerConfig
from nncli.config.schema import Config
from nncli.config.suggestions import models_in
from nncli.config.writer import scalar

_HEADER = """\
# A configuration for nncli. Only `model` is required; every other value below is the default.
# Check this file with `nncli config check`, train with `nncli train`.
"""
_LAYERS = ["- units: 128", "  activation: relu", "- units: 10"]
_WIDTH = 98


def starter() -> str:
    """Write a configuration that holds every key, each with its description and default."""
    return "\n".join([_HEADER, *_section(Config)])


def _section(model: type[BaseModel], skip: str = "") -> Iterator[str]:
    """Write the fields of a section, each below its description."""
    for key, info in model.model_fields.items():
        if key == skip:
            continue
        yield from _comment(info.description or "")
        yield from _field(key, info)
        if model is Config:
            yield ""


def _field(key: str, info: FieldInfo) -> Iterator[str]:
    sections = list(models_in(info.annotation))
    if key == "layers":
        yield from _layers()
    elif key == "name" and isinstance(info.default, str) and info.default == "run":
        yield f"# name: {info.default}"
    elif not sections:
        yield f"{key}: {scalar(info.default)}"
    elif info.default is None:
        yield f"# {key}: {_flow(sections[0])}"
    else:
        chosen = type(info.default) if isinstance(info.default, BaseModel) else sections[0]
        yield from _alternatives(key, chosen, [each for each in sections if each is not chosen])
        yield f"{key}:"
        yield from textwrap.indent("\n".join(_section(chosen)), "  ").splitlines()


def _alternatives(key: str, chosen: type[BaseModel], others: list[type[BaseModel]]) -> Iterator[str]:
    """Write the sections that may stand in place of the chosen one, and describe the keys that it lacks."""
    if others:
        yield "# Others, each to stand in place of this section:"
        yield from (f"# {key}: {_flow(other)}" for other in others)
    theirs = {name: info for other in others for name, info in other.model_fields.items()}
    for name in [each for each in theirs if each not in chosen.model_fields]:
        yield from _comment(f"{name}: {theirs[name].description}", hanging="    ")


def _layers() -> Iterator[str]:
    """Write two layers below a description of every key that a layer may have."""
    for key, info in LayerConfig.model_fields.items():
        yield from _comment(f"{key}: {info.description}", hanging="    ")
    yield "layers:"
    yield from (f"  {line}" for line in _LAYERS)


def _comment(text: str, hanging: str = "") -> list[str]:
    first, others = "# ", f"# {hanging}"
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def _flow(model: type[BaseModel]) -> str:
    """Write a section with its defaults in one line."""
    return f"{{{', '.join(f'{key}: {scalar(_default(info))}' for key, info in model.model_fields.items())}}}"


def _default(info: FieldInfo) -> Any:  # noqa: ANN401 - what a field may hold
    """Give a field's default; the name of a variant is the one it must have."""
    return get_args(info.annotation)[0] if info.is_required() else info.default
