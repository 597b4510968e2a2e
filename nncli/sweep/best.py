"""The configuration of the best point of a sweep, with comments, for `nncli train`."""

from typing import Any

import optuna

from nncli.config.load import loads, to_mapping
from nncli.config.locations import Location, dotted
from nncli.config.overrides import Placed
from nncli.config.sources import Place
from nncli.config.writer import commented, dumped
from nncli.sweep.rows import objective
from nncli.sweep.study import DESCRIPTION
from nncli.sweep.summary import Entry, Summary


def configuration(study: optuna.Study, summary: Summary) -> str:
    """Return the configuration of the best point as YAML, with comments on where it comes from.

    Raises:
        RunError: no point is complete.
    """
    best = summary.expect_best()
    base: dict[str, Any] = study.user_attrs[DESCRIPTION]["base"]
    locations = {each.key: each.location for each in summary.space}
    placed = [Placed(Place.beside_file("sweep", key), locations[key], value) for key, value in best.params.items()]
    config = loads(dumped(base), name=summary.name, overrides=placed).config
    return _header(summary, best) + commented(to_mapping(config), lambda where, _: _note(summary, where))


def _note(summary: Summary, where: Location) -> str:
    for each in summary.settings:
        if where[: len(each.location)] == each.location:
            return f"chosen from {each.kind.replace('_', ' ')} {list(each.values)}"
    return ""


def _header(summary: Summary, best: Entry) -> str:
    keys = ", ".join(dotted(each.location) for each in summary.space)
    value = objective(summary.objective, best.mean)
    if best.deviation is not None:
        value += f" ± {objective(summary.objective, best.deviation)} (standard deviation over {len(best.values)} seeds)"
    return (
        f"# The best of {summary.done} trials of the sweep {summary.name}, which varied {keys}.\n"
        f"# {summary.objective}: {value}\n"
        f"# trial {', '.join(map(str, best.trials))} in {', '.join(best.folders)} on {', '.join(best.hosts)}\n"
    )
