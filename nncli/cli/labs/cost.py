"""`nncli lab cost`: multiply-adds and times against width and depth, with the exponents fitted to both."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.labs.shown import output_option, present_found, print_heading
from nncli.cli.options import Finite, json_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from nncli.lab.cost import Cost, Measurement

_HEADERS = ["forward ", "backward ", "ratio ", "forward ", "backward ", "ratio ", "G/s "]


@click.command()
@click.option(
    "--width",
    "widths",
    type=click.IntRange(16, 8192),
    multiple=True,
    help="Units per layer to time; repeatable, at least two.",
)
@click.option(
    "--depth", "depths", type=click.IntRange(1, 100), multiple=True, help="Hidden layers to time; repeatable, likewise."
)
@click.option(
    "--seconds", type=Finite(0, 3600), default=5.0, show_default=True, help="How long to measure; the fastest counts."
)
@output_option
@json_option
def command(
    widths: tuple[int, ...], depths: tuple[int, ...], seconds: float, output: Path | None, as_json: bool
) -> None:
    """Multiply-adds counted, and times measured beside them.

    Example:
      nncli lab cost --output cost.png
      nncli lab cost --width 256 --width 512 --width 1024
    """
    from nncli.lab import cost

    for option, sizes in (("--width", widths), ("--depth", depths)):
        if sizes and len(set(sizes)) < 2:
            raise click.UsageError(f"an exponent needs two sizes: give {option} twice or more")
    found = cost.measure(sorted(set(widths)) or cost.WIDTHS, sorted(set(depths)) or cost.DEPTHS, seconds=seconds)
    present_found(found, _print, as_json=as_json, output=output, draw=_picture)


def _print(console: "Console", found: "Cost") -> None:
    from nncli.cli.tables import print_table
    from nncli.lab.cost import BATCH, DEPTH_OF_WIDTHS, WIDTH_OF_DEPTHS

    print_heading(console, "cost")
    console.print(
        "\nLeft: millions of multiply-adds an example, counted from the graph. Right: milliseconds for a batch of "
        f"\n{BATCH} in float32 on one thread, measured, and billions of multiply-adds a second."
    )
    console.print(f"\nGrowing width, {DEPTH_OF_WIDTHS} hidden layers", style="bold")
    print_table(console, ["units ", *_HEADERS], _rows(found.widths, [each.width for each in found.widths]))
    console.print(f"Growing depth, {WIDTH_OF_DEPTHS} units a layer", style="bold")
    print_table(console, ["layers ", *_HEADERS], _rows(found.depths, [each.depth for each in found.depths]))
    for what, (counted, measured) in (("width", found.width_exponents), ("depth", found.depth_exponents)):
        console.print(f"cost grows as {what} to the power {counted:.2f} counted, {measured:.2f} measured")


def _rows(sweep: Sequence["Measurement"], sizes: Sequence[int]) -> list[list[str]]:
    return [
        [
            str(size),
            f"{each.forward / 1e6:.3f}",
            f"{each.backward / 1e6:.3f}",
            f"{each.predicted_ratio:.2f}",
            f"{each.forward_seconds * 1e3:.2f}",
            f"{each.backward_seconds * 1e3:.2f}",
            f"{each.measured_ratio:.2f}",
            f"{each.rate / 1e9:.1f}",
        ]
        for size, each in zip(sizes, sweep, strict=True)
    ]


def _picture(found: "Cost") -> "Figure":
    from nncli.figures.curves import Curve, Panel, draw
    from nncli.lab.cost import BATCH

    caption = f"a batch of {BATCH} in float32 on one thread; the grey line has the counted multiply-adds at one rate"
    panels = []
    for sweep, sizes, what, (counted, measured) in (
        (found.widths, [each.width for each in found.widths], "units per layer", found.width_exponents),
        (found.depths, [each.depth for each in found.depths], "hidden layers", found.depth_exponents),
    ):
        curves = [
            Curve("both passes", sizes, [each.seconds * 1e3 for each in sweep], "points"),
            Curve("forward", sizes, [each.forward_seconds * 1e3 for each in sweep], "points"),
            Curve("backward", sizes, [each.backward_seconds * 1e3 for each in sweep], "points"),
            Curve("both, as counted", sizes, _predicted(sweep), "plain"),
        ]
        title = f"exponent {measured:.2f} measured, {counted:.2f} counted"
        panels.append(Panel(curves, title, what, "milliseconds a batch", x_log=True, y_log=True))
    return draw(panels, title="The cost of a forward and a backward pass", caption=caption, columns=2)


def _predicted(sweep: Sequence["Measurement"]) -> list[float]:
    """Give the milliseconds of both passes, had every network run at the sweep's mean rate."""
    rate = sum(each.forward + each.backward for each in sweep) / sum(each.seconds for each in sweep)
    return [(each.forward + each.backward) / rate * 1e3 for each in sweep]
