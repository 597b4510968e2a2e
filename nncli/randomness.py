"""Independent streams of random numbers, each derived from the seed and what it is for."""

import zlib

import numpy as np


def generator(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """Give the generator of one purpose, such as ("order", epoch): the same for the same arguments, always."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), *numbers])
