"""What a mistyped key or value may have meant, from the schema itself."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from nncli.config.locations import Location
from nncli.config.schema import Config
from nncli.config.spelling import closest


def did_you_mean(word: str, choices: list[str]) -> str:
    """Name the closest choice, or all of them where none is close."""
    close = closest(word.lower(), choices)
    return f"did you mean {close!r}?" if close else f"choose from {', '.join(choices)}"


def for_unknown_key(section: Location, key: str) -> str:
    """Suggest what an unknown key of a section may have meant, here or elsewhere in the configuration."""
    here = list(fields(section))
    if close := closest(key.lower(), here):
        return f"did you mean {close!r}?"
    elsewhere = [dotted for dotted in _all_keys(Config) if dotted.rpartition(".")[2] == key]
    if elsewhere and len(section) < 2:
        return f"did you mean {elsewhere[0]}?"
    return f"the keys of {_owner(section)} are {', '.join(here)}"


def _owner(section: Location) -> str:
    if not section:
        return "a configuration"
    return section[-1] if isinstance(section[-1], str) else "a layer"


def fields(section: Location) -> dict[str, Any]:
    """Give the fields of the section that stands at a location: indices skipped, union tags followed."""
    models: list[type[BaseModel]] = [Config]
    for step in section:
        if isinstance(step, int):
            continue
        inner = [found for model in models for found in _step(model, step)]
        tagged = [model for model in models if _tag(model) == step]
        models = inner or tagged or models
    return {name: info for model in models[:1] for name, info in model.model_fields.items()}


def variants(section: str) -> list[str]:
    """Give the names that a section such as `optimizer` may have, each with keys of its own."""
    return [tag for model in models_in(Config.model_fields[section].annotation) if (tag := _tag(model))]


def _step(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    info = model.model_fields.get(key)
    return list(models_in(info.annotation)) if info else []


def _tag(model: type[BaseModel]) -> str | None:
    choices = get_args(model.model_fields["name"].annotation) if "name" in model.model_fields else ()
    return choices[0] if len(choices) == 1 else None


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Find the models inside an annotation such as `tuple[LayerConfig, ...]` or `A | B | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def _all_keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield f"{prefix}{name}"
        for inner in models_in(info.annotation):
            listed = "[]" if "tuple" in str(info.annotation) else ""
            yield from _all_keys(inner, f"{prefix}{name}{listed}.")
