"""Digits for the demonstrations, their mini-batches, and small networks to train on them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nncli import build
from nncli.config.load import from_mapping
from nncli.config.schema import Config
from nncli.data.batches import Batches
from nncli.data.dataset import CLASSES, Dataset, Split
from nncli.data.folder import is_complete
from nncli.data.load import cache_folder, load
from nncli.data.scaling import UNIT, Scaling


def load_digits(
    split: Split, directory: Path | None = None, at_most: int | None = None, name: str = "mnist"
) -> Dataset:
    """Load a dataset from a folder or the cache, without downloading it; generate digits if it is in neither.

    At most `at_most` examples are kept. The name of the result tells whether digits were generated.

    Raises:
        DataError: a file is missing from the folder, or corrupt.
    """
    at_hand = directory is not None or is_complete(cache_folder(name), split)
    data = load(name if at_hand else "synthetic-digits", split, directory=directory, offline=True)
    return replace(data, images=data.images[:at_most], labels=data.labels[:at_most])


def batches(
    data: Dataset,
    examples: slice = slice(None),
    *,
    batch_size: int = build.EVALUATION_BATCH,
    scaling: Scaling = UNIT,
    dtype: npt.DTypeLike = np.float32,
) -> Batches:
    """Return some examples of a dataset in order; pixels are scaled to 0 to 1 by default."""
    indices = np.arange(len(data.labels))[examples]
    return Batches(data.images, data.labels, indices, batch_size=batch_size, scaling=scaling, dtype=dtype)


def perceptron_config(hidden: Sequence[int], *, activation: str = "relu", **sections: Any) -> Config:  # noqa: ANN401 - see Config
    """Return the configuration of a multilayer perceptron on digits, with these other sections."""
    layers = [*({"units": units, "activation": activation} for units in hidden), {"units": CLASSES}]
    return from_mapping({"model": {"layers": layers}, "schedule": {"name": "cosine"}, **sections})
