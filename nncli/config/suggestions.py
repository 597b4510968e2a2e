"""Suggest the key or value that a misspelled or misplaced one may have meant, from the schema."""

import shlex
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from nncli.config.locations import Location, closest, dotted
from nncli.config.schema import Config

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
    here, word = _keys(section), _word(key)
    if close := word if word in here else closest(word, here):
        return f"did you mean {close!r}?"
    if len(section) < 2 and (elsewhere := _key_called(key)):
        return f"did you mean {elsewhere}?"
    if owners := [tag for tag in variants(str(section[0])) if word in _keys((section[0], tag))] if section else []:
        return f"it belongs to {' and '.join(f'{{name: {owner}}}' for owner in owners)}"
    owner = section[-1] if section else "a configuration"
    return f"the keys of {'a layer' if isinstance(owner, int) else owner} are {', '.join(here)}"


def for_unknown_option(option: str, value: str) -> str | None:
    """Return the `--set` option for an unknown option such as `--epochs`, or None if no key has that name."""
    key = _key_called(option.lstrip("-").replace("-", "_"))
    if key is not None and variants(key):
        key = f"{key}.name"
    if key is None or any(each.startswith((f"{key}.", f"{key}[")) for each in _all_keys()):
        return None  # a section has no single value
    return f"--set {shlex.quote(f'{key}={value}')}"


def variants(section: str) -> list[str]:
    """Return the names of the variants of a section such as `optimizer`; none for other keys."""
    return [tag for location, model in _sections() if location == (section,) and (tag := _tag(model))]


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the sections in an annotation such as `tuple[LayerConfig, ...]` or `A | B | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def settings() -> dict[str, str]:
    """Return the dotted keys of all single values with their descriptions, without the names of sections."""
    found = {dotted((*at, key)): info for at, model in _sections() for key, info in model.model_fields.items()}
    return {key: info.description or "" for key, info in found.items() if not list(models_in(info.annotation))}


def _sections(annotation: object = Config, location: Location = ()) -> Iterator[tuple[Location, type[BaseModel]]]:
    """Yield every section with its location, the first one of each list."""
    for model in models_in(annotation):
        yield location, model
        for key, info in model.model_fields.items():
            index = (0,) if "tuple" in str(info.annotation) else ()
            yield from _sections(info.annotation, (*location, key, *index))


def _keys(section: Location) -> list[str]:
    """Return the keys of the section at a location, which may have indices and end with the name of a variant."""
    first = tuple(0 if isinstance(step, int) else step for step in section)
    models = [model for location, model in _sections() if first in (location, (*location, _tag(model)))]
    return list(models[0].model_fields)


def _all_keys() -> list[str]:
    return [dotted((*location, key)) for location, model in _sections() for key in model.model_fields]


def _key_called(word: str) -> str | None:
    """Return the dotted key that ends with a word or its alias, as `optimizer.learning_rate` does, or None."""
    return next((key for key in _all_keys() if key.rpartition(".")[2] == _word(word)), None)


def _word(key: str) -> str:
    return ALIASES.get(key.lower(), key.lower())


def _tag(model: type[BaseModel]) -> str | None:
    """Return the name of a variant; None for other sections."""
    choices = get_args(model.model_fields["name"].annotation) if "name" in model.model_fields else ()
    return choices[0] if len(choices) == 1 else None
