"""The settings that may change when a run is resumed: those that did not affect its steps so far."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nncli.config.locations import Location, dotted, shown
from nncli.errors import RunError
from nncli.optim.schedules import SCHEDULES, spans_training

EPOCHS: Location = ("training", "epochs")  # may change unless the steps depend on it
_PATIENCE: Location = ("training", "early_stopping", "patience")  # may grow
_FREE: set[Location] = {("training", "checkpoint_every_steps"), ("training", "threads"), ("data", "dir"), ("name",)}


def compare(run: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> set[Location]:
    """Return the keys whose values differ.

    Raises:
        RunError: some of these may not change; the message has both values.
    """
    differences = dict(_differences(then, now))
    refused = [key for key, values in differences.items() if not _may_change(key, *values, now)]
    if refused:
        described = ", ".join(_describe(key, *differences[key]) for key in refused)
        why = f", on which {use_of_epochs(now)}" if refused == [EPOCHS] else ""
        raise RunError(f"{run}: was trained with another {described}{why}; leave that as it was, or start a new run")
    return set(differences)


def use_of_epochs(config: Mapping[str, Any]) -> str:
    """Return the part of a run that depends on its number of epochs, as a clause; empty if none does."""
    schedule = config["schedule"]["name"]
    if spans_training(SCHEDULES[schedule]):
        return f"its {schedule} schedule depends"
    return "its average of weights depends" if config["training"]["average_weights"] else ""


def _may_change(key: Location, then: object, now: object, config: Mapping[str, Any]) -> bool:
    if key == _PATIENCE:
        return isinstance(then, int) and isinstance(now, int) and now > then
    return key in _FREE or (key == EPOCHS and not use_of_epochs(config))


def _describe(key: Location, then: object, now: object) -> str:
    before, after = shown(then), shown(now)
    return dotted(key) + (f" ({before}, not {after})" if before != after else "")


def _differences(then: object, now: object, key: Location = ()) -> Iterator[tuple[Location, tuple[object, object]]]:
    """Yield each key whose values differ, with both values; only the name of a section of another variant."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        renamed = key and then.get("name") != now.get("name")
        for step in ["name"] if renamed else {**now, **then}:
            yield from _differences(then.get(step), now.get(step), (*key, step))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, pair in enumerate(zip(then, now, strict=True)):
            yield from _differences(*pair, (*key, index))
    elif then != now:
        yield key, (then, now)
