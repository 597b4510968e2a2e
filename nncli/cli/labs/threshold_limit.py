"""`nncli lab threshold-limit`: a circuit with logistic units, its worst error against the scale of its weights."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.functions import function_options
from nncli.cli.labs.shown import output_option, present, print_heading, save_picture
from nncli.cli.options import Finite, json_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from nncli.cli.labs.functions import Function
    from nncli.lab.threshold_limit import Report

_DEFAULT = "xor(a, b, c)"
_MOST = 1e4


@click.command()
@function_options
@click.option(
    "--scale",
    "scales",
    type=Finite(0, _MOST, min_open=True),
    multiple=True,
    help="A factor on weights and biases; repeatable.",
)
@output_option
@json_option
def command(
    expression: str | None,
    table_path: Path | None,
    bits: str | None,
    scales: tuple[float, ...],
    output: Path | None,
    as_json: bool,
) -> None:
    """Scaled up, logistic units become hard thresholds.

    Example:
      nncli lab threshold-limit "a xor b" --scale 2 --scale 8
      nncli lab threshold-limit --output limit.png
    """
    from nncli.cli.labs.functions import function_given
    from nncli.lab import threshold_limit

    function = function_given(expression, table_path, bits, default=_DEFAULT)
    report = threshold_limit.run(function.table, function.expression, scales or threshold_limit.SCALES)
    present(
        {"function": function.text, **report.to_dict()},
        lambda console: _print(console, function, report),
        as_json=as_json,
        output=output,
        save=lambda path: save_picture(path, _picture(function, report)),
    )


def _print(console: "Console", function: "Function", report: "Report") -> None:
    from nncli.cli.tables import print_table

    print_heading(console, "threshold-limit")
    console.print(
        f"\ny = {function.text}, as a circuit of {report.units} units in {report.layers} layers; "
        "all logistic, all weights and biases times a scale"
    )
    rows = [(f"{r.scale:g}", f"{r.worst_error:.3g}", "yes" if r.exact else "no") for r in report.rows]
    print_table(console, ["scale ", "worst error ", "right after rounding"], rows)
    console.print(f"{_measured(report)}.", style="bold")
    console.print(
        f"From a scale of {report.guaranteed_from:.4f} on that is certain: 4 ln(4n - 1), with at most "
        f"n = {report.fan_in} inputs to a unit."
    )


def _measured(report: "Report") -> str:
    if report.exact_from == 0:
        return "After rounding, right for every input at every scale tried"
    return f"After rounding, right for every input from a scale of {report.exact_from:.4f} on"


def _picture(function: "Function", report: "Report") -> "Figure":
    """Draw the worst error against the scale, beside that of a single unit."""
    from nncli.figures.curves import Curve, Panel, draw
    from nncli.lab import activations, threshold_limit

    highest = max(40.0, max(row.scale for row in report.rows))
    scales = [highest * step / 200 for step in range(1, 201)]
    fine = threshold_limit.run(function.table, function.expression, scales)
    curves = [
        Curve("worst error over all inputs", scales, [row.worst_error for row in fine.rows]),
        Curve("one unit, z = 1/2 away: σ(-s/2)", scales, activations.evaluate("logistic", [-s / 2 for s in scales]).y),
        Curve("1/2: below, rounding is right", [0, highest], [0.5, 0.5], "plain"),
    ]
    panel = Panel(curves, x_label="scale s of weights and biases", y_label="|y - t|", y_log=True)
    return draw([panel], title=f"Logistic units for y = {function.text:.60}", caption=_measured(report), zoom=1.6)
