"""`nncli train`: train a network from a configuration file into a run folder."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nncli.cli.one_line import on_one_line
from nncli.cli.options import config_argument, data_options, json_option, set_option, verbosity_options
from nncli.filenames import as_path, as_text

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.config.schema import Config
    from nncli.data.dataset import Dataset
    from nncli.runs.context import Context
    from nncli.runs.folder import RunFolder
    from nncli.runs.recorder import Recorder
    from nncli.training.loop import Training


@click.command()
@config_argument
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path),
    help="Folder of the run; without it, runs/NAME with the configuration's name.",
)
@set_option
@click.option("--seed", type=click.IntRange(min=0), help="Override the configuration's seed.")
@data_options
@click.option("--resume", is_flag=True, help="Go on with the run in the folder, as if it had not stopped.")
@click.option("--strict", is_flag=True, help="With --resume: fail where the last checkpoint is damaged.")
@click.option("--force", is_flag=True, help="Remove the run in the folder first.")
@click.option("--dry-run", is_flag=True, help="Check everything and show the plan; train and write nothing.")
@json_option
@verbosity_options
def command(
    config_path: Path,
    run_dir: Path | None,
    overrides: tuple[str, ...],
    seed: int | None,
    data_dir: Path | None,
    offline: bool,
    resume: bool,
    strict: bool,
    force: bool,
    dry_run: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Train a network from a configuration file.

    Example:
      nncli train experiments/mlp.yaml
      nncli train experiments/mlp.yaml --set training.epochs=5 --run-dir runs/short
      nncli train experiments/mlp.yaml --resume
    """
    from nncli.runs.folder import RunFolder

    if resume and force:
        raise click.UsageError("--resume goes on with a run and --force removes it; give one of them")
    if strict and not resume:
        raise click.UsageError("--strict says how --resume goes on; give both, or neither")
    if run_dir is not None:
        RunFolder.check(run_dir, resume=resume, force=force)  # a folder in use is refused before anything takes time

    from nncli import build, durable
    from nncli.cli import signals
    from nncli.cli.console import print_json, progress
    from nncli.cli.datasets import load_data
    from nncli.config.load import load, to_yaml
    from nncli.training import threads

    console = progress(verbosity)
    resolved = load(config_path, [*overrides, *([f"seed={seed}"] if seed is not None else [])])
    config = resolved.config
    build.refuse_hard_threshold(config, resolved.origins)
    if run_dir is None:
        run_dir = "runs" / as_path(config.name)
        RunFolder.check(run_dir, resume=resume, force=force)
    data, fallback = load_data(config, "train", data_dir, offline=offline, console=console)
    training, scaling = build.training(config, data)
    if dry_run:
        _show_plan(config, training, run_dir, data.name, as_json=as_json)
        return
    with (
        threads.chosen(training),
        signals.deferred(training.stop) as arrived,
        RunFolder.create(run_dir, resume=resume, force=force) as folder,
    ):
        context = build.context(data, scaling, fallback=fallback)
        recorder = _recorder(folder, config, training, data, context, console, resume=resume, strict=strict)
        with recorder:
            durable.write(folder.config, [to_yaml(config).encode()])
            _run(training, recorder, console, verbosity)
    if arrived and recorder.interrupted:
        done = training.progress
        how = _resume_command(folder, data_dir, offline=offline)
        message = f"interrupted after epoch {done.epoch}, step {done.step:,}; go on with: {how}"
        raise signals.interruption(arrived[0], message)
    summary = _summary(recorder, run_dir, data.name)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


def _recorder(
    folder: "RunFolder",
    config: "Config",
    training: "Training",
    data: "Dataset",
    context: "Context",
    console: "Console",
    *,
    resume: bool,
    strict: bool,
) -> "Recorder":
    """Prepare the run folder for a new training, or put the training where the folder's last checkpoint left it."""
    from nncli.config.load import to_mapping
    from nncli.runs import manifest, resuming
    from nncli.runs.recorder import Recorder

    command = ["nncli", *map(as_text, sys.argv[1:])]
    about = manifest.Data(name=data.name, sha256=data.sha256, fallback=context.fallback)
    if resume:
        record, remarks = resuming.resume(folder, training, to_mapping(config), about, command, strict=strict)
        for remark in remarks:
            console.print(on_one_line(remark), style="yellow", soft_wrap=True)
    else:
        record = manifest.Manifest(command=command, seed=config.seed, data=about)
    return Recorder(
        folder, training, record, to_mapping(config), context, every_steps=config.training.checkpoint_every_steps
    )


def _run(training: "Training", recorder: "Recorder", console: "Console", verbosity: int) -> None:
    """Train to the end, or until the training is asked to stop."""
    from nncli.cli.display import Display

    with Display(console, verbosity) as display:
        for event in training.run():
            recorder.handle(event)
            display.handle(event)


def _resume_command(folder: "RunFolder", data_dir: Path | None, *, offline: bool) -> str:
    """Give the command that goes on with a run, whatever was overridden when it began, quoted for a shell."""
    data = [*(["--data-dir", _argument(data_dir)] if data_dir else []), *(["--offline"] if offline else [])]
    run = ["nncli", "train", _argument(folder.config), "--run-dir", _argument(folder.path), "--resume"]
    return shlex.join([*run, *data])


def _argument(path: Path | str) -> str:
    """Give a path that is not taken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def _show_plan(config: "Config", training: "Training", run_dir: Path, dataset: str, *, as_json: bool) -> None:
    from nncli.cli.console import print_json, results

    plan = {
        "run": str(run_dir),
        "dataset": dataset,
        "training_examples": training.batches.examples,
        "validation_examples": training.validation.examples if training.validation else 0,
        "parameters": training.network.parameters.size,
        "epochs": config.training.epochs,
        "steps_per_epoch": len(training.batches),
        "optimizer": config.optimizer.name,
        "seed": config.seed,
    }
    if as_json:
        print_json(plan)
        return
    console = results()
    for key, value in plan.items():
        shown = f"{value:,}" if isinstance(value, int) and key != "seed" else on_one_line(str(value))
        console.print(f"{key.replace('_', ' '):<20} {shown}")
    console.print("dry run: nothing was trained or written")


def _summary(recorder: "Recorder", run_dir: Path, dataset: str) -> dict[str, Any]:
    return {
        "run": str(run_dir),
        "status": recorder.manifest.status,
        "epochs": recorder.training.progress.epoch,
        "best": recorder.best,
        "dataset": dataset,
        "seconds": recorder.manifest.seconds,
    }


def _print_summary(summary: dict[str, Any]) -> None:
    best, error = summary["best"], summary["best"]["validation_error"]
    click.echo(f"run               {on_one_line(summary['run'])}")
    click.echo(f"data              {summary['dataset']}")
    click.echo(f"epochs            {summary['epochs']} in {summary['seconds']:.1f} s")
    click.echo(f"best epoch        {best['epoch']}")
    if error is not None:
        click.echo(f"validation error  {error:.2%}")
    click.echo(f"next              {on_one_line(shlex.join(['nncli', 'evaluate', _argument(summary['run'])]))}")
