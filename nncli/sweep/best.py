"""The configuration of a sweep's best point, as a commented file that `nncli train` takes."""

from typing import Any

import optuna

from nncli.config.load import loads, to_mapping
from nncli.config.locations import Location, dotted
from nncli.config.overrides import Placed
from nncli.config.sources import Place
from nncli.config.writer import commented, dumped
from nncli.errors import RunError
from nncli.sweep.study import DESCRIPTION
from nncli.sweep.summary import Entry, Summary


def configuration(study: optuna.Study, summary: Summary) -> str:
    """Return the configuration of the best point as YAML; comments say where it comes from.

    Raises:
        RunError: no point is complete.
    """
    if summary.best is None:
        raise RunError(f"the sweep {summary.name!r} has no completed trial yet")
    base: dict[str, Any] = study.user_attrs[DESCRIPTION]["base"]
    locations = {each.key: each.location for each in summary.space}
    placed = [
        Placed(Place.beside_file("sweep", key), locations[key], value) for key, value in summary.best.params.items()
    ]
    config = loads(dumped(base), name=summary.name, overrides=placed).config
    return _header(summary, summary.best) + commented(to_mapping(config), lambda where, _: _note(summary, where))


def _note(summary: Summary, where: Location) -> str:
    for each in summary.space:
        if where[: len(each.location)] == each.location and each.key != "seed":
            return f"chosen from {each.kind.replace('_', ' ')} {list(each.values)}"
    return ""


def _header(summary: Summary, best: Entry) -> str:
    spread = f" +- {best.deviation:.4%} (standard deviation over {len(best.values)} seeds)" if best.deviation else ""
    value = f"{best.mean:.4%}" if summary.objective == "validation_error" else f"{best.mean:.6g}"
    spread = spread if summary.objective == "validation_error" else ""
    keys = ", ".join(dotted(each.location) for each in summary.space)
    return (
        f"# The best of {summary.done} trials of the sweep {summary.name}, which varied {keys}.\n"
        f"# {summary.objective}: {value}{spread}\n"
        f"# trial {', '.join(map(str, best.trials))} in {', '.join(best.folders)} on {', '.join(best.hosts)}\n"
    )
