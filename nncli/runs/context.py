"""What a checkpoint says of its network's inputs."""

from typing import Annotated

from pydantic import Field

from nncli.records import Number, Record

_Pixel = Annotated[Number, Field(ge=0, le=255)]
_Extent = Annotated[int, Field(strict=True, ge=1, le=65_535)]


class ScalingRecord(Record):
    """The numbers of a `Scaling`; a deviation of 0 would make every pixel infinite."""

    mean: _Pixel
    deviation: Annotated[_Pixel, Field(gt=1e-6)]


class Context(Record, extra="ignore"):
    """The inputs of a trained network, as part of a checkpoint's state.

    Attributes:
        dataset: the name of the data it was trained on (a fallback's, where that was used).
        sha256: training file -> its digest; empty where the checkpoint does not say.
        fallback: whether the data took the place of what was asked for.
        shape: (rows, columns) of an image.
    """

    dataset: str
    sha256: dict[str, str] = Field(default_factory=dict)
    fallback: bool = False
    shape: tuple[_Extent, _Extent]
    scaling: ScalingRecord
