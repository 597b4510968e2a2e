"""The keys of a sweep's file and their values, validated."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from nncli.config.locations import MAX_PROBLEMS, Problem, shown
from nncli.config.problems import described
from nncli.config.schema import Count, Metric, RunName
from nncli.config.sections import Section
from nncli.config.suggestions import did_you_mean
from nncli.sweep.space import Kind

MAX_TRIALS = 1_000_000
_KINDS: tuple[Kind, ...] = get_args(Kind)
_EXAMPLE = "{choices: [256, 512]} or {log: [0.001, 1]}"


class DimensionSection(Section):
    """The values of one key; exactly one of the first five fields is set."""

    choices: list[Any] | None = None
    log: Any = None
    uniform: Any = None
    integers: Any = None
    log_integers: Any = None
    points: Annotated[Count, Field(le=10_000)] | None = None

    @property
    def kind(self) -> Kind:
        """The name of the field that is set."""
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

    name: RunName | None = None
    base: Annotated[str, Field(min_length=1)]
    space: dict[str, DimensionSection]
    sampler: Literal["grid", "random", "tpe", "qmc"] = "grid"
    pruner: Literal["none", "median", "hyperband"] = "none"
    objective: Metric = "validation_error"
    trials: Annotated[Count, Field(le=MAX_TRIALS)] | None = None
    seeds: Annotated[Count, Field(le=1000)] = 1


def validate(raw: Mapping[str, Any]) -> tuple[SweepSection | None, list[Problem]]:
    """Return the keys of a file, or the problems of their values."""
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
