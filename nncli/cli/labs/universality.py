"""`nncli lab universality`: any Boolean function as one hidden layer of hard thresholds."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.functions import function_options
from nncli.cli.labs.shown import present, print_heading
from nncli.cli.options import json_option

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.cli.labs.functions import Function
    from nncli.lab.universality import Report

_DEFAULT = "x2 xor (x1 and x3)"  # a function that the rows shown on the slide belong to


@click.command()
@function_options
@json_option
def command(expression: str | None, table_path: Path | None, bits: str | None, as_json: bool) -> None:
    """Any Boolean function as one hidden layer of hard thresholds.

    Example:
      nncli lab universality "xor(a, b, c)"
      nncli lab universality --bits 0110
    """
    from nncli.cli.labs.functions import function_given
    from nncli.lab import universality

    function = function_given(expression, table_path, bits, default=_DEFAULT)
    report, _ = universality.run(function.table)
    document = {"function": function.text, **report.to_dict()}
    present(document, lambda console: _print(console, function, report), as_json=as_json)


def _print(console: "Console", function: "Function", report: "Report") -> None:
    from nncli.cli.labs.functions import verdict
    from nncli.cli.tables import print_table

    print_heading(console, "universality")
    count = len(report.variables)
    console.print(f"\ny = {function.text}, with inputs and output -1 for false and 1 for true")
    console.print(
        f"{report.hidden_units:,} hidden units, one for each input where y is {report.responds_to} "
        f"({report.ones:,} of {report.inputs:,} inputs make y true); 2^{count} units always suffice\n"
    )
    if report.listed:
        headers = ["unit ", *(f"{name} " for name in report.variables), "bias ", "to y "]
        rows = [
            (f"h{k}", *unit.weights, f"{unit.bias:g}", f"{unit.output_weight:g}")
            for k, unit in enumerate(report.listed, start=1)
        ]
        print_table(console, headers, rows, "Hidden units: each weight is the input it responds to")
    if report.hidden_units > len(report.listed):
        console.print(f"and {report.hidden_units - len(report.listed):,} units more")
    console.print(f"The linear output adds up what the units send it, to a bias of {report.output_bias:g}.")
    console.print(verdict(report.mistakes, report.inputs), style="bold")
