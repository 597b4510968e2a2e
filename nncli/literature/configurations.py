"""The configurations behind a result, without the settings that depend on the machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nncli.config.load import from_mapping, load, to_mapping
from nncli.config.overrides import Given
from nncli.config.schema import Config
from nncli.literature.table import Row
from nncli.runs.resuming import OF_THE_MACHINE


def portable(config: Config) -> dict[str, Any]:
    """Return a resolved configuration without the settings that depend on the machine."""
    mapping = to_mapping(config)
    for section, key in OF_THE_MACHINE:
        del mapping[str(section)][key]
    return mapping


def needed(folder: Path, rows: Mapping[str, Row], row: Row, seed: int) -> dict[str, Any]:
    """Return the configuration of a network, or of a committee and its members; paths are relative to `folder`.

    Raises:
        ConfigError: a file is missing or invalid.
    """
    if row.members:
        return {"seed": seed, "members": [needed(folder, rows, rows[name], each) for name, each in row.runs(seed)]}
    assert row.configuration is not None
    return portable(load(folder / row.configuration, [Given("--seed", ("seed",), seed)]).config)


def agree(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a recorded configuration is equivalent to the one wanted; keys added since have their defaults."""
    if "members" not in wanted:
        return "members" not in recorded and portable(from_mapping(dict(recorded))) == wanted
    members = recorded.get("members", [])
    return len(members) == len(wanted["members"]) and all(map(agree, members, wanted["members"]))
