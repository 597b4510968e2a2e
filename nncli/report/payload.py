"""The data of a report for the scripts of the page: plain JSON values, and arrays as text (`scripts/unpack.js`)."""

import base64
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from nncli import build
from nncli.export.plan import Affine, BatchNorm, Operation, Plan, plan
from nncli.report.findings import Findings

RATES = 200  # points of the learning-rate schedule


def values(findings: Findings) -> dict[str, Any]:
    """Return the values that are small enough for JSON."""
    shown, trained, tested = findings.shown, findings.trained, findings.tested
    everything = len(shown) == len(tested.data.labels)
    return {
        "images": {
            "shape": list(tested.data.images.shape[1:]),
            "labels": _as_digits(tested.data.labels[shown]),
            "predictions": _as_digits(tested.predictions[shown]),
            "indices": None if everything else shown.tolist(),
        },
        "confusion": tested.summary.confusion.tolist(),
        "worst": findings.worst.tolist(),
        "calibration": {name: array.tolist() for name, array in vars(tested.calibration).items()},
        "epochs": [asdict(epoch) for epoch in findings.epochs],
        "schedule": _schedule(findings),
        "features": {
            "layer": findings.features.layer.name,
            "units": findings.features.units.tolist(),
            "images": findings.features.images.tolist(),
        },
        "network": _network(findings, plan(trained)),
    }


def arrays(findings: Findings) -> dict[str, str]:
    """Return the packed arrays by the names of their elements on the page."""
    tested, shown = findings.tested, findings.shown
    return {
        "pixels": packed(tested.data.images[shown].tobytes()),
        "confidences": packed_floats([tested.confidences[shown]]),
        "weights": packed_floats(_tensors(plan(findings.trained)).values()),
    }


def _as_digits(classes: np.ndarray[Any, np.dtype[Any]]) -> str:
    return "".join(map(str, classes.tolist()))


def _schedule(findings: Findings) -> list[tuple[float, float]]:
    """Return (epoch, learning rate) at regular times of the whole training."""
    config = findings.trained.config
    rate = build.learning_rate(config)
    times = np.linspace(0, config.training.epochs, RATES + 1).tolist()
    return [(time, rate(time)) for time in times]


def _network(findings: Findings, network: Plan) -> dict[str, Any]:
    """Describe the network as a sequence of operations; `tensors` has the place of each array among the weights."""
    penalties = findings.trained.config.regularization
    offset, tensors = 0, {}
    for name, array in _tensors(network).items():
        tensors[name] = {"shape": list(array.shape), "offset": offset}
        offset += array.size
    return {
        "images": asdict(network.images),
        "operations": [_operation(each) for each in network.operations],
        "output": network.output,
        "loss": findings.trained.config.loss,
        "penalties": {"l1": penalties.l1, "l2": penalties.l2},
        "tensors": tensors,
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described = {
        "kind": type(operation).__name__.lower(),
        "name": operation.name,
        "inputs": list(operation.inputs),
        "units": operation.units,
        "arrays": list(_arrays_of(operation)),
    }
    return described | {key: value for key in ("function", "local") if (value := getattr(operation, key, None))}


def _tensors(network: Plan) -> dict[str, Any]:
    return {name: array for operation in network.operations for name, array in _arrays_of(operation).items()}


def _arrays_of(operation: Operation) -> dict[str, Any]:
    """Return the arrays that the page computes with: of batch normalization, one slope and one offset."""
    if isinstance(operation, BatchNorm):
        return dict(
            zip((f"{operation.name}.slope", f"{operation.name}.offset"), operation.slope_and_offset, strict=True)
        )
    if isinstance(operation, Affine):
        return operation.arrays
    return {}


def packed(content: bytes) -> str:
    """Return bytes as base64 of their zlib stream."""
    return base64.b64encode(zlib.compress(content, 6)).decode("ascii")


def packed_floats(arrays: Iterable[npt.NDArray[np.floating]]) -> str:
    """Return arrays, one after the other, as the upper three bytes of each float32, rounded to nearest.

    Sixteen significant bits change probabilities by less than 1e-4 and save a quarter of the space. All first bytes
    come first, then all second and all third ones: signs and exponents compress well only among themselves.
    """
    values = np.concatenate([array.astype(np.float32).reshape(-1) for array in arrays])
    bits = values.view(np.uint32)
    rounded = np.where(bits & 0x7FFFFFFF < 0x7F7FFF80, bits + 0x80, bits) >> 8  # the largest would become infinite
    return packed(b"".join((rounded >> shift).astype(np.uint8).tobytes() for shift in (16, 8, 0)))
