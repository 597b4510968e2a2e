"""The file of a sweep: a base configuration, a space and how to search it, checked before anything starts."""

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from nncli.config.files import read_text
from nncli.config.load import Resolved, loads, resolve, to_mapping
from nncli.config.locations import MAX_PROBLEMS, Location, Problem, shown
from nncli.config.overrides import Placed, location_of
from nncli.config.problems import described
from nncli.config.reader import read
from nncli.config.schema import Count
from nncli.config.sections import Section
from nncli.config.sources import Sources
from nncli.config.suggestions import did_you_mean
from nncli.errors import ConfigError
from nncli.filenames import as_path, as_text
from nncli.sweep.space import Dimension, Kind, size_of_grid

MAX_CORNERS = 512
"""Most combinations of extreme values to check; of a larger number, each value once and a random sample."""

MAX_TRIALS = 1_000_000
_KINDS: tuple[Kind, ...] = ("choices", "log", "uniform", "integers", "log_integers")
_EXAMPLE = "{choices: [256, 512]} or {log: [0.001, 1]}"


class DimensionSection(Section):
    """The values of one key: exactly one of the first five."""

    choices: list[Any] | None = None
    log: Any = None
    uniform: Any = None
    integers: Any = None
    log_integers: Any = None
    points: Annotated[Count, Field(le=10_000)] | None = None

    @property
    def kind(self) -> Kind:
        """The kind of values that the section gives."""
        return next(each for each in _KINDS if getattr(self, each) is not None)

    @property
    def values(self) -> tuple[Any, ...]:
        """The choices, or both ends of the range."""
        given = tuple(getattr(self, self.kind))
        return tuple(map(float, given)) if self.kind in ("log", "uniform") else given

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        given = [each for each in _KINDS if getattr(self, each) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "neither choices nor a range"
            raise PydanticCustomError("kind", f"{found}; write one of them, as in {_EXAMPLE}")
        if reason := _wrong_choices(self.choices) if self.choices is not None else _wrong_range(self.kind, self):
            raise PydanticCustomError("values", f"{self.kind}: {reason}")
        if self.points is not None and self.kind == "choices":
            raise PydanticCustomError("points", "points is for a range; choices are all in the grid")
        return self


def _wrong_choices(choices: list[Any]) -> str:
    if not choices:
        return "empty; list at least one value"
    twice = [each for i, each in enumerate(choices) if repr(each) in map(repr, choices[:i])]
    return f"{shown(twice[0])} is listed twice; remove one" if twice else ""


def _wrong_range(kind: Kind, section: DimensionSection) -> str:
    """Return what is wrong with a range, or an empty string."""
    bounds, whole = getattr(section, kind), "integers" in kind
    if not isinstance(bounds, list) or len(bounds) != 2:
        return f"expected [low, high], as in [1, 10], not {shown(bounds)}"
    for each in bounds:
        if isinstance(each, bool) or not isinstance(each, int if whole else int | float):
            return f"expected {'an integer' if whole else 'a number'}, not {shown(each)}"
    low, high = bounds
    if low >= high:
        return f"the low end {shown(low)} must be below the high end {shown(high)}"
    if "log" in kind and low <= 0:
        return f"{shown(low)} has no logarithm; the low end must be above 0"
    return ""


class SweepSection(Section):
    """The keys of a sweep's file."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=100)] | None = None
    base: Annotated[str, Field(min_length=1)]
    space: dict[str, DimensionSection]
    sampler: Literal["grid", "random", "tpe", "qmc"] = "grid"
    pruner: Literal["none", "median", "hyperband"] = "none"
    objective: Literal["validation_error", "validation_loss"] = "validation_error"
    trials: Annotated[Count, Field(le=MAX_TRIALS)] | None = None
    seeds: Annotated[Count, Field(le=1000)] = 1


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
        """Return as plain values what must not change while the sweep is continued."""
        space = {each.key: {each.kind: list(each.values), "points": each.points} for each in self.space}
        base = to_mapping(self.base.config)
        base["data"].pop("dir")  # depends on the machine
        return {
            "base": base,
            "space": space,
            "sampler": self.sampler,
            "pruner": self.pruner,
            "objective": self.objective,
            "seeds": self.seeds,
        }


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
    section, found = _validate(sources.value)
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


def _validate(raw: Mapping[str, Any]) -> tuple[SweepSection | None, list[Problem]]:
    try:
        return SweepSection.model_validate(raw), []
    except ValidationError as error:
        return None, [_problem(each) for each in error.errors(include_url=False)[:MAX_PROBLEMS]]


def _problem(error: ErrorDetails) -> Problem:
    where = error["loc"]
    if error["type"] == "extra_forbidden":
        keys = list((DimensionSection if len(where) > 1 else SweepSection).model_fields)
        return Problem(where, f"unknown key; {did_you_mean(str(where[-1]), keys)}", of_key=True)
    if error["type"] == "missing":
        example = {"base": "base: mlp.yaml", "space": "space: {seed: {choices: [1, 2, 3]}}"}[str(where[-1])]
        return Problem(where, f"missing; add it, as in `{example}`")
    if error["type"] == "model_type" and len(where) == 2:
        return Problem(where, f"expected {_EXAMPLE}, not {shown(error['input'])}")
    if error["type"] == "dict_type":
        return Problem(where, f"expected a mapping of keys to {_EXAMPLE}, not {shown(error['input'])}")
    if error["type"] == "string_pattern_mismatch":
        return Problem(where, f"{shown(error['input'])} is not a valid name; use letters, digits, '.', '_' and '-'")
    if error["type"] in ("kind", "values", "points") or not where:
        return Problem(where, error["msg"])
    return Problem(where, described(error))


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
            found.append(Problem(("seeds",), "seed is in the space as well; remove one of them"))
        if section.sampler == "grid" and each.points is None and not _is_listed(each):
            example = f"{{{each.kind}: [...], points: 4}}"
            found.append(Problem(where, f"a grid needs the number of values of this range, as in {example}"))
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
    """Return the path of the base configuration, what was read from it, and the configuration itself."""
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
    for corner in _corners(sweep.space):
        placed = [Placed(_place(sources, each, i), each.location, each.ends()[i]) for each, i in corner]
        try:
            config = resolve(deepcopy(base), name=str(sweep.base_path), stem=sweep.name, overrides=placed).config
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


def _place(sources: Sources, dimension: Dimension, index: int) -> Any:  # noqa: ANN401 - a Place
    return sources.values["space", dimension.key, dimension.kind, index]


Corner = list[tuple[Dimension, int]]


def _corners(space: tuple[Dimension, ...]) -> Iterator[Corner]:
    """Yield combinations of extreme values: all, or each value once and a random sample if there are too many."""
    choices = [range(len(each.ends())) for each in space]
    if math.prod(map(len, choices)) <= MAX_CORNERS:
        yield from (list(zip(space, corner, strict=True)) for corner in itertools.product(*choices))
        return
    chosen = random.Random(0)
    for longest in range(max(map(len, choices))):
        yield [(each, longest % len(indices)) for each, indices in zip(space, choices, strict=True)]
    for _ in range(MAX_CORNERS):
        yield [(each, chosen.choice(indices)) for each, indices in zip(space, choices, strict=True)]
