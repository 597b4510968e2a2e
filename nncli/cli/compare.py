"""`nncli compare`: runs side by side, what differs in their configurations, and whether their errors do."""

from collections.abc import Iterator
from pathlib import Path

import click

from nncli import durable
from nncli.cli.boundary import on_one_line
from nncli.cli.chart import print_charts
from nncli.cli.completion import RunPath
from nncli.cli.console import print_json, progress, results, status
from nncli.cli.options import PAGE, OutputFile, data_options, json_option, threads_option
from nncli.cli.plot import StyleName, style_option
from nncli.cli.runs import duration, percent
from nncli.cli.tables import print_table
from nncli.cli.testing import open_and_test
from nncli.config.schema import Threads
from nncli.config.summary import architecture, setting
from nncli.engine import blas
from nncli.figures import FORMATS
from nncli.lab.demonstration import numbers
from nncli.runs.comparison import Comparison, probability
from nncli.runs.groups import Group, Run


@click.command()
@click.argument("paths", metavar="RUN...", type=RunPath(), nargs=-1, required=True)
@click.option(
    "--output",
    type=OutputFile(PAGE, *FORMATS),
    metavar="FILE",
    help="Write the comparison as a web page (.html), or its curves and errors as a PNG, SVG or PDF file.",
)
@style_option
@threads_option
@data_options
@json_option
def command(
    paths: tuple[Path, ...],
    output: Path | None,
    style: StyleName,
    threads: Threads | None,
    data_dir: Path | None,
    offline: bool,
    as_json: bool,
) -> None:
    """The best checkpoint of each run is evaluated on the test split.

    Runs with the same configuration and data but different seeds form a group. For each pair of runs, McNemar's test
    tells whether chance can explain the difference between their test errors. It needs the same test images, so runs
    on different datasets are compared without it.

    Example:
      nncli compare runs/mlp runs/linear
      nncli compare runs/mlp runs/mlp-2 runs/mlp-3 runs/linear --output comparison.html
    """
    if len(paths) < 2:
        raise click.UsageError("name at least two runs to compare")
    console = progress()
    with blas.threads(threads):
        compared = Comparison(open_and_test(paths, data_dir, offline=offline, console=console))
    if output is not None:
        with status(console, "plotting the comparison"):
            _write(output, compared, style)
        console.print(f"wrote {on_one_line(output)}", soft_wrap=True)
    if as_json:
        print_json(compared.to_dict())
    else:
        _print(compared)


def _write(path: Path, compared: Comparison, style: StyleName) -> None:
    if path.suffix.lower() == PAGE:
        from nncli.report.comparison import render

        durable.write(path, [render(compared).encode()])
        return
    from nncli.figures import plots  # matplotlib is slow to import
    from nncli.figures.page import save
    from nncli.figures.styles import STYLES

    save(plots.comparison(compared.groups, STYLES[style]), path)


def _print(compared: Comparison) -> None:
    console = results()
    headers = ["run", *numbers("seed", "epoch", "validation", "test"), "95% interval", *numbers("time"), "network"]
    rows = [row for group in compared.groups for row in _rows(group)]
    print_table(console, headers, rows, f"{len(compared.runs)} runs on {compared.datasets}", split=True)
    kind = "validation" if all(group.validation_curves for group in compared.groups) else "training"
    curves = [
        (run.label, list(curve), list(curve.values()))
        for group in compared.groups
        for run, curve in zip(group.runs, getattr(group, f"{kind}_curves"), strict=True)
    ]
    print_charts(console, f"{kind} error by epoch, on a logarithmic scale", curves)
    _print_differences(compared)
    _print_tests(compared)


def _rows(group: Group) -> Iterator[list[str]]:
    """Yield a row for each run of a group, and one with means if there are several."""
    for run in group.runs:
        yield _row(run)
    if len(group.runs) > 1:
        spreads = (f"{each:.2%}" if each else "-" for each in group.spreads.values())
        yield [f"mean of {len(group.runs)} seeds", "", "", *spreads, "", "", ""]


def _row(run: Run) -> list[str]:
    low, high = run.tested.summary.interval if run.tested else (None, None)
    return [
        run.label,
        str(run.config.seed),
        str(run.best_epoch or "-"),
        percent(run.validation_error),
        percent(run.test_error),
        f"{percent(low)} to {percent(high)}" if run.tested else "-",
        duration(run.record.seconds),
        architecture(run.config),
    ]


def _print_differences(compared: Comparison) -> None:
    console = results()
    if not compared.differences:
        console.print(f"{compared.common}\n")
        return
    headers = ["setting", *(group.label for group in compared.groups)]
    rows = [[key, *map(setting, values)] for key, values in compared.differences.items()]
    print_table(console, headers, rows, "Settings that differ", split=True)


def _print_tests(compared: Comparison) -> None:
    console, pairs = results(), compared.pairs
    if pairs:
        headers = ["pair", *numbers("only first", "only second", "p"), "differ"]
        rows = [
            [
                f"{pair.first.label}, {pair.second.label}",
                f"{pair.result.only_first:,}",
                f"{pair.result.only_second:,}",
                probability(pair.result.p_value),
                "yes" if pair.differ else "no",
            ]
            for pair in pairs
        ]
        title = "McNemar's test: test images that only the first or the second misclassifies"
        print_table(console, headers, rows, title, split=True)
        for sentence in compared.conclusions():
            console.print(f"- {sentence}")
    if len(pairs) > 1:
        console.print(f"\n{compared.note}", style="dim")
    if compared.omission:
        console.print(f"\n{compared.omission}")
