"""Suggest the key or value that a misspelled or misplaced one may have meant, from the schema."""

import shlex
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from nncli.config.locations import Location
from nncli.config.schema import Config
from nncli.config.spelling import closest

ALIASES = {
    "lr": "learning_rate",
    "rate": "learning_rate",
    "step_size": "learning_rate",
    "epoch": "epochs",
    "batch": "batch_size",
    "hidden": "units",
    "hidden_units": "units",
    "hidden_size": "units",
    "dropout": "dropout_probability",
    "init": "initializer",
    "wd": "weight_decay",
    "clip": "clip_norm",
    "scheduler": "schedule",
    "val": "validation",
    "dataset": "data",
}
"""Names of keys in other programs; they are errors here, and the message names the key."""


def did_you_mean(word: str, choices: list[str]) -> str:
    """Return a hint with the closest choice, or with all choices if none is close."""
    close = closest(word.lower(), choices)
    return f"did you mean {close!r}?" if close else f"choose from {', '.join(choices)}"


def for_unknown_key(section: Location, key: str) -> str:
    """Return a hint for an unknown key of a section: a similar key there, or elsewhere in the configuration."""
    here, word = list(_fields(section)), _word(key)
    if close := word if word in here else closest(word, here):
        return f"did you mean {close!r}?"
    if len(section) < 2 and (elsewhere := _key_called(key)):
        return f"did you mean {elsewhere}?"
    if owners := [tag for tag in variants(str(section[0])) if word in _fields((section[0], tag))] if section else []:
        return f"it is a key of {' and '.join(f'{{name: {owner}}}' for owner in owners)}"
    owner = section[-1] if section else "a configuration"
    return f"the keys of {'a layer' if isinstance(owner, int) else owner} are {', '.join(here)}"


def _key_called(word: str) -> str | None:
    """Return the dotted key that ends with a word or its alias, as `optimizer.learning_rate` does, or None."""
    return next((dotted for dotted in _all_keys(Config) if dotted.rpartition(".")[2] == _word(word)), None)


def for_unknown_option(option: str, value: str) -> str | None:
    """Return the `--set` option for an unknown option such as `--epochs`, or None if no key has that name."""
    key = _key_called(option.lstrip("-").replace("-", "_"))
    if key is not None and variants(key):
        key = f"{key}.name"
    if key is None or any(each.startswith((f"{key}.", f"{key}[")) for each in _all_keys(Config)):
        return None  # a section has no single value
    return f"--set {shlex.quote(f'{key}={value}')}"


def _word(key: str) -> str:
    return ALIASES.get(key.lower(), key.lower())


def _fields(section: Location) -> dict[str, Any]:
    """Return the fields of the section at a location, which may have indices and names of variants."""
    models: list[type[BaseModel]] = [Config]
    for step in section:
        if isinstance(step, int):
            continue
        inner = [found for model in models for found in _step(model, step)]
        tagged = [model for model in models if _tag(model) == step]
        models = inner or tagged or models
    return {name: info for model in models[:1] for name, info in model.model_fields.items()}


def variants(section: str) -> list[str]:
    """Return the names of the variants of a section such as `optimizer`; none for other keys."""
    return [tag for model in _step(Config, section) if (tag := _tag(model))]


def _step(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    info = model.model_fields.get(key)
    return list(models_in(info.annotation)) if info else []


def _tag(model: type[BaseModel]) -> str | None:
    choices = get_args(model.model_fields["name"].annotation) if "name" in model.model_fields else ()
    return choices[0] if len(choices) == 1 else None


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the sections in an annotation such as `tuple[LayerConfig, ...]` or `A | B | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def _all_keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield f"{prefix}{name}"
        for inner in models_in(info.annotation):
            index = "[0]" if "tuple" in str(info.annotation) else ""
            yield from _all_keys(inner, f"{prefix}{name}{index}.")
