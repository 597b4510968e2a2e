"""Base classes of the sections of a configuration, and sections made from optimizers and schedules.

The first line of the docstring of an optimizer or a schedule describes it, and annotations such as
`momentum: Annotated[float, Ge(0), Lt(1), "Share of …"] = 0.9` define its settings. The configuration does not repeat
them.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema, create_model, model_validator
from pydantic_core import core_schema

from nncli.nn.adversarial import ADVERSARIES
from nncli.optim.optimizers import OPTIMIZERS
from nncli.optim.schedules import SCHEDULES, warmup
from nncli.records import Number

Whole = Annotated[int, Field(strict=True)]
Probability = Annotated[Number, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A mapping in the configuration file; it is immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # a validator is built when first used

    @model_validator(mode="before")
    @classmethod
    def _leave_out_the_empty(cls, raw: Any) -> Any:  # noqa: ANN401 - any YAML value
        """Ignore keys without a value, as in a section whose lines are all comments."""
        if not isinstance(raw, dict):
            return raw
        return {key: value for key, value in raw.items() if value is not None or key not in cls.model_fields}


class Variant(Section):
    """One of several alternative sections, chosen by `name`."""

    name: str


def variants(table: Mapping[str, Any], default: str, shared: object = None) -> dict[str, type[Any]]:
    """Return a section for each entry of a table, by name.

    Args:
        table: name -> class or function.
        default: the variant of a section without a name.
        shared: a function whose settings every section has.
    """
    common = _settings(shared) if shared else {}
    return {name: _variant(name, each, name == default, common | _settings(each)) for name, each in table.items()}


def _settings(of: Any) -> dict[str, tuple[Any, Any]]:  # noqa: ANN401 - a class or a function
    """Return the settings of a class or function: name -> (annotated type, default)."""
    hints = get_type_hints(of, include_extras=True)
    defaults = getattr(of, "__kwdefaults__", None) or {name: getattr(of, name, ...) for name in hints}
    return {name: (hint, defaults[name]) for name, hint in hints.items() if hasattr(hint, "__metadata__")}


def _variant(name: str, of: object, is_default: bool, settings: Mapping[str, tuple[Any, Any]]) -> type[Variant]:
    chosen = (Literal[name], Field(name if is_default else ..., description=_summary(of)))
    return _made(f"{name.title()}Config", Variant, of, {"name": chosen} | _fields(settings))  # type: ignore[return-value]


def section(of: type, **further: tuple[Any, Any]) -> type[Any]:
    """Return a section with the settings of a class, and further fields."""
    return _made(f"{of.__name__}Config", Section, of, _fields(_settings(of)) | further)


def _made(name: str, base: type[Section], of: object, fields: Mapping[str, tuple[Any, Any]]) -> type[Section]:
    create: Any = create_model  # its types do not cover computed fields
    return create(name, __base__=base, __doc__=_summary(of), **fields)  # type: ignore[no-any-return]


def _summary(of: object) -> str:
    return (of.__doc__ or "").partition("\n")[0]


def _fields(settings: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    return {key: _field(*each) for key, each in settings.items()}


def _field(hint: Any, default: Any) -> tuple[Any, Any]:  # noqa: ANN401 - an annotated type and a value of it
    """Return a strict, finite field with the bounds and the description of an annotation."""
    kind, *metadata = get_args(hint)
    bounds = [each for each in metadata if not isinstance(each, str)]
    text = next((each for each in metadata if isinstance(each, str)), None)
    strict = Field(strict=True, allow_inf_nan=False) if kind is float else Field(strict=True)
    return Annotated[(kind, *bounds, strict)], Field(default, description=text)


def one_of(names: Iterable[str]) -> GetPydanticSchema:
    """Return the annotation of a string that is one of some names."""
    return GetPydanticSchema(lambda *_: core_schema.literal_schema(list(names)))


ADVERSARY_SECTIONS = variants(ADVERSARIES, default="fast_gradient")
OPTIMIZER_SECTIONS = variants(OPTIMIZERS, default="adam")
SCHEDULE_SECTIONS = variants(SCHEDULES, default="constant", shared=warmup)

if TYPE_CHECKING:

    class AdversaryConfig(Variant):
        """The fields that all adversaries share."""

        epsilon: float

    class OptimizerConfig(Variant):
        """The fields that all optimizers share."""

        learning_rate: float

    class ScheduleConfig(Variant):
        """The fields that all schedules share."""

        warmup_epochs: float

else:
    AdversaryConfig = Union[tuple(ADVERSARY_SECTIONS.values())]  # noqa: UP007 - of a tuple
    OptimizerConfig = Union[tuple(OPTIMIZER_SECTIONS.values())]  # noqa: UP007
    ScheduleConfig = Union[tuple(SCHEDULE_SECTIONS.values())]  # noqa: UP007
