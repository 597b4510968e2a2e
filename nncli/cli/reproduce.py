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
from nncli.cli.console import progress
from nncli.cli.options import PATH, data_options
from nncli.config.load import load
from nncli.config.suggestions import did_you_mean
from nncli.errors import RunError
from nncli.literature import result, table
from nncli.literature.configurations import agree, needed, portable
from nncli.literature.page import page
from nncli.literature.result import Result
from nncli.literature.table import Row
from nncli.runs import manifest
from nncli.runs.folder import RunFolder

PAGE = "RESULTS.md"


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True, help="Number of seeds per row.")
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
    rows = table.read(path)
    if unknown := [name for name in names if name not in rows]:
        raise click.UsageError(f"there is no row {unknown[0]!r}; {did_you_mean(unknown[0], list(rows))}")
    data = (["--data-dir", data_dir] if data_dir else []) + (["--offline"] if offline else [])
    console = progress()
    for row in [rows[name] for name in names] or rows.values():
        for seed in range(1, (1 if row.members else seeds) + 1):
            record = path.parent / "records" / f"{row.name}-{seed}.json"
            wanted = needed(path.parent, rows, row, seed)
            if record.exists():
                _check(record, wanted)
                continue
            console.print(f"{row.name}, seed {seed}", style="bold")
            folders = [_trained(path.parent, rows[name], each, runs, data) for name, each in row.runs(seed)]
            found = _measured(row, seed, wanted, folders, data)
            with durable.reported(record):
                record.parent.mkdir(parents=True, exist_ok=True)
            result.write(record, found)
            _write_page(path, rows)
    _write_page(path, rows)
    click.echo(path.with_name(PAGE))


def _check(record: Path, wanted: dict[str, Any]) -> None:
    """Raise RunError if a record was changed, or is of another configuration."""
    if not agree(result.read(record).configuration, wanted):
        raise RunError(f"{record}: its configuration has changed since; remove it and its run folder to repeat the run")


def _trained(tables: Path, row: Row, seed: int, runs: Path, data: Sequence[object]) -> RunFolder:
    """Return a finished run of a network; train it, or resume it, in a process of its own.

    Raises:
        RunError: the run folder has a finished run with a different configuration.
    """
    config, run = tables / str(row.configuration), RunFolder(runs / f"{row.name}-{seed}")
    begun = run.manifest.exists()
    if not begun or manifest.read(run.manifest).status != "completed":
        resume = ["--resume"] if begun else []
        _nncli("train", config, "--seed", seed, "--run-dir", run.path, *resume, *data)
    if portable(load(run.config).config) != needed(tables, {}, row, seed):
        raise RunError(f"{run.path}: was trained with another configuration than {config}; remove it to train again")
    return run


def _measured(
    row: Row, seed: int, wanted: dict[str, Any], folders: Sequence[RunFolder], data: Sequence[object]
) -> Result:
    """Return the result of finished runs on the test split, evaluated in a process of its own."""
    ensemble = ["--ensemble"] if row.members else []
    measured = json.loads(_nncli("evaluate", *(each.path for each in folders), *ensemble, "--json", "-q", *data))
    members = measured["members"] if row.members else [measured]
    records = [manifest.read(each.manifest) for each in folders]
    weights = b"".join(Path(member["checkpoint"]).read_bytes() for member in members)
    return Result(
        row=row.name,
        seed=seed,
        configuration=wanted,
        error=measured["error"],
        loss=measured["loss"],
        examples=measured["examples"],
        epochs=sum(each["training"]["epochs"] for each in wanted.get("members", [wanted])),
        seconds=sum(each.seconds for each in records),
        processor_seconds=sum(each.processor_seconds for each in records),
        weights=hashlib.sha256(weights).hexdigest(),
        environment=records[0].environment,
        finished=max(each.finished or datetime.now(UTC) for each in records),
    )


def _nncli(*arguments: object) -> str:
    """Run a command of nncli and return its output; pass signals on to it, and exit with its code if it fails."""
    command = [sys.executable, "-m", "nncli", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        with signals.deferred(lambda: process.send_signal(signal.SIGINT)) as arrived:
            printed, _ = process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
    if arrived:
        raise signals.interruption(arrived[0], "interrupted; repeat the command to continue")
    if process.returncode:
        click.get_current_context().exit(process.returncode)
    return printed


def _write_page(path: Path, rows: dict[str, Row]) -> None:
    """Write the page and its figure from the records."""
    from nncli.figures.page import save  # matplotlib is slow to import
    from nncli.figures.published import Comparison, draw

    records = [result.read(each) for each in sorted((path.parent / "records").glob("*.json"))]
    results = {name: [each for each in records if each.row == name] for name in rows}
    picture = path.with_name(PAGE).with_suffix(".png")
    durable.write(path.with_name(PAGE), [page(rows, results, picture.name).encode()])
    compared = [
        Comparison(f"{row.network}, {row.recipe}", row.published, [100 * each.error for each in results[name]])
        for name, row in rows.items()
        if row.published is not None
    ]
    save(draw(compared, title="Test errors on MNIST", caption="published, and reproduced with each seed"), picture)
