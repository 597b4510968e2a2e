"""The configurations behind results, without the settings that depend on the machine, and the results of a table."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nncli.config.load import from_mapping, load, to_mapping
from nncli.config.overrides import Given
from nncli.config.schema import Config
from nncli.errors import ConfigError, RunError
from nncli.literature import result
from nncli.literature.result import Result
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
        members = [needed(folder, rows, rows[name], each) for name, each in row.runs(seed)]
        return {"seed": seed, "members": members} | ({"copies": row.copies} if row.copies else {})
    assert row.configuration is not None
    return portable(load(folder / row.configuration, [Given("--seed", ("seed",), seed)]).config)


def recorded(folder: Path, rows: Mapping[str, Row]) -> dict[str, list[Result]]:
    """Return the results of every row from the records next to a table, which is in `folder`.

    Raises:
        ConfigError: as in `needed`.
        RunError: a record cannot be read, was changed or renamed, or is of another configuration than its row.
    """
    found: dict[str, list[Result]] = {name: [] for name in rows}
    for path in sorted((folder / result.FOLDER).glob("*.json")):
        each = result.read(path)
        if path != result.path_of(folder, each.row, each.seed):
            raise RunError(f"{path}: is the record of {each.row} with seed {each.seed}; remove it, or rename it")
        if each.row not in rows:
            continue
        if not _agree(each.configuration, needed(folder, rows, rows[each.row], each.seed)):
            raise RunError(f"{path}: its configuration has changed; remove it and its run folder to repeat the run")
        found[each.row].append(each)
    return found


def _agree(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a recorded configuration is equivalent to the one wanted; keys added since have their defaults."""
    if "members" in wanted:
        members = recorded.get("members", [])
        alike = recorded.get("copies") == wanted.get("copies") and len(members) == len(wanted["members"])
        return alike and all(map(_agree, members, wanted["members"]))
    with suppress(ConfigError):
        return portable(from_mapping(recorded)) == wanted
    return False
