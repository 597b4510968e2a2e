"""The format `torch`: a state_dict in a safetensors file, and a PyTorch module that loads it."""

from pathlib import Path

import numpy as np
import safetensors.numpy

from nncli.export.code import fields, identifiers, number
from nncli.export.functions import function
from nncli.export.plan import Activation, Affine, BatchNorm, Concatenate, Images, Operation, Plan

_MODULE = '''\
"""{title}, as a PyTorch module; written by nncli export.

    from {module} import load
    load()(images).argmax(dim=1)
"""

from pathlib import Path

import torch
from safetensors.torch import load_file


class Network(torch.nn.Module):
    """Class probabilities (n, {units}) of images: {images}."""

    def __init__(self):
        super().__init__()
{layers}

    def forward(self, images):
        """Return the class probabilities."""
        y = self.outputs(images)
        return {reading}

    def outputs(self, images):
        """Return the values of the output layer, for a loss."""
        x = images.reshape(-1, {rows}, {columns}).float()
{prepared}\
        x = x.flatten(1) * {factor} - {shift}
{statements}
        return {output}


def load(path=Path(__file__).with_name({file!r})):
    """Return the trained network, in evaluation mode."""
    network = Network()
    network.load_state_dict(load_file(path))
    return network.eval()
'''
_DESKEWED = """

def deskewed(images):
    # Shear images (n, {rows}, {columns}) along their rows until the covariance of row and column is 0.
    rows, columns = (torch.arange(float(n), device=images.device) for n in ({rows}, {columns}))
    rows = rows[:, None]
    mass = images.sum((1, 2), keepdim=True).clamp(min=1)
    dy = rows - (images * rows).sum((1, 2), keepdim=True) / mass
    dx = columns - (images * columns).sum((1, 2), keepdim=True) / mass
    covariance, variance = ((images * dy * d).sum((1, 2), keepdim=True) for d in (dx, dy))
    at = (columns + covariance / variance.clamp(min=1e-6) * dy).clamp(-1, {columns}) + 1
    left, padded = at.floor(), torch.nn.functional.pad(images, (1, 2))
    first, second = (padded.gather(2, left.long() + k) for k in (0, 1))
    return (first + (at - left) * (second - first)).round()
"""
_READINGS = {
    "softmax": "torch.softmax(y, dim=1)",
    "logistic": "torch.softmax(torch.nn.functional.logsigmoid(y), dim=1)",
    "clip": "y.clamp(1e-12, 1) / y.clamp(1e-12, 1).sum(dim=1, keepdim=True)",
}


def files(plan: Plan, path: Path) -> dict[str, bytes]:
    """Return the contents of the files, by suffix."""
    return {".safetensors": safetensors.numpy.save(state_dict(plan)), ".py": _source(plan, path).encode()}


def state_dict(plan: Plan) -> dict[str, np.ndarray]:
    """Return the tensors of the module by name; a layer's Linear is `<layer>_z`, its BatchNorm1d `<layer>_norm`."""
    names, state = identifiers(plan), {}
    for operation in plan.operations:
        parts = ["weight", "bias", "running_mean", "running_var"][: len(operation.arrays)]
        for part, array in zip(parts, operation.arrays.values(), strict=True):
            state[f"{names[operation.name]}.{part}"] = array
        if isinstance(operation, BatchNorm):
            state[f"{names[operation.name]}.num_batches_tracked"] = np.array(0)
    return state


def _source(plan: Plan, path: Path) -> str:
    names, images = identifiers(plan), plan.images
    layers = [line for each in plan.operations if (line := _layer(each, names))]
    statements = [f"{names[each.name]} = {_expression(each, names)}" for each in plan.operations]
    deskewed = _DESKEWED.format(rows=images.shape[0], columns=images.shape[1]) if images.deskew else ""
    module = _MODULE.format(
        **fields(plan, path),
        prepared=_prepared(images),
        layers=_indented(layers),
        statements=_indented(statements),
        reading=_READINGS[plan.reading],
    )
    return module + deskewed


def _indented(lines: list[str]) -> str:
    return "\n".join(" " * 8 + line for line in lines)


def _prepared(images: Images) -> str:
    top, left, bottom, right = images.margins
    deskewed = "        x = deskewed(x)\n" if images.deskew else ""
    padded = f"        x = torch.nn.functional.pad(x, ({left}, {right}, {top}, {bottom}))\n"
    return deskewed + (padded if any(images.margins) else "")


def _layer(operation: Operation, names: dict[str, str]) -> str | None:
    """Return the statement that makes the module of an operation; None if it has no parameters."""
    name = f"self.{names[operation.name]}"
    match operation:
        case Affine():
            weights, _ = operation.arrays.values()
            return f"{name} = torch.nn.Linear({weights.shape[1]}, {operation.units})"
        case BatchNorm():
            return f"{name} = torch.nn.BatchNorm1d({operation.units}, eps={number(operation.epsilon)})"
    return None


def _expression(operation: Operation, names: dict[str, str]) -> str:
    """Return the expression of an operation's value, one row per example."""
    values = [names[each] for each in operation.inputs]
    match operation:
        case Concatenate():
            return f"torch.cat([{', '.join(values)}], dim=1)"
        case Affine() | BatchNorm():
            return f"self.{names[operation.name]}({values[0]})"
        case Activation():
            return function(operation.function).of("torch", values[0])
    raise AssertionError(operation)
