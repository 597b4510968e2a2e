"""`nncli graph`: the network of a configuration, layer by layer, with the cost of each layer."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nncli.cli.options import config_argument, data_options, json_option, set_option

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.config.schema import Config
    from nncli.nn.summary import LayerSummary

PIXELS = 28 * 28
"""Input units of every dataset that nncli knows by name."""

_COUNTS = ("parameters", "forward", "backward", "memory")


@click.command()
@config_argument
@set_option
@data_options
@click.option("--dot", is_flag=True, help="Print the network in the DOT language of Graphviz instead.")
@json_option
def command(
    config_path: Path, overrides: tuple[str, ...], data_dir: Path | None, offline: bool, dot: bool, as_json: bool
) -> None:
    """Costs are multiply-adds for one example, and memory for one mini-batch.

    Example:
      nncli graph experiments/mlp.yaml
      nncli graph experiments/mlp.yaml --dot | dot -Tsvg > mlp.svg
    """
    import numpy as np

    from nncli import build
    from nncli.cli.console import print_json, results
    from nncli.cli.precedence import load_config
    from nncli.nn.network import NetworkGraph
    from nncli.nn.summary import summarize, to_dot

    if dot and as_json:
        raise click.UsageError("--dot and --json exclude each other; give one of them")
    config = load_config(config_path, overrides, data_dir=data_dir).config
    network = build.network(config, _input_units(config, offline=offline))
    if dot:
        click.echo(to_dot(network, config.name))
        return
    graph = NetworkGraph(network, config.loss, rng=np.random.default_rng(config.seed))
    layers = summarize(network, graph, config.data.batch_size)
    if as_json:
        print_json(_to_document(config, network.input_units, layers))
    else:
        _print(results(), config, network.input_units, layers)


def _input_units(config: "Config", *, offline: bool) -> int:
    """Return the number of pixels of an example; only a person's own files have to be read for that."""
    if config.data.name != "idx":
        return PIXELS
    from nncli.cli.console import progress
    from nncli.cli.datasets import load_data

    data, _ = load_data(config, "train", offline=offline, console=progress())
    return int(data.images[0].size)


def _total(layers: "list[LayerSummary]") -> dict[str, int]:
    return {count: sum(getattr(layer, count) for layer in layers) for count in _COUNTS}


def _to_document(config: "Config", input_units: int, layers: "list[LayerSummary]") -> dict[str, Any]:
    return {
        "name": config.name,
        "input_units": input_units,
        "batch_size": config.data.batch_size,
        "layers": [asdict(layer) for layer in layers],
        "total": _total(layers),
    }


def _print(console: "Console", config: "Config", input_units: int, layers: "list[LayerSummary]") -> None:
    """Print what each layer is, then what it costs."""
    from nncli.cli.tables import print_table

    rows = [(each.name, ", ".join(each.inputs), " x ".join(map(str, each.shape)), each.activation) for each in layers]
    title = f"{config.name}: {input_units} input units"
    print_table(console, ["layer", "reads", "shape ", "activation"], rows, title)
    costs = [[each.name, *_costs(asdict(each))] for each in layers]
    print_table(
        console,
        ["layer", *(f"{count} " for count in _COUNTS)],
        [*costs, ["total", *_costs(_total(layers))]],
        "forward, backward: multiply-adds for one example; "
        f"memory: values and error signals of a mini-batch of {config.data.batch_size:,}",
    )


def _costs(counts: dict[str, Any]) -> list[str]:
    *whole, memory = (counts[name] for name in _COUNTS)
    return [*(f"{count:,}" for count in whole), f"{memory / 1e6:,.2f} MB"]
