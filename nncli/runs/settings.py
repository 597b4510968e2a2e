"""The settings that make two configurations different, but for the seed and those that cannot change a result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nncli.config.load import to_mapping
from nncli.config.locations import Location, dotted, leaves
from nncli.config.schema import Config
from nncli.runs.resuming import FREE

_IGNORED = {*FREE, ("seed",), ("data", "fallback")}  # runs record the data that they were trained on


def identity(config: Config) -> dict[Location, object]:
    """Return the settings by which a configuration is told from others."""
    return {key: value for key, value in leaves(to_mapping(config)) if key not in _IGNORED}


def differences(configs: Sequence[Config]) -> dict[str, list[Any]]:
    """Map each setting that differs, such as `model.layers[1].units`, to its value in each configuration.

    In sections of different variants, such as optimizers, only the settings that all of them have are compared.
    """
    found = _differences([to_mapping(config) for config in configs])
    return {dotted(key): values for key, values in found if key not in _IGNORED}


def _differences(values: Sequence[Any], key: Location = ()) -> Iterator[tuple[Location, list[object]]]:
    first = values[0]
    if all(isinstance(value, Mapping) for value in values):
        for step in [step for step in first if all(step in value for value in values)]:
            yield from _differences([value[step] for value in values], (*key, step))
    elif _are_sections(values):
        for index in range(len(first)):
            yield from _differences([value[index] for value in values], (*key, index))
    elif any(value != first for value in values):
        yield key, list(values)


def _are_sections(values: Sequence[Any]) -> bool:
    """Whether the values are lists of as many sections."""
    lists = all(isinstance(value, list) and value and isinstance(value[0], Mapping) for value in values)
    return lists and len({len(value) for value in values}) == 1
