"""The format `npz`: the arrays in an .npz file, and a module that computes the network with NumPy alone."""

import inspect
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nncli.data import augment, preparation
from nncli.export.code import fields, identifiers, number
from nncli.export.functions import function
from nncli.export.plan import Activation, Affine, BatchNorm, Concatenate, Images, Operation, Plan

_MODULE = '''\
"""{title}, with NumPy alone; written by nncli export.

    from {module} import predict_proba
    predict_proba(images).argmax(axis=1)
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

with np.load(Path(__file__).with_name({file!r})) as file:
    arrays = dict(file)
erfc = np.vectorize(math.erfc, otypes=[np.float32])


def predict_proba(images):
    """Return the class probabilities (n, {units}) of images: {images}."""
    with np.errstate(over="ignore", under="ignore"):
        return probabilities(outputs(inputs(images)))


def inputs(images):
    """Return the inputs (n, {pixels}) of the network."""
    images = np.asarray(images, np.uint8).reshape(-1, {rows}, {columns})
{prepared}\
    return images.reshape(len(images), {pixels}) * np.float32({factor}) - np.float32({shift})


def outputs(x):
    """Return the values of the output layer (n, {units})."""
{statements}
    return {output}


def probabilities(y):
    """Return the probabilities for values of the output layer."""
    return {reading}


def softmax(y):
    e = np.exp(y - y.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
'''
_READINGS = {
    "softmax": "softmax(y)",
    "logistic": "softmax(-np.logaddexp(0, -y))",
    "clip": "np.clip(y, 1e-12, 1) / np.clip(y, 1e-12, 1).sum(axis=1, keepdims=True)",
}


def files(plan: Plan, path: Path) -> dict[str, bytes]:
    """Return the contents of the files, by suffix."""
    buffer = io.BytesIO()
    np.savez(buffer, **plan.arrays)  # type: ignore[arg-type] # NumPy's stub takes the names for its own options
    return {".npz": buffer.getvalue(), ".py": _source(plan, path).encode()}


def _source(plan: Plan, path: Path) -> str:
    names, images = identifiers(plan), plan.images
    statements = [f"{names[each.name]} = {_expression(each, names)}" for each in plan.operations]
    text = _MODULE.format(
        **fields(plan, path),
        pixels=images.pixels,
        prepared=_prepared(images),
        statements="\n".join(f"    {each}" for each in statements),
        reading=_READINGS[plan.reading],
    )
    called: list[Callable[..., object]] = [preparation.deskewed, augment.warp] if images.deskew else []
    called += [preparation.framed] if images.frame != images.shape else []
    return "\n\n".join([text, *(inspect.getsource(each) for each in called)])


def _prepared(images: Images) -> str:
    deskewed = "    images = deskewed(images)\n" if images.deskew else ""
    return deskewed + (f"    images = framed(images, {images.frame[0]})\n" if images.frame != images.shape else "")


def _expression(operation: Operation, names: dict[str, str]) -> str:
    """Return the expression of an operation's value, one row per example."""
    values = [names[each] for each in operation.inputs]
    x, arrays = values[0], [f'arrays["{each}"]' for each in operation.arrays]
    match operation:
        case Concatenate():
            return f"np.concatenate([{', '.join(values)}], axis=1)"
        case Affine():
            return "{x} @ {}.T + {}".format(*arrays, x=x)
        case BatchNorm():
            gain, shift, mean, variance = arrays
            return f"{gain} * ({x} - {mean}) / np.sqrt({variance} + {number(operation.epsilon)}) + {shift}"
        case Activation():
            return function(operation.function).of("numpy", x)
    raise AssertionError(operation)
