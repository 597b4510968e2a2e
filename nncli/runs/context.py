"""The record of a network's inputs in its checkpoints."""

from typing import Annotated

from pydantic import Field

from nncli.records import Number, Record

_Pixel = Annotated[Number, Field(ge=0, le=255)]
_Extent = Annotated[int, Field(strict=True, ge=1, le=65_535)]


class ScalingRecord(Record):
    """The mean and deviation of a `Scaling`; a deviation of 0 would make every pixel infinite."""

    mean: _Pixel
    deviation: Annotated[_Pixel, Field(gt=1e-6)]


class Context(Record, extra="ignore"):
    """The inputs of a trained network, as part of a checkpoint's state.

    Attributes:
        dataset: name of the training data, which may be the fallback.
        sha256: training file -> its digest; empty if not recorded.
        fallback: whether the data is the fallback.
        shape: (rows, columns) of an image.
    """

    dataset: str
    sha256: dict[str, str] = Field(default_factory=dict)
    fallback: bool = False
    shape: tuple[_Extent, _Extent]
    scaling: ScalingRecord
