"""The examples of one split, as they lie on disk: bytes for pixels, bytes for labels."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["train", "test"]

CLASSES = 10


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and their labels, with the digests that identify them in a run's manifest.

    images: uint8 (examples, rows, columns), C-contiguous, 0 is background and 255 is ink.
    labels: uint8 (examples,), each below 10.
    sha256: file name -> SHA-256 of the file's bytes; a compressed file's contents have an entry of their own, under
        the name without `.gz`. Of generated digits, those of the two arrays.
    origin: the folder the files were read from, or a word for digits that were generated.
    """

    name: str
    split: Split
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    sha256: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    @property
    def files(self) -> dict[str, str]:
        """Return the digests of the files as they are on disk."""
        return {name: digest for name, digest in self.sha256.items() if f"{name}.gz" not in self.sha256}
