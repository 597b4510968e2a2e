"""The predictions for the examples of a split, as a file for other programs."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FORMATS = (".npz", ".csv")


@dataclass(frozen=True, eq=False)
class Predictions:
    """The predictions for examples of a dataset.

    Attributes:
        indices: (examples,), the position of each example in the dataset's file, counted from 0.
        labels: (examples,), the true classes.
        probabilities: (classes, examples), each column a distribution over the classes.
    """

    indices: NDArray[np.integer]
    labels: NDArray[np.integer]
    probabilities: NDArray[np.floating]

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable class of each example, or the first of equal ones, (examples,)."""
        return np.asarray(self.probabilities.argmax(axis=0))

    def encoded(self, suffix: str) -> bytes:
        """Return the content of a file in the format of a suffix, one of `FORMATS`; every number is exact.

        npz: arrays `indices`, `labels`, `predictions` (examples,) and `probabilities` (examples, classes).
        csv: columns `index`, `label`, `prediction`, and `p0`, `p1`, … with the probability of each class.
        """
        file = io.BytesIO()
        rows = self.probabilities.T  # (examples, classes)
        if suffix == ".npz":
            np.savez(file, indices=self.indices, labels=self.labels, predictions=self.predicted, probabilities=rows)
            return file.getvalue()
        names = ["index", "label", "prediction", *(f"p{label}" for label in range(rows.shape[1]))]
        columns = np.column_stack((self.indices, self.labels, self.predicted, rows))
        formats = ["%d"] * 3 + [f"%.{np.finfo(rows.dtype).precision + 3}g"] * rows.shape[1]
        np.savetxt(file, columns, fmt=formats, delimiter=",", header=",".join(names), comments="")
        return file.getvalue()
