"""`nncli runs`: list the run folders in a folder."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from nncli.cli.boundary import on_one_line
from nncli.cli.console import print_json, results, warn
from nncli.cli.options import PATH, json_option
from nncli.cli.tables import print_table
from nncli.config.load import to_mapping
from nncli.config.summary import architecture
from nncli.errors import RunError
from nncli.lab.demonstration import numbers
from nncli.runs.listing import SORT_KEYS, Listed, find, ordered, read

_WIDEST = 10_000  # characters: off a terminal, a run is one line, for grep and the like


@click.command()
@click.argument("folder", metavar="[DIR]", type=PATH, default=Path("runs"))
@click.option("--sort", type=click.Choice(SORT_KEYS), default="started", help="Column to sort by.")
@click.option("--reverse", is_flag=True, help="Sort in descending order.")
@json_option
def command(folder: Path, sort: str, reverse: bool, as_json: bool) -> None:
    """DIR defaults to runs; its subfolders are searched too.

    The validation error is that of the best epoch. The test error is known once `nncli evaluate`, `compare` or `plot`
    has measured it. A run that was killed can be resumed, like one that was interrupted.

    Example:
      nncli runs
      nncli runs experiments/old --sort test
      nncli runs --sort time --reverse --json
    """
    found = []
    for path in find(folder):
        try:
            found.append(read(path))
        except RunError as error:
            warn(f"warning: {error}")
    runs = ordered(found, sort, reverse=reverse)
    if as_json:
        print_json([_describe(run) for run in runs])
    elif runs:
        _print(runs, folder)
    else:
        click.echo(f"no runs in {folder}; train one with: nncli train CONFIG", err=True)


def _describe(run: Listed) -> dict[str, Any]:
    """Return a run as plain JSON values."""
    finished = run.finished.isoformat() if run.finished else None
    config = to_mapping(run.config) if run.config else None
    changes = {"path": str(run.path), "started": run.started.isoformat(), "finished": finished, "config": config}
    return asdict(run) | changes


def _print(runs: Sequence[Listed], folder: Path) -> None:
    """Print a table of runs; their data is a column only if it differs."""
    datasets = {run.dataset for run in runs}
    same = f", trained on {runs[0].dataset}" if len(datasets) == 1 else ""
    headers = ["run", "status", *numbers("epochs", "validation", "test", "time", "seed"), "network", "optimizer"]
    rows = [[*_row(run, folder), *([] if same else [run.dataset])] for run in runs]
    title = f"{len(runs)} run{'s'[: len(runs) > 1]} in {on_one_line(folder)}{same}"
    console = results(width_off_terminal=_WIDEST)
    print_table(console, [*headers, *([] if same else ["data"])], rows, title, split=True)


def _row(run: Listed, folder: Path) -> list[str]:
    """Return the cells of a run, without its data."""
    config = run.config
    return [
        on_one_line(run.path.relative_to(folder) if run.path != folder else run.path),
        run.status,
        f"{run.epochs}/{config.training.epochs}" if config else str(run.epochs),
        percent(run.validation_error),
        percent(run.test_error),
        duration(run.seconds),
        str(run.seed),
        architecture(config) if config else "(no config.yaml)",
        f"{config.optimizer.name} {config.optimizer.learning_rate:g}" if config else "",
    ]


def percent(rate: float | None) -> str:
    """Return a rate in percent, or a dash if it is not known."""
    return "-" if rate is None else f"{rate:.2%}"


def duration(seconds: float) -> str:
    """Return a time as in 4.2 s, 3:25 min or 1:02:03 h."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    hours, rest = divmod(round(seconds), 3600)
    return f"{timedelta(seconds=hours * 3600 + rest)} h" if hours else f"{rest // 60}:{rest % 60:02} min"
