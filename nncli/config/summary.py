"""Short descriptions of a configuration, for tables."""

from itertools import groupby

from nncli.config.schema import Config
from nncli.config.writer import scalar


def architecture(config: Config) -> str:
    """Return the numbers of units of the layers and the hidden activations, as in `512-512-10 relu`."""
    layers = config.model.layers
    units = "-".join(str(layer.units) for layer in layers)
    activations = "-".join(name for name, _ in groupby(layer.activation for layer in layers[:-1]))
    return f"{units} {activations}".rstrip()


def setting(value: object) -> str:
    """Return the value of a setting on one line; the layers of a network as their numbers of units."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "-".join(str(layer["units"]) for layer in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {setting(each)}" for key, each in value.items() if each not in (None, 0))
    return scalar(value)
