"""`nncli lab circuit`: compile a Boolean function to a network of AND, OR and NOT units, save it, and open it again."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.functions import function_options
from nncli.cli.labs.shown import present, print_heading
from nncli.cli.options import json_option

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.cli.labs.functions import Function
    from nncli.lab.boolean_network import BooleanNetwork
    from nncli.lab.circuit import Report
    from nncli.lab.truth_table import TruthTable

_DEFAULT = "(a or b) and (c or not d) and (e xor f)"
_LISTED = 40  # units or rows of a truth table


@click.command()
@function_options
@click.option("--save", type=click.Path(path_type=Path), help="Save the network, as a checkpoint.")
@click.option("--open", "saved", type=click.Path(path_type=Path), help="Open a saved network and run all inputs.")
@json_option
def command(
    expression: str | None,
    table_path: Path | None,
    bits: str | None,
    save: Path | None,
    saved: Path | None,
    as_json: bool,
) -> None:
    """A Boolean circuit as a compact network of AND, OR and NOT.

    An expression has names, 0, 1, brackets and, from the closest binding: not (~ !), and (&), xor (^), or (|).
    The words `and`, `or` and `xor` are functions of several operands too.

    Example:
      nncli lab circuit "a and not (b or c)"
      nncli lab circuit "xor(a, b, c)" --save parity.safetensors
      nncli lab circuit --open parity.safetensors
    """
    if saved:
        if save or expression or table_path or bits:
            raise click.UsageError("--open shows a saved network; give no function and no --save with it")
        _open(saved, as_json=as_json)
        return
    from nncli.cli.labs.functions import function_given
    from nncli.lab import circuit

    function = function_given(expression, table_path, bits, default=_DEFAULT)
    report, network = circuit.run(function.table, function.expression)
    present(
        {"function": function.text, **report.to_dict()},
        lambda console: _print(console, function, report),
        as_json=as_json,
        output=save,
        save=lambda path: _save(path, network),
    )


def _save(path: Path, network: "BooleanNetwork") -> None:
    from nncli.lab import boolean_file

    boolean_file.save(path, network)
    click.echo(f"{path} written; open it with: nncli lab circuit --open {path}", err=True)


def _print(console: "Console", function: "Function", report: "Report") -> None:
    from nncli.cli.labs.functions import verdict
    from nncli.cli.tables import print_table

    print_heading(console, "circuit")
    console.print(f"\ny = {function.text}, with 0 for false and 1 for true\n")
    rows = [
        (
            unit.layer,
            unit.name,
            unit.formula,
            "  ".join(f"{name}: {weight:+g}" for name, weight in unit.weights.items()),
            f"{unit.bias:+g}",
        )
        for unit in report.units[:_LISTED]
    ]
    print_table(console, ["layer", "unit", "computes", "weights", "bias "], rows, "Units, all hard thresholds")
    if len(report.units) > _LISTED:
        console.print(f"and {len(report.units) - _LISTED:,} units more")
    sizes = (("this circuit", report.size), ("one hidden layer", report.universal))
    print_table(
        console,
        ["network", "layers ", "units ", "weights "],
        [(name, f"{size.layers:,}", f"{size.units:,}", f"{size.weights:,}") for name, size in sizes],
        "Size, beside the universal construction",
    )
    console.print(verdict(report.mistakes, report.inputs), style="bold")


def _open(path: Path, *, as_json: bool) -> None:
    """Show the layers of a saved network and the function that it computes."""
    from nncli.lab import boolean_file

    network = boolean_file.load(path)
    table = network.table()
    layers = [
        {"name": each.name, "units": each.units, "activation": each.activation, "inputs": list(each.inputs)}
        for each in network.network.layers
    ]
    document = {
        "variables": list(network.variables),
        "false": network.false,
        "layers": layers,
        "ones": table.ones,
        "outputs": "".join("01"[int(bit)] for bit in table.outputs),
    }
    present(document, lambda console: _print_saved(console, path, network, table), as_json=as_json)


def _print_saved(console: "Console", path: Path, network: "BooleanNetwork", table: "TruthTable") -> None:
    from nncli.cli.tables import print_table

    console.print(f"{path}: a Boolean function of {', '.join(network.variables)}", style="bold")
    layers = network.network.layers
    print_table(
        console,
        ["layer", "units ", "activation", "reads"],
        [(each.name, f"{each.units:,}", each.activation, ", ".join(each.inputs)) for each in layers],
    )
    shown = slice(_LISTED)
    rows = [*table.inputs()[:, shown].astype(int), table.outputs[shown].astype(int)]
    print_table(
        console, [*(f"{name} " for name in network.variables), "y "], zip(*rows, strict=True), "Its truth table"
    )
    if len(table.outputs) > _LISTED:
        console.print(f"and {len(table.outputs) - _LISTED:,} rows more")
    console.print(f"true for {table.ones:,} of {len(table.outputs):,} inputs")
