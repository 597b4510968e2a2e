"""Validate a configuration, and describe each problem with its location and how to fix it."""

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nncli.config import topology
from nncli.config.layers import filled_in
from nncli.config.locations import MAX_PROBLEMS, Problem, closest, shown
from nncli.config.schema import Config
from nncli.config.suggestions import did_you_mean, for_unknown_key, variants
from nncli.data.dataset import SIDE

_UNIONS = ("optimizer", "schedule")
_RUN_NAME = "use at most 100 letters, digits, '.', '_' and '-', starting with a letter, a digit or '_'"
_LAYER_NAME = "use at most 64 letters from a to z or A to Z, digits, '_' and '-', starting with a letter or '_'"
EXAMPLES = {
    "model": "model: {layers: [{units: 10}]}",
    "layers": "layers: [{units: 10}]",
    "units": "units: 10",
    "name": "name: he",
    "grid": "grid: 7",
    "window": "window: 9",
}
"""How to write each of the keys that are required."""


def validate(raw: Mapping[str, Any]) -> tuple[Config | None, list[Problem]]:
    """Return the validated configuration, or None and its problems, those of its layers' graph included.

    There are at most `MAX_PROBLEMS` + 1 of either kind.
    """
    model, layers = raw.get("model"), None
    if isinstance(model, dict) and isinstance(model.get("layers"), list | tuple):
        layers = filled_in(model["layers"])
        raw = {**raw, "model": {**model, "layers": layers}}
    config, found = None, []
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        found = [_problem(each) for each in error.errors(include_url=False)[: MAX_PROBLEMS + 1]]
    broken = islice(topology.problems(layers), MAX_PROBLEMS + 1)
    found += [Problem(("model", "layers", *location), text) for location, text in broken]
    if config and not found:
        wrong = topology.window_problems(config.model.layers, config.data.size or SIDE)
        found += [Problem(("model", "layers", *location), text) for location, text in wrong]
    if config and config.training.early_stopping and not config.data.validation:
        text = "requires data.validation above 0; set it, or remove this key"
        found.append(Problem(("training", "early_stopping"), text))
    return (None if found else config), found


def _problem(error: ErrorDetails) -> Problem:
    location = error["loc"]
    where = location[:1] + location[2:] if location and location[0] in _UNIONS else location
    kind = error["type"]
    if kind == "extra_forbidden":
        hint = for_unknown_key(location[:-1], str(location[-1]))
        return Problem(where, f"unknown key; {hint}", of_key=True, of_variant=where != location)
    if kind == "missing":
        return Problem(where, f"missing; add it, as in `{EXAMPLES[str(location[-1])]}`")
    if kind in ("string_pattern_mismatch", "string_too_long"):
        allowed = _LAYER_NAME if location[1:] else _RUN_NAME
        return Problem(where, f"{shown(error['input'])} is not a valid name; {allowed}")
    if kind == "model_attributes_type":
        return Problem(where, f"expected a mapping such as {_variant(str(location[0]), error['input'])}")
    if kind == "union_tag_invalid":
        return Problem((*where, "name"), _unknown(error["input"]["name"], error["ctx"]["expected_tags"]))
    return Problem(where, described(error))


def described(error: ErrorDetails) -> str:
    """Return what is wrong with a value, in a form that suits any schema."""
    sentence = _SENTENCES.get(error["type"])
    return sentence(error["input"], error.get("ctx", {})) if sentence else error["msg"]


def _variant(section: str, given: object) -> str:
    names = variants(section)
    return f"{{name: {closest(str(given), names) or names[0]}}}, not {_described(given)}"


def _unknown(given: object, expected: str) -> str:
    choices = re.findall(r"'([^']*)'", expected)
    if isinstance(given, str):
        return f"unknown {shown(given)}; {did_you_mean(given, choices)}"
    return f"expected one of {', '.join(choices)}, not {shown(given)}"


def _expected(what: str) -> Callable[[Any, dict[str, Any]], str]:
    return lambda given, _: f"expected {what}, not {_described(given)}"


def _described(given: object) -> str:
    return f"the string {shown(given)}" if isinstance(given, str) else shown(given)


def _limit(bound: float) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


_SENTENCES: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "literal_error": lambda given, context: _unknown(given, context["expected"]),
    "int_type": _expected("an integer"),
    "float_type": _expected("a number"),
    "bool_type": _expected("true or false"),
    "string_type": lambda given, _: f"expected a string, not {shown(given)}; put it in quotes",
    "tuple_type": _expected("a list"),
    "too_long": lambda given, context: f"{len(given)} layers, but at most {context['max_length']} are allowed",
    "model_type": _expected("a mapping of keys to values"),
    "finite_number": lambda given, _: f"{given} is not a finite number",
    "greater_than": lambda given, context: f"{shown(given)} is too small; it must be above {_limit(context['gt'])}",
    "greater_than_equal": lambda given, context: (
        f"{shown(given)} is too small; it must be at least {_limit(context['ge'])}"
    ),
    "less_than": lambda given, context: f"{shown(given)} is too large; it must be below {_limit(context['lt'])}",
    "less_than_equal": lambda given, context: (
        f"{shown(given)} is too large; it must be at most {_limit(context['le'])}"
    ),
    "string_too_short": lambda *_: "empty; write a value, or omit the key",
}
