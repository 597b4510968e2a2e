"""The section `model`: its layers, with defaults that depend on their positions."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from nncli.config import topology
from nncli.config.sections import Probability, Section, Whole, one_of
from nncli.errors import listed
from nncli.nn.activations import ACTIVATIONS, Linear
from nncli.nn.initializers import INITIALIZERS, default_scale
from nncli.nn.network import INPUT
from nncli.records import Number

ALIASES = {each.alias: name for name, each in ACTIVATIONS.items() if each.alias}
_SCALES = {name: scale for name in INITIALIZERS if (scale := default_scale(name)) is not None}

_ACTIVATIONS = listed(f"{name} ({each.alias})" if each.alias else name for name, each in ACTIVATIONS.items())
_HE = listed((name for name, each in ACTIVATIONS.items() if each.initializer == "he"), "and")

ActivationOrAlias = Annotated[str, one_of((*ACTIVATIONS, *ALIASES))]


def _canonical(activation: object) -> object:
    """Return the lecture's name of an activation given by its alias; anything else unchanged."""
    return ALIASES.get(activation, activation) if isinstance(activation, str) else activation


class InitializerConfig(Section):
    """The distribution of a layer's initial weights; its biases start at zero."""

    name: Annotated[str, one_of(INITIALIZERS)] = Field(description=f"Initializer: {listed(INITIALIZERS)}.")
    scale: Annotated[Number, Field(gt=0, le=1e30)] | None = Field(  # to keep the weights finite in float32
        None,
        description=f"Standard deviation for normal (default {_SCALES['normal']}), or half the width of the interval "
        f"around 0 for uniform (default {_SCALES['uniform']}), at most 1e30; the other initializers depend on the "
        "layer's shape and have no scale.",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, raw: Any) -> Any:  # noqa: ANN401 - any YAML value
        """Read a plain name as {name: …}, and set the default scale of normal and uniform."""
        section = {"name": raw} if isinstance(raw, str) else raw
        if isinstance(section, dict) and section.get("scale") is None:
            scale = _SCALES.get(str(section.get("name")))
            return {**section, "scale": scale} if scale else section
        return section

    @model_validator(mode="after")
    def _scale_fits(self) -> Self:
        if self.scale is not None and self.name not in _SCALES:
            raise PydanticCustomError("scale", f"{self.name} has no scale; only {listed(_SCALES, 'and')} do")
        return self


def _without_default(schema: dict[str, Any]) -> None:
    """Leave a placeholder out of the JSON Schema: the default depends on the layer's position."""
    schema.pop("default", None)


def _or_plain_name(schema: dict[str, Any]) -> None:
    """Allow an initializer's name in place of its section in the JSON Schema."""
    _without_default(schema)
    schema["anyOf"] = [{"enum": list(INITIALIZERS)}, {"$ref": schema.pop("$ref")}]


class LocalConfig(Section):
    """Windows of the plane below, the image or another locally connected layer; each unit reads one of them.

    The units have weights of their own, so this is not a convolution.
    """

    grid: Annotated[Whole, Field(ge=1, le=64)] = Field(
        description="Number of windows in a row and in a column, spread evenly; the units are divided among them."
    )
    window: Annotated[Whole, Field(ge=1, le=64)] = Field(
        description="Number of rows and columns of a window, in pixels of the image or windows of the layer below."
    )


class LayerConfig(Section):
    """A layer; in a `ModelConfig`, every field is filled in."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")] = Field(
        "hidden",
        description="Name of the layer, used in the inputs of other layers and in checkpoints: letters, digits, _ and "
        "-; default: hidden1, hidden2, … by position, and output for the last layer.",
        json_schema_extra=_without_default,
    )
    inputs: tuple[str, ...] = Field(
        (INPUT,),
        description="Names of the layers that this layer reads, or `input` for the image; their outputs are "
        "concatenated in this order. Default: the previous layer.",
        json_schema_extra=_without_default,
    )
    units: Annotated[Whole, Field(ge=1, le=1_000_000)] = Field(
        description="Number of units, from 1 to 1000000; the last layer must have 10, one for each digit."
    )
    activation: Annotated[
        str, one_of(ACTIVATIONS), BeforeValidator(_canonical, json_schema_input_type=ActivationOrAlias)
    ] = Field(
        "relu",
        description=f"Activation: {_ACTIVATIONS}; default: relu for hidden layers and linear for the last layer.",
        json_schema_extra=_without_default,
    )
    initializer: InitializerConfig = Field(
        InitializerConfig(name="he"),
        description=f"Initializer of the weights: a name, or {{name: …, scale: …}}; default: he for {_HE}, and "
        "glorot for the other activations.",
        json_schema_extra=_or_plain_name,
    )
    local: LocalConfig | None = Field(
        None, description="Windows of a locally connected layer; null for a fully connected one."
    )
    batch_norm: bool = Field(
        False, description="Whether to normalize each unit over the mini-batch before the activation.", strict=True
    )
    dropout_probability: Probability = Field(
        0.0, description="Probability of dropping a unit of this layer during training; below 1."
    )


class ModelConfig(Section):
    """A feed-forward network; the last layer listed is the output layer."""

    layers: tuple[LayerConfig, ...] = Field(
        max_length=topology.MAX_LAYERS,
        description="Layers of the network; the last one is the output layer, with 10 units.",
        json_schema_extra={"minItems": 1},
    )
    input_dropout_probability: Probability = Field(
        0.0, description="Probability of dropping a pixel of the input during training; below 1."
    )


def filled_in(raw: Sequence[Any]) -> list[Any]:
    """Fill in the missing fields of each layer, by its position; items that are not mappings stay unchanged."""
    filled: list[Any] = []
    above = INPUT
    for position, layer in enumerate(raw, start=1):
        if not isinstance(layer, dict):
            filled.append(layer)
            continue
        last = position == len(raw)
        given = {key: value for key, value in layer.items() if value is not None}
        activation = _canonical(given.get("activation", "linear" if last else "relu"))
        known = ACTIVATIONS.get(activation) if isinstance(activation, str) else None
        defaults = {
            "name": "output" if last else f"hidden{position}",
            "activation": activation,
            "inputs": [above],
            "initializer": (known or Linear).initializer,
        }
        filled.append(defaults | given)
        above = filled[-1]["name"]
    return filled
