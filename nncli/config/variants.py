"""Sections made from what they choose: the classes and functions of a table, with their own settings and defaults.

An optimizer, a schedule or another entry of a table is described by the first line of its docstring, and takes settings
such as `momentum: Annotated[float, Ge(0), Lt(1), "Share of …"] = 0.9`, whose string describes the setting. Nothing of
that is written a second time for the configuration.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, get_args, get_type_hints

from pydantic import Field, create_model

from nncli.config.sections import Section


class Variant(Section):
    """One of several sections that may stand in the same place; `name` says which."""

    name: str


def sections(
    table: Mapping[str, Any], default: str, shared: Mapping[str, tuple[Any, Any]] | None = None
) -> dict[str, type[Any]]:
    """Return a section for each entry of a table, by name.

    Args:
        table: name -> class or function.
        default: the name that a section without one has.
        shared: settings of every section, beside the variant's own.
    """
    return {name: _section(name, each, name == default, shared or {}) for name, each in table.items()}


def listed(names: Iterable[str], conjunction: str = "or") -> str:
    """Write names as a person lists them: "a, b or c"."""
    *most, last = names
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def summary(of: object) -> str:
    """Return the first line of a docstring."""
    return (of.__doc__ or "").partition("\n")[0]


def settings(of: Any) -> dict[str, tuple[Any, Any]]:  # noqa: ANN401 - a class or a function
    """Return what a class or function is set by: name -> (annotated type, default)."""
    hints = get_type_hints(of, include_extras=True)
    defaults = getattr(of, "__kwdefaults__", None) or {name: getattr(of, name, ...) for name in hints}
    return {name: (hint, defaults[name]) for name, hint in hints.items() if hasattr(hint, "__metadata__")}


def _section(name: str, of: object, is_default: bool, shared: Mapping[str, Any]) -> type[Variant]:
    fields = {key: _field(*each) for key, each in {**shared, **settings(of)}.items()}
    text = summary(of)
    chosen = (Literal[name], Field(name if is_default else ..., description=text))
    create: Any = create_model  # whose types do not cover fields that are made here
    return create(f"{name.title()}Config", __base__=Variant, __doc__=text, name=chosen, **fields)  # type: ignore[no-any-return]


def _field(hint: Any, default: Any) -> tuple[Any, Any]:  # noqa: ANN401 - an annotated type and a value of it
    """Return a field as pydantic takes it: strict, finite, with the annotation's bounds and description."""
    kind, *metadata = get_args(hint)
    bounds = [each for each in metadata if not isinstance(each, str)]
    text = next((each for each in metadata if isinstance(each, str)), None)
    strict = Field(strict=True, allow_inf_nan=False) if kind is float else Field(strict=True)
    return Annotated[(kind, *bounds, strict)], Field(default, description=text)
