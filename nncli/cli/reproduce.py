"""`nncli reproduce`: train the configurations of published results, and compare the errors."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from nncli import durable
from nncli.cli import signals
from nncli.cli.console import progress
from nncli.cli.options import PATH, data_options
from nncli.config.load import from_mapping, load, to_mapping
from nncli.config.overrides import Given
from nncli.errors import RunError
from nncli.literature import result, table
from nncli.literature.page import page
from nncli.literature.result import Result
from nncli.literature.table import Row
from nncli.runs import manifest
from nncli.runs.folder import RunFolder


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True, help="Number of runs of each row.")
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
    finished run leaves a small record, and the page is generated from the records alone.

    Example:
      nncli reproduce
      nncli reproduce simard-800-elastic --seeds 1
    """
    rows = table.read(path)
    _refuse_unknown(names, rows)
    data = (["--data-dir", data_dir] if data_dir else []) + (["--offline"] if offline else [])
    console = progress()
    for name in names or rows:
        for seed in range(1, seeds + 1):
            record = _record(path, name, seed)
            wanted = _configuration(path.parent / rows[name].configuration, seed)
            if record.exists():
                _check(record, wanted)
                continue
            console.print(f"{name}, seed {seed}", style="bold")
            found = _run(rows[name], wanted, path.parent / rows[name].configuration, runs / f"{name}-{seed}", data)
            with durable.reported(record):
                record.parent.mkdir(parents=True, exist_ok=True)
            result.write(record, found)
            _write_page(path, rows)
    _write_page(path, rows)
    click.echo(_page(path))


def _refuse_unknown(names: Iterable[str], rows: dict[str, Row]) -> None:
    for name in names:
        if name not in rows:
            raise click.UsageError(f"there is no row {name!r}; choose from {', '.join(rows)}")


def _record(path: Path, name: str, seed: int) -> Path:
    """Return the path of the record of a run."""
    return path.parent / "records" / f"{name}-{seed}.json"


def _page(path: Path) -> Path:
    """Return the path of the page of a table."""
    return path.with_name(f"{path.stem.upper()}.md")


def _configuration(path: Path, seed: int) -> dict[str, Any]:
    """Return the resolved configuration of a run."""
    return _portable(to_mapping(load(path, [Given("--seed", ("seed",), seed)]).config))


def _portable(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration without what depends on the machine: the folder of the data and the number of threads."""
    machine = {"data": "dir", "training": "threads"}
    return config | {
        section: {key: value for key, value in config[section].items() if key != left_out}
        for section, left_out in machine.items()
    }


def _check(record: Path, wanted: dict[str, Any]) -> None:
    """Raise RunError if a record was changed, or is of another configuration."""
    if _portable(to_mapping(from_mapping(result.read(record).configuration))) != wanted:
        raise RunError(f"{record}: its configuration has changed since; remove it and its run folder to repeat the run")


def _run(row: Row, wanted: dict[str, Any], config: Path, folder: Path, data: Sequence[object]) -> Result:
    """Train and evaluate one run in processes of their own; resume it if it was interrupted.

    Raises:
        RunError: the run folder has a finished run with a different configuration.
    """
    run, seed = RunFolder(folder), wanted["seed"]
    begun = run.manifest.exists()
    if not begun or manifest.read(run.manifest).status != "completed":
        resume = ["--resume"] if begun else []
        _nncli("train", config, "--seed", seed, "--run-dir", folder, *resume, *data)
    if _portable(to_mapping(load(run.config).config)) != wanted:
        raise RunError(f"{folder}: was trained with a different configuration than {config}; remove it to train again")
    measured = json.loads(_nncli("evaluate", folder, "--json", "-q", *data))
    record = manifest.read(run.manifest)
    return Result(
        row=row.name,
        seed=seed,
        configuration=wanted,
        error=measured["error"],
        loss=measured["loss"],
        examples=measured["examples"],
        epochs=wanted["training"]["epochs"],
        seconds=record.seconds,
        processor_seconds=record.processor_seconds,
        weights=hashlib.sha256(Path(measured["checkpoint"]).read_bytes()).hexdigest(),
        environment=record.environment,
        finished=record.finished or datetime.now(UTC),
    )


def _nncli(*arguments: object) -> str:
    """Run a command of nncli and return what it prints; a signal is passed on to it, and its failure is ours."""
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

    results: dict[str, list[Result]] = {name: [] for name in rows}
    for record in sorted((path.parent / "records").glob("*.json")):
        each = result.read(record)
        if each.row in results:
            results[each.row].append(each)
    picture = _page(path).with_suffix(".png")
    text = page(rows, results) + f"\n![Published and reproduced test errors]({picture.name})\n"
    durable.write(_page(path), [text.encode()])
    compared = [
        Comparison(f"{row.network}, {row.recipe}", row.published, [100 * each.error for each in results[name]])
        for name, row in rows.items()
    ]
    save(draw(compared, title="Test errors on MNIST", caption="published, and reproduced with each seed"), picture)
