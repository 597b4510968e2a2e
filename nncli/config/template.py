"""The commented starter file of `nncli config new`, generated from the schema."""

import textwrap
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nncli.config.layers import LayerConfig
from nncli.config.schema import Config
from nncli.config.suggestions import models_in
from nncli.config.writer import scalar

_HEADER = """\
# A configuration for nncli. Only `model` is required; every other value below is the default.
# Check this file with `nncli config check`; train with `nncli train`.
"""
_WIDTH = 98


def starter() -> str:
    """Return a configuration file with every key, its description and its default."""
    return "\n".join([_HEADER, *_section(Config)])


def _section(model: type[BaseModel]) -> Iterator[str]:
    for key, info in model.model_fields.items():
        yield from _comment(info.description or "")
        yield from _field(key, info)
        if model is Config:
            yield ""


def _field(key: str, info: FieldInfo) -> Iterator[str]:
    sections = list(models_in(info.annotation))
    if key == "layers":
        for name, each in LayerConfig.model_fields.items():
            yield from _comment(f"{name}: {each.description}", hanging="    ")
        yield from ("layers:", "  - units: 128", "    activation: relu", "  - units: 10")
    elif info is Config.model_fields["name"]:
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
    """Yield the alternatives to a section, and the descriptions of the keys that only they have."""
    if others:
        yield "# Alternatives to this section:"
        yield from (f"# {key}: {_flow(other)}" for other in others)
    theirs = {name: info for other in others for name, info in other.model_fields.items()}
    for name in [each for each in theirs if each not in chosen.model_fields]:
        yield from _comment(f"{name}: {theirs[name].description}", hanging="    ")


def _comment(text: str, hanging: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent=f"# {hanging}", break_on_hyphens=False)


def _flow(model: type[BaseModel]) -> str:
    """Return a section with its defaults on one line."""
    defaults = {
        key: get_args(info.annotation)[0] if info.is_required() else info.default  # the only name that a variant has
        for key, info in model.model_fields.items()
    }
    return f"{{{', '.join(f'{key}: {scalar(value)}' for key, value in defaults.items())}}}"
