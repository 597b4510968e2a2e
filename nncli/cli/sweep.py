"""`nncli sweep`: run a sweep of configurations; `show` and `best` look at its results."""

import os
import shlex
import threading
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.live import Live

from nncli import durable
from nncli.cli.boundary import on_one_line
from nncli.cli.completion import SweepPath
from nncli.cli.config import write_new
from nncli.cli.console import print_json, progress, results, warn
from nncli.cli.options import PAGE, PATH, OutputFile, data_options, json_option, verbosity_options
from nncli.config.locations import closest
from nncli.cores import usable
from nncli.errors import RunError
from nncli.extras import require
from nncli.figures import FORMATS
from nncli.filenames import as_path
from nncli.sweep.trial import STORAGE

if TYPE_CHECKING:
    from nncli.sweep.file import Sweep
    from nncli.sweep.summary import Summary


class DefaultGroup(click.Group):
    """A group that is a command itself, unless its first argument is the name of one of its own commands.

    A word that is close to such a name, and not a path, counts as a command too: Click then suggests the name.
    """

    allow_extra_args, allow_interspersed_args = False, True

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - Click's own
    ) -> click.Context:
        """Return the context of the command itself, or of the group alone."""
        first = args[0] if args else ""
        misspelled = first.isalpha() and closest(first, list(self.commands)) and not Path(first).exists()
        if first in self.commands or misspelled:
            return click.Group(self.name, self.commands).make_context(info_name, args, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.group(cls=DefaultGroup, invoke_without_command=True, subcommand_metavar="")
@click.argument("path", metavar="SWEEP", type=SweepPath(path_type=Path))
@click.option("--workers", type=click.IntRange(1), help="Number of trials to run at a time. Defaults to one per core.")
@click.option(
    "--storage",
    metavar="URL",
    envvar=STORAGE,
    show_envvar=True,
    help="Database of the study, such as postgresql://USER@HOST/DATABASE. Defaults to sweep.db in the sweep's folder.",
)
@click.option("--trials", type=click.IntRange(1), help="Number of trials; overrides the file.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Stop after this time; the same command continues.",
)
@click.option("--sweep-dir", type=PATH, help="Folder for the run folders. Defaults to runs/NAME.")
@click.option(
    "--heartbeat",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="Time between two heartbeats of a trial; after six missed ones, another worker resumes it.",
)
@data_options
@verbosity_options
def command(
    path: Path,
    workers: int | None,
    storage: str | None,
    trials: int | None,
    timeout: float | None,
    sweep_dir: Path | None,
    heartbeat: int,
    data_dir: Path | None,
    offline: bool,
    verbosity: int,
) -> None:
    """SWEEP is a YAML file with a base configuration, the settings to vary, and the sampler that chooses their values.

    The same command continues a sweep that was stopped. Several machines can share one through a PostgreSQL database.
    `nncli sweep show` and `nncli sweep best` show the results.

    Example:
      nncli sweep experiments/sweeps/quickstart-grid.yaml
      nncli sweep search.yaml --workers 4 --storage postgresql://USER@HOST/DATABASE
    """
    require("optuna", "sweep")
    from nncli.cli.sweep_table import table, trial_line
    from nncli.sweep import file
    from nncli.sweep.storage import FILE, connect, in_folder, parse
    from nncli.sweep.study import Attempts
    from nncli.sweep.summary import summarize
    from nncli.sweep.worker import Ended, Worker
    from nncli.sweep.worker import run as run_workers

    if (path / FILE).is_file():
        raise click.UsageError(f"{path} is the folder of a sweep, not its file; show it with: nncli sweep show {path}")
    sweep = file.load(path, trials=trials)
    folder, console, stopped = sweep_dir or "runs" / as_path(sweep.name), progress(verbosity), threading.Event()
    if (folder / "manifest.json").exists():
        raise RunError(f"{folder}: this is a run folder; choose another --sweep-dir, or give the sweep another `name`")
    url = parse(storage) if storage else in_folder(folder)
    if not storage:
        durable.make_folder(folder)
    options = _options(sweep, data_dir, offline=offline)
    opened = connect(url, heartbeat=heartbeat, say=warn, stopped=stopped)
    durable.make_folder(folder)

    told: set[int] = set()  # the storage has the state of a trial only after this
    lock = threading.Lock()

    def tell(ended: Ended) -> None:
        with lock:
            told.add(ended.index)
            done = told.union(Attempts(team[0].study.get_trials(deepcopy=False)).finished(sweep.trials))
            line = trial_line(ended, sweep.objective, len(done), sweep.trials)
            console.print(on_one_line(line), soft_wrap=True)

    worker = partial(Worker, sweep, opened, folder, stopped, options=options, tell=tell)
    team = [worker(say=partial(console.print, soft_wrap=True)), *(worker() for _ in range(1, workers or usable()))]
    best = partial(summarize, team[0].study)
    live = Live(
        get_renderable=lambda: table(best(), console, 5), console=console, transient=True, refresh_per_second=0.5
    )
    try:
        with live if console.is_terminal and not console.quiet else nullcontext():
            is_over = run_workers(team, stopped, timeout)
    except KeyboardInterrupt as signal:
        message = f"interrupted; to continue, run: nncli sweep {shlex.quote(str(path))}"
        raise type(signal)(message) from None
    console = results()
    console.print(table(best(), console))
    if is_over:
        warn("note: stopped after --timeout; the same command continues the sweep")


def _options(sweep: "Sweep", data_dir: Path | None, *, offline: bool) -> list[str]:
    """Return the options of every training; by default, one thread, whatever the number of workers.

    Trials share the cores, and the last bits of the weights depend on the number of threads.
    """
    options = [*(["--data-dir", str(data_dir)] if data_dir else []), *(["--offline"] if offline else [])]
    is_set = os.environ.get("NNCLI_THREADS") or sweep.base.config.training.threads != "auto"
    if is_set or any(each.location == ("training", "threads") for each in sweep.space):
        return options
    return [*options, "--threads", "1"]


_where = click.argument("where", metavar="DIR_OR_URL", type=SweepPath(), envvar=STORAGE)
_name = click.option("--name", help="Name of the sweep, if the database has several.")


def _open(where: str, name: str | None) -> Any:  # noqa: ANN401 - a study of Optuna
    """Return the study in a sweep's folder or at a URL."""
    require("optuna", "sweep")
    from nncli.sweep import summary
    from nncli.sweep.storage import FILE, connect, in_folder, parse

    url = parse(where) if "://" in where else in_folder(Path(where))
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():  # SQLite would create it
        found = f"no {FILE} in this folder" if Path(where).is_dir() else "no such folder or database"
        raise RunError(f"{where}: {found}; pass the folder of a sweep, or the URL of its database")
    return summary.load(connect(url), name)


@command.command()
@_where
@_name
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Number of points to list.")
@click.option(
    "--output",
    type=OutputFile(PAGE, *FORMATS),
    metavar="FILE",
    help="Write the results as a web page (.html), or their figure as a PNG, SVG or PDF file.",
)
@json_option
def show(where: str, name: str | None, limit: int, output: Path | None, as_json: bool) -> None:
    """Show the results of a sweep so far.

    DIR_OR_URL is the folder of the sweep, or the URL of its database; it defaults to NNCLI_SWEEP_STORAGE.

    Example:
      nncli sweep show runs/quickstart-grid
      nncli sweep show runs/quickstart-grid --output sweep.html
    """
    study = _open(where, name)
    from nncli.cli.sweep_table import table
    from nncli.sweep.summary import summarize

    found = summarize(study)
    if output:
        _write(output, found)
        click.echo(f"wrote {on_one_line(output)}", err=True)
    if as_json:
        print_json(found.to_dict())
    else:
        console = results()
        console.print(table(found, console, limit))


def _write(path: Path, summary: "Summary") -> None:
    """Write the results as a web page, or their figure."""
    if path.suffix.lower() == PAGE:
        from nncli.report.sweep import render

        durable.write(path, [render(summary).encode()])
        return
    from nncli.figures.page import save  # matplotlib is slow to import
    from nncli.sweep.figure import figure

    save(figure(summary), path)


@command.command()
@_where
@_name
@click.option("--output", type=PATH, help="File to write; by default, the configuration is printed.")
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def best(where: str, name: str | None, output: Path | None, force: bool) -> None:
    """Write the configuration of the best point of a sweep.

    DIR_OR_URL is the folder of the sweep, or the URL of its database; it defaults to NNCLI_SWEEP_STORAGE.

    Example:
      nncli sweep best runs/quickstart-grid --output best.yaml
    """
    study = _open(where, name)
    from nncli.sweep.best import configuration
    from nncli.sweep.summary import summarize

    write_new(output, configuration(study, summarize(study)), "train with: nncli train", force=force)
