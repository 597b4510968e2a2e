"""`nncli reproduce`: train the configurations of published results, and compare the errors."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from nncli import durable
from nncli.cli import signals
from nncli.cli.boundary import on_one_line
from nncli.cli.console import progress
from nncli.cli.options import PATH, data_options
from nncli.config.load import load
from nncli.config.suggestions import did_you_mean
from nncli.errors import NncliError, RunError
from nncli.literature import result, table
from nncli.literature.configurations import needed, portable, recorded
from nncli.literature.page import page
from nncli.literature.result import Result
from nncli.literature.table import Row
from nncli.runs import manifest, metrics
from nncli.runs.folder import RunFolder

PAGE = "RESULTS.md"


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Number of seeds per network; a committee needs one.",
)
@click.option(
    "--table",
    "path",
    type=PATH,
    default=Path("experiments/literature.yaml"),
    show_default=True,
    help="YAML file with the published results; the records and the page are written next to it.",
)
@click.option(
    "--runs", type=PATH, default=Path("runs/literature"), show_default=True, help="Folder for the run folders."
)
@data_options
def command(names: tuple[str, ...], seeds: int, path: Path, runs: Path, data_dir: Path | None, offline: bool) -> None:
    """Train the networks of a table of published results, or its named rows, and compare the test errors.

    Finished runs are skipped and interrupted runs are resumed, so the command can be stopped and repeated. Each
    finished run leaves a small record, and RESULTS.md is generated from the records alone.

    Example:
      nncli reproduce
      nncli reproduce simard-800-elastic --seeds 1
    """
    rows, tables = table.read(path), path.parent
    if unknown := [name for name in names if name not in rows]:
        raise click.UsageError(f"there is no row {unknown[0]!r}; {did_you_mean(unknown[0], list(rows))}")
    recorded(tables, rows)  # report an invalid record before the first training
    data = (["--data-dir", data_dir] if data_dir else []) + (["--offline"] if offline else [])
    console = progress()
    for row in [rows[name] for name in names] or rows.values():
        for seed in range(1, (1 if sum(row.members.values()) > 1 else seeds) + 1):
            record = result.path_of(tables, row.name, seed)
            if record.exists():
                continue
            console.print(f"{row.name}, seed {seed}", style="bold")
            wanted = needed(tables, rows, row, seed)
            folders = [
                _trained(tables / str(rows[name].configuration), runs / f"{name}-{each['seed']}", each, data)
                for (name, _), each in zip(row.runs(seed), wanted.get("members", [wanted]), strict=True)
            ]
            found = _measured(row, seed, wanted, folders, data)
            result.write(record, found)
            _write_page(path, rows)
    _write_page(path, rows)
    click.echo(on_one_line(path.with_name(PAGE)))


def _trained(config: Path, folder: Path, wanted: dict[str, Any], data: Sequence[object]) -> RunFolder:
    """Return a finished run of a network; train it, or resume it, in a process of its own.

    Raises:
        RunError: the run folder has a run with a different configuration, or on the fallback of the data.
    """
    run = RunFolder(folder)
    begun = run.manifest.exists()
    if not begun or manifest.read(run.manifest).status != "completed":
        resume = ["--resume"] if begun else []
        _nncli("train", config, "--seed", wanted["seed"], "--run-dir", folder, *resume, *data)
    if portable(load(run.config).config) != wanted:
        raise RunError(f"{folder}: was trained with another configuration than {config}; remove it to train again")
    used = manifest.read(run.manifest).data
    if used.fallback:
        wish = wanted["data"]["name"]
        raise RunError(f"{folder}: was trained on {used.name}, because {wish} was not available; remove it")
    return run


def _measured(
    row: Row, seed: int, wanted: dict[str, Any], folders: Sequence[RunFolder], data: Sequence[object]
) -> Result:
    """Return the result of finished runs on the test split, evaluated in a process of its own."""
    options = ["--ensemble"] * (len(folders) > 1) + ["--copies", row.copies] * (row.copies > 0)
    measured = json.loads(_nncli("evaluate", *(each.path for each in folders), *options, "--json", "-q", *data))
    members = measured.get("members", [measured])
    records = [manifest.read(each.manifest) for each in folders]
    weights = hashlib.sha256()
    for member in members:
        weights.update(Path(member["checkpoint"]).read_bytes())
    return Result(
        row=row.name,
        seed=seed,
        configuration=wanted,
        error=measured["error"],
        loss=measured["loss"],
        examples=measured["examples"],
        epochs=sum(1 for each in folders for _ in metrics.read(each.metrics)),
        seconds=sum(each.seconds for each in records),
        processor_seconds=sum(each.processor_seconds for each in records),
        weights=weights.hexdigest(),
        environment=records[0].environment,
        finished=max(each.finished or datetime.now(UTC) for each in records),
    )


def _nncli(*arguments: object) -> str:
    """Run a command of nncli and return its output; exit with its code if it fails.

    SIGINT and SIGTERM stop it by SIGTERM, because SIGINT is ignored in the background of a script.
    """
    command = [sys.executable, "-m", "nncli", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        with signals.deferred(process.terminate) as arrived:
            printed, _ = process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
    if arrived:
        raise signals.interruption(arrived[0], "interrupted; repeat the command to continue")
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        raise NncliError(f"nncli {arguments[0]} was ended by {name}; repeat the command to continue")
    if process.returncode:
        click.get_current_context().exit(process.returncode)
    return printed


def _write_page(path: Path, rows: dict[str, Row]) -> None:
    """Write the page and its figure from the records."""
    from nncli.figures.page import save  # matplotlib is slow to import
    from nncli.figures.published import Comparison, draw

    results = recorded(path.parent, rows)
    picture = path.with_name(PAGE).with_suffix(".png")
    durable.write(path.with_name(PAGE), [page(rows, results, picture.name).encode()])
    compared = [
        Comparison(f"{name}: {row.network}", row.published, [100 * each.error for each in results[name]])
        for name, row in rows.items()
        if row.published is not None
    ]
    if compared:
        save(draw(compared, title="Test errors on MNIST", caption="published, and reproduced with each seed"), picture)
