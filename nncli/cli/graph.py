"""`nncli graph`: show the layers of a configured network and their costs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from nncli import build
from nncli.cli.console import print_json, progress, results
from nncli.cli.loading import load_config, load_for_training
from nncli.cli.options import config_argument, data_options, json_option, set_option
from nncli.cli.tables import print_table
from nncli.data.dataset import SIDE
from nncli.lab.demonstration import numbers
from nncli.nn.summary import summarize, to_dot

_COUNTS = ("parameters", "forward", "backward", "memory")


@click.command()
@config_argument
@set_option
@data_options
@click.option("--dot", is_flag=True, help="Print the network in the Graphviz DOT language instead.")
@json_option
def command(
    config_path: Path, overrides: tuple[str, ...], data_dir: Path | None, offline: bool, dot: bool, as_json: bool
) -> None:
    """Costs are multiply-adds per example and memory per mini-batch.

    Example:
      nncli graph experiments/mlp.yaml
      nncli graph experiments/mlp.yaml --dot | dot -Tsvg > mlp.svg
    """
    if dot and as_json:
        raise click.UsageError("--dot and --json cannot be used together; choose one")
    config = load_config(config_path, overrides, data_dir=data_dir).config
    pixels = (config.data.size or SIDE) ** 2
    if config.data.name == "idx":  # the only data that has to be read for it
        data = load_for_training(config, offline=offline, console=progress())
        pixels = build.prepared(config, data.images[:1])[0].size
    network = build.network(config, pixels)
    if dot:
        click.echo(to_dot(network, config.name))
        return
    layers = [asdict(layer) for layer in summarize(network, config.loss, config.data.batch_size)]
    document = {
        "name": config.name,
        "input_units": network.input_units,
        "batch_size": config.data.batch_size,
        "layers": layers,
        "total": {count: sum(layer[count] for layer in layers) for count in _COUNTS},
    }
    if as_json:
        print_json(document)
    else:
        _print(document)


def _print(document: dict[str, Any]) -> None:
    """Print a table of the layers, then a table of their costs."""
    console, layers = results(), document["layers"]
    rows = [
        (layer["name"], ", ".join(layer["inputs"]), " x ".join(map(str, layer["shape"])), layer["activation"])
        for layer in layers
    ]
    title = f"{document['name']}: {document['input_units']} input units"
    print_table(console, ["layer", "inputs", *numbers("shape"), "activation"], rows, title)
    costs = [
        (each["name"], *(f"{each[count]:,}" for count in _COUNTS[:-1]), f"{each['memory'] / 1e6:,.2f} MB")
        for each in [*layers, {"name": "total", **document["total"]}]
    ]
    title = (
        "forward, backward: multiply-adds per example; "
        f"memory: values and error signals for a mini-batch of {document['batch_size']:,}"
    )
    print_table(console, ["layer", *numbers(*_COUNTS)], costs, title)
