"""The shared part of the peers' scripts: arguments, reading MNIST, learning rates, and writing weights."""

import argparse
import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

MOMENTUM = 0.9


def parse() -> argparse.Namespace:
    """Read the command line, which is the same for every script."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="the folder of MNIST's files")
    parser.add_argument("--weights", type=Path, required=True, help="where to write the weights, an .npz")
    parser.add_argument("--hidden", type=int, nargs="+", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--optimizer", choices=["sgd", "nesterov"], required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--schedule", choices=["constant", "cosine"], required=True)
    parser.add_argument("--scale", choices=["unit", "standardize"], required=True)
    parser.add_argument("--seed", type=int, required=True)
    return parser.parse_args()


def read_mnist(folder: Path, split: str) -> tuple[Bytes, Bytes]:
    """Return images (examples, pixels) and labels (examples,), compressed or not; `split` is train or t10k."""
    images = np.frombuffer(_read(folder / f"{split}-images-idx3-ubyte"), np.uint8, offset=16)
    labels = np.frombuffer(_read(folder / f"{split}-labels-idx1-ubyte"), np.uint8, offset=8)
    return images.reshape(len(labels), -1), labels


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes())


def scaled(images: Bytes, scale: str, training: Bytes | None = None) -> npt.NDArray[np.float32]:
    """Return the pixels as float32, from 0 to 1 or standardized by the mean and variance of the training images."""
    x = images.astype(np.float32)
    x /= 255
    if scale == "standardize":
        reference = x if training is None else scaled(training, "unit")
        mean, deviation = reference.mean(), reference.std()
        x -= mean
        x /= deviation
    return x


def rates(arguments: argparse.Namespace, examples: int) -> npt.NDArray[np.float32]:
    """Return the learning rate of every step."""
    steps = arguments.epochs * -(-examples // arguments.batch)
    progress = np.arange(steps) / steps if arguments.schedule == "cosine" else np.zeros(steps)
    return (arguments.rate * (1 + np.cos(np.pi * progress)) / 2).astype(np.float32)


def save(path: Path, layers: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]) -> None:
    """Write each layer's weights, as (inputs, outputs), and biases."""
    arrays = {f"W{i}": W for i, (W, _) in enumerate(layers)} | {f"b{i}": b for i, (_, b) in enumerate(layers)}
    np.savez(path, **arrays)
