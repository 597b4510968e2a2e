"""What a checkpoint's state says of its network's inputs, checked before anything is built from it."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_Pixel = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=255)]
_Extent = Annotated[int, Field(strict=True, ge=1, le=65_535)]
_Epoch = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]


class _Part(BaseModel):
    """A part of the state; the keys that stand beside are a training's own."""

    model_config = ConfigDict(frozen=True)


class ScalingRecord(_Part):
    """The numbers of a `Scaling`; a deviation of 0 would make every pixel infinite."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: _Pixel
    deviation: Annotated[_Pixel, Field(gt=1e-6)]


class _Progress(_Part):
    epoch: _Epoch


class Context(_Part):
    """The inputs of a trained network.

    Attributes:
        dataset: the name of the data it was trained on (a fallback's, where that was used).
        shape: (rows, columns) of an image.
        sha256: training file -> its digest; empty where the checkpoint does not say.
    """

    dataset: str
    shape: tuple[_Extent, _Extent]
    scaling: ScalingRecord
    sha256: dict[str, str] = {}
    progress: _Progress

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Self:
        """Take the part of a state that says this.

        Raises:
            ValueError: in one line, the first thing that is missing or impossible.
        """
        try:
            return cls.model_validate(state)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(step) for step in first["loc"])
            raise ValueError(f"its state's {place:.100}: {first['msg']}") from None
