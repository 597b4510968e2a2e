"""Short descriptions of a configuration, for tables."""

from itertools import groupby

from nncli.config.schema import Config


def architecture(config: Config) -> str:
    """Return the numbers of units of the layers and the hidden activations, as in `512-512-10 relu`."""
    layers = config.model.layers
    units = "-".join(str(layer.units) for layer in layers)
    activations = "-".join(name for name, _ in groupby(layer.activation for layer in layers[:-1]))
    return f"{units} {activations}".rstrip()
