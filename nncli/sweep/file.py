"""The file of a sweep: a base configuration, a space and a sampler, all checked before the sweep starts."""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nncli.config.files import read_text
from nncli.config.load import Resolved, loads, resolve, to_mapping
from nncli.config.locations import MAX_PROBLEMS, Location, Problem
from nncli.config.overrides import Placed, location_of
from nncli.config.reader import read
from nncli.config.sources import Sources
from nncli.errors import ConfigError
from nncli.filenames import as_path, as_text
from nncli.sweep.schema import MAX_TRIALS, DimensionSection, SweepSection, validate
from nncli.sweep.space import Dimension, size_of_grid

MAX_CORNERS = 512
"""Maximum number of combinations to check; if there are more, each value and a random sample are checked."""


@dataclass(frozen=True)
class Sweep:
    """A checked sweep.

    Attributes:
        name: name of the sweep and of its study.
        base_path: path of the base configuration.
        base: the base configuration, resolved.
        space: dimensions, in the order of the file.
        sampler: how points are chosen.
        pruner: how unpromising trials are stopped.
        objective: metric to minimize.
        trials: number of points.
        seeds: number of runs of each point, with consecutive seeds from the base's.
    """

    name: str
    base_path: Path
    base: Resolved
    space: tuple[Dimension, ...]
    sampler: str
    pruner: str
    objective: str
    trials: int
    seeds: int

    def described(self) -> dict[str, Any]:
        """Return, as plain values, everything that must stay the same when the sweep is continued."""
        space = {each.key: {each.kind: list(each.values), "points": each.points} for each in self.space}
        base = to_mapping(self.base.config)
        base["data"].pop("dir")  # depends on the machine
        others = {key: getattr(self, key) for key in ("sampler", "pruner", "objective", "seeds")}
        return {"base": base, "space": space, **others}


def load(path: Path, *, trials: int | None = None) -> Sweep:
    """Read the file of a sweep, and check every key of the space and its extreme values.

    Args:
        path: the file; the path of the base configuration in it is relative to its folder.
        trials: number of points, in place of the file's.

    Raises:
        ConfigError: one line for each problem, with its line and column.
    """
    sources = read(read_text(path, "see experiments/sweeps for examples"), str(path))
    if not sources.complete or not isinstance(sources.value, dict):
        empty = f"{path}:1:1: expected a mapping such as `base: mlp.yaml`; see experiments/sweeps for examples"
        raise ConfigError(sources.lines([]) or empty)
    if "model" in sources.value:
        advice = "`nncli train` trains it, and the file of a sweep names it as `base`"
        raise ConfigError(f"{path}:1:1: a configuration, not the file of a sweep; {advice}")
    section, found = validate(sources.value)
    if section is None or sources.problems:
        raise ConfigError(sources.lines(found))
    space, found = _dimensions(section)
    found = found or list(_counts(section, space, trials))
    if found:
        raise ConfigError(sources.lines(found))
    base_path, base_sources, base = _base(path, section, sources)
    sweep = Sweep(
        name=section.name or as_text(path.stem),
        base_path=base_path,
        base=base,
        space=tuple(space),
        sampler=section.sampler,
        pruner=section.pruner,
        objective=section.objective,
        trials=_total(section, space, trials),
        seeds=section.seeds,
    )
    _check_corners(sweep, base_sources, sources)
    return sweep


def _dimensions(section: SweepSection) -> tuple[list[Dimension], list[Problem]]:
    """Return the dimensions, and the problems of their keys."""
    space: list[Dimension] = []
    found = [] if section.space else [Problem(("space",), "empty; add a key, as in `seed: {choices: [1, 2, 3]}`")]
    for key, each in section.space.items():
        where: Location = ("space", key)
        try:
            location = location_of(key)
        except ValueError as error:
            found.append(Problem(where, str(error), of_key=True))
            continue
        if location in [other.location for other in space]:
            found.append(Problem(where, "the same key twice; remove one", of_key=True))
        if location == ("seed",) and section.seeds > 1:
            found.append(Problem(("seeds",), "seed is also in the space; remove one of them"))
        if section.sampler == "grid" and each.points is None and not _is_listed(each):
            example = f"{{{each.kind}: [...], points: 4}}"
            found.append(Problem(where, f"a grid needs the number of values in this range, as in {example}"))
        space.append(Dimension(key, location, each.kind, each.values, each.points or 0))
    return space, found


def _is_listed(section: DimensionSection) -> bool:
    """Whether a grid can list all the values."""
    return section.kind == "choices" or (section.kind == "integers" and section.values[1] - section.values[0] < 1000)


def _counts(section: SweepSection, space: list[Dimension], trials: int | None) -> Iterator[Problem]:
    """Yield the problems of the number of trials."""
    if section.sampler != "grid":
        if section.trials is None and trials is None:
            yield Problem(("sampler",), f"{section.sampler} needs a number of trials; add it, as in `trials: 50`")
    elif section.trials is not None:
        yield Problem(("trials",), "a grid has as many trials as points; remove this key")
    elif size_of_grid(space) > MAX_TRIALS:
        yield Problem(("space",), f"a grid of more than {MAX_TRIALS:,} points; use another sampler, or fewer values")


def _total(section: SweepSection, space: list[Dimension], trials: int | None) -> int:
    if section.sampler == "grid":
        return min(size_of_grid(space), trials or MAX_TRIALS)
    return trials or section.trials or 0


def _base(path: Path, section: SweepSection, sources: Sources) -> tuple[Path, Sources, Resolved]:
    """Return the path of the base configuration, its contents with their places, and the configuration itself."""
    base_path = path.parent / as_path(section.base)
    try:
        text = read_text(base_path)
    except ConfigError as error:
        raise ConfigError(sources.lines([Problem(("base",), each) for each in error.problems])) from None
    base = loads(text, name=str(base_path), stem=as_text(base_path.stem))
    return base_path, read(text, str(base_path)), base


def _check_corners(sweep: Sweep, base: Sources, sources: Sources) -> None:
    """Raise ConfigError if a combination of extreme values is not a valid configuration."""
    lines: dict[str, str] = {}  # what is wrong -> its line; a wrong key is found at each of its values
    for corner in _corners([_placed(each, sources) for each in sweep.space]):
        try:
            config = resolve(deepcopy(base), name=str(sweep.base_path), stem=sweep.name, overrides=corner).config
        except ConfigError as error:
            for each in error.problems:
                lines.setdefault(each.partition(": ")[2], each)
        else:
            if not config.data.validation:
                text = f"{sweep.objective} needs held-out examples; set data.validation above 0"
                (line,) = sources.lines([Problem(("objective",), text)])
                lines.setdefault(text, line)
        if len(lines) >= MAX_PROBLEMS:
            break
    if lines:
        raise ConfigError(list(lines.values()))


def _placed(dimension: Dimension, sources: Sources) -> list[Placed]:
    """Return the choices, or both ends of the range, each with its place in the file."""
    places = (sources.values["space", dimension.key, dimension.kind, i] for i in range(len(dimension.values)))
    return [Placed(place, dimension.location, value) for place, value in zip(places, dimension.values, strict=True)]


def _corners(options: Sequence[Sequence[Placed]]) -> Iterator[Sequence[Placed]]:
    """Yield combinations of options: all, or each option once and a random sample if there are too many."""
    if math.prod(map(len, options)) <= MAX_CORNERS:
        yield from itertools.product(*options)
        return
    for index in range(max(map(len, options))):
        yield [each[index % len(each)] for each in options]
    chosen = random.Random(0)
    for _ in range(MAX_CORNERS):
        yield [chosen.choice(each) for each in options]
