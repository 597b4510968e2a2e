"""Networks that together have everything that a format must express."""

from typing import Any

from nncli.nn.activations import ACTIVATIONS

EVERYTHING = {
    "mean": 33.3,
    "deviation": 78.6,
    "data": {"size": 29, "scale": "standardize"},
    "model": {
        "layers": [
            *({"name": name, "units": 6, "activation": name, "inputs": ["input"]} for name in ACTIVATIONS),
            {"name": "a-b", "units": 8, "inputs": list(ACTIVATIONS), "batch_norm": True, "dropout_probability": 0.5},
            {"name": "a_b", "units": 8, "activation": "tanh"},
            {"name": "local", "units": 18, "inputs": ["input"], "local": {"grid": 3, "window": 11}},
            {"name": "output", "units": 10, "inputs": ["a_b", "input", "a-b", "local"]},
        ]
    },
}
"""All activations, locally connected units, batch normalization, skip connections, a frame, standardized inputs and
names that look alike."""


def _hidden(**layer: object) -> dict[str, Any]:
    return {"model": {"layers": [{"units": 64, **layer}, {"units": 32, **layer}, {"units": 10}]}}


TRAINED: dict[str, dict[str, Any]] = {
    **{name: _hidden(activation=name) for name in ACTIVATIONS if name != "hard_threshold"},
    "dropout": _hidden(dropout_probability=0.5),
    "batch-norm": _hidden(batch_norm=True),
    "local": {
        "model": {
            "layers": [
                {"units": 49, "local": {"grid": 7, "window": 8}},
                {"units": 32, "local": {"grid": 4, "window": 3}, "batch_norm": True},
                {"units": 10},
            ]
        }
    },
    "skip": {
        "model": {
            "layers": [
                {"name": "first", "units": 64},
                {"name": "second", "units": 32, "activation": "tanh", "batch_norm": True},
                {"name": "output", "units": 10, "inputs": ["first", "second", "input"]},
            ]
        }
    },
    "standardized": _hidden() | {"data": {"scale": "standardize"}},
    "framed": _hidden() | {"data": {"size": 29}},
    "deskewed": _hidden() | {"data": {"deskew": True}},
    "squared-error": _hidden() | {"loss": "squared_error"},
    "logistic-loss": _hidden() | {"loss": "logistic_cross_entropy"},
    "float64": _hidden() | {"dtype": "float64"},
    "weight-average": _hidden() | {"training": {"ema_decay": 0.99}},
}
"""Configurations to train on MNIST."""
