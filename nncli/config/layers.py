"""The section on the model: its layers, with what a file leaves out filled in from their order."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from nncli.config import topology
from nncli.config.locations import MAX_PROBLEMS
from nncli.config.sections import Probability, Real, Section, Whole
from nncli.config.variants import listed
from nncli.nn.activations import ACTIVATIONS, Linear
from nncli.nn.initializers import INITIALIZERS, default_scale

ALIASES = {each.alias: name for name, each in ACTIVATIONS.items() if each.alias}
_SCALES = {name: scale for name in INITIALIZERS if (scale := default_scale(name)) is not None}

if TYPE_CHECKING:
    Activation: TypeAlias = str
    ActivationOrAlias: TypeAlias = str
    Initializer: TypeAlias = str
else:
    Activation, Initializer = Literal[tuple(ACTIVATIONS)], Literal[tuple(INITIALIZERS)]
    ActivationOrAlias = Literal[(*ACTIVATIONS, *ALIASES)]


def _with_alias(name: str) -> str:
    """Write an activation's name as the description does, with its alias behind it."""
    alias = ACTIVATIONS[name].alias
    return f"{name} ({alias})" if alias else name


def _drawn_by(initializer: str) -> str:
    """List the activations whose weights an initializer draws by default."""
    return listed((name for name, each in ACTIVATIONS.items() if each.initializer == initializer), "and")


def _canonical(activation: object) -> object:
    """Return the lecture's name of an activation given by an alias; anything else unchanged."""
    return ALIASES.get(activation, activation) if isinstance(activation, str) else activation


class InitializerConfig(Section):
    """How a layer's weights are drawn; its biases start at zero."""

    name: Initializer = Field(description=f"{listed(INITIALIZERS)}.")
    scale: Annotated[Real, Field(gt=0, le=1e30)] | None = Field(  # the weights must be finite in float32 too
        None,
        description=f"normal: the standard deviation (default {_SCALES['normal']}); uniform: half the width of the "
        f"interval around 0 (default {_SCALES['uniform']}), at most 1e30; the others derive theirs from the layer's "
        "shape and take no scale.",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, raw: Any) -> Any:  # noqa: ANN401 - anything a file may hold
        """Read a plain name as {name: …} and give normal and uniform their default scale."""
        section = {"name": raw} if isinstance(raw, str) else raw
        if isinstance(section, dict) and section.get("scale") is None:
            scale = _SCALES.get(str(section.get("name")))
            return {**section, "scale": scale} if scale else section
        return section

    @model_validator(mode="after")
    def _scale_fits(self) -> Self:
        if self.scale is not None and self.name not in _SCALES:
            raise PydanticCustomError("scale", f"{self.name} takes no scale; only {listed(_SCALES, 'and')} do")
        return self


def _without_default(schema: dict[str, Any]) -> None:
    """Keep a placeholder out of the JSON Schema where the real default depends on the layer's place."""
    schema.pop("default", None)


def _or_plain_name(schema: dict[str, Any]) -> None:
    """Tell editors that an initializer's name may stand for its section."""
    _without_default(schema)
    schema["anyOf"] = [{"enum": list(INITIALIZERS)}, {"$ref": schema.pop("$ref")}]


class LayerConfig(Section):
    """A fully connected layer; inside a `ModelConfig` every field is filled in."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")] = Field(
        "hidden",
        description="Name by which other layers and the checkpoint refer to the layer: letters, digits, _ "
        "and -; left out, hidden1, hidden2, … by position, and output for the last.",
        json_schema_extra=_without_default,
    )
    inputs: tuple[str, ...] = Field(
        (topology.INPUT,),
        description="Names of the layers (or `input`, the image) that this layer reads, concatenated in "
        "this order; left out, the layer above.",
        json_schema_extra=_without_default,
    )
    units: Annotated[Whole, Field(ge=1, le=1_000_000)] = Field(
        description="Number of units, 1 to 1000000; the last layer has 10, one for each digit."
    )
    activation: Annotated[Activation, BeforeValidator(_canonical, json_schema_input_type=ActivationOrAlias)] = Field(
        "relu",
        description=f"{listed(map(_with_alias, ACTIVATIONS))}; left out, relu for hidden layers and linear for the "
        "last.",
        json_schema_extra=_without_default,
    )
    initializer: InitializerConfig = Field(
        InitializerConfig(name="he"),
        description=f"How the weights are drawn: a name, or {{name: …, scale: …}}; left out, he for {_drawn_by('he')}, "
        "glorot for the others.",
        json_schema_extra=_or_plain_name,
    )
    dropout_probability: Probability = Field(
        0.0, description="Probability with which a unit of this layer is dropped in training; below 1."
    )


def _default_initializer(activation: object) -> str:
    """Return what the weights below an activation are drawn by; for one that does not exist, whatever is valid."""
    known = ACTIVATIONS.get(activation) if isinstance(activation, str) else None
    return (known or Linear).initializer


def _filled_in(raw: list[Any]) -> list[Any]:
    """Give each layer of a raw list the fields it leaves out; what is no mapping stays as it is."""
    filled: list[Any] = []
    above = topology.INPUT
    for position, layer in enumerate(raw, start=1):
        if not isinstance(layer, dict):
            filled.append(layer)
            continue
        last = position == len(raw)
        given = {key: value for key, value in layer.items() if value is not None}
        activation = _canonical(given.get("activation", "linear" if last else "relu"))
        defaults = {
            "name": "output" if last else f"hidden{position}",
            "activation": activation,
            "inputs": [above],
            "initializer": _default_initializer(activation),
        }
        filled.append(defaults | given)
        above = filled[-1]["name"]
    return filled


class ModelConfig(Section):
    """A feed-forward network of fully connected layers; the last layer listed is the output layer."""

    layers: tuple[LayerConfig, ...] = Field(
        description="The layers; the last one is the output layer, with 10 units.",
        json_schema_extra={"minItems": 1},
    )
    input_dropout_probability: Probability = Field(
        0.0, description="Probability with which a pixel of the input is dropped in training; below 1."
    )

    @field_validator("layers", mode="wrap")
    @classmethod
    def _check_layers(cls, raw: Any, validate: ValidatorFunctionWrapHandler) -> tuple[LayerConfig, ...]:  # noqa: ANN401
        """Fill in the layers; report what is wrong with each and with the graph they form, all at once."""
        if not isinstance(raw, list | tuple):
            return validate(raw)  # type: ignore[no-any-return]
        if len(raw) > topology.MAX_LAYERS:  # what else is wrong with so many takes long to say
            raise PydanticCustomError("topology", f"{len(raw)} layers; at most {topology.MAX_LAYERS}")
        filled = _filled_in([layer.model_dump() if isinstance(layer, LayerConfig) else layer for layer in raw])
        details = [
            InitErrorDetails(type=_broken_rule(text), loc=location, input=None)
            for location, text in islice(topology.problems(filled), MAX_PROBLEMS + 1)
        ]
        try:
            layers: tuple[LayerConfig, ...] = validate(filled)
        except ValidationError as error:
            details[:0] = [_as_details(each) for each in error.errors()[: MAX_PROBLEMS + 1]]
        if details:
            raise ValidationError.from_exception_data("layers", details)
        return layers


def _broken_rule(text: str) -> PydanticCustomError:
    return PydanticCustomError("topology", "{text}", {"text": text})


def _as_details(error: Any) -> InitErrorDetails:  # noqa: ANN401 - pydantic's ErrorDetails
    """Turn a reported error back into one that can be raised together with others."""
    kind = PydanticCustomError(error["type"], error["msg"], error.get("ctx"))
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
