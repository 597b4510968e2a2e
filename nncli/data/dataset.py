"""The examples of one split, with pixels and labels as bytes."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["train", "test"]

Indices = NDArray[np.int64]

CLASSES = 10

SIDE = 28
"""Rows and columns of an image of every dataset except idx."""

BOX = 20
"""Rows and columns of the box that MNIST fits a digit into."""


def split_title(split: str) -> str:
    """Return the name of a split as shown to the user: `training` for `train`."""
    return "training" if split == "train" else split


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels, with the digests that identify them in a run's manifest.

    Attributes:
        images: uint8 (examples, rows, columns), C-contiguous; 0 is background, 255 is ink.
        labels: uint8 (examples,), each below 10.
        sha256: file name -> SHA-256; the contents of a compressed file have their own entry, without `.gz`. For
            generated digits, those of the two arrays.
        origin: the folder of the files, or `generated`.
    """

    name: str
    split: Split
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    sha256: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    @property
    def files(self) -> dict[str, str]:
        """The digests of the files on disk, compressed or not."""
        return {name: digest for name, digest in self.sha256.items() if f"{name}.gz" not in self.sha256}
