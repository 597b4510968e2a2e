"""`nncli train`: train a network from a configuration file into a run folder, or resume a run."""

import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from nncli import build, durable
from nncli.cli import signals
from nncli.cli.boundary import on_one_line
from nncli.cli.completion import ConfigPath, RunPath
from nncli.cli.console import print_json, progress, status, warn
from nncli.cli.display import Display
from nncli.cli.loading import config_of_run, load_config, load_for_training
from nncli.cli.options import data_options, json_option, set_option, threads_option, verbosity_options
from nncli.cli.supervised import Supervision
from nncli.config.schema import Config, Threads
from nncli.cores import Cores
from nncli.data.folder import is_complete
from nncli.engine import blas
from nncli.evaluation.metrics import no_better_than_chance
from nncli.filenames import as_path, as_text
from nncli.runs import loggers, manifest, metrics, resuming
from nncli.runs.checkpoint import Context
from nncli.runs.folder import Mode, RunFolder
from nncli.runs.recorder import Recorder
from nncli.training.loop import Training
from nncli.training.threads import choose


@click.command()
@click.argument("source", metavar="CONFIG", required=False, type=ConfigPath())
@click.option(
    "--run-dir", type=RunPath(), help="Run folder. Defaults to runs/NAME, where NAME comes from the configuration."
)
@set_option
@click.option("--seed", type=click.IntRange(min=0), help="Seed for all random numbers; overrides the configuration.")
@threads_option
@data_options
@click.option("--resume", is_flag=True, help="Resume a run exactly where it stopped; pass its folder as CONFIG.")
@click.option("--strict", is_flag=True, help="With --resume, fail if the last checkpoint is corrupt.")
@click.option("--force", is_flag=True, help="Replace an existing run in the folder.")
@click.option("--unique", is_flag=True, help="If the run folder is not empty, use runs/NAME-2, runs/NAME-3, and so on.")
@click.option("--dry-run", is_flag=True, help="Check everything and print the plan, without training.")
@click.option("--supervised", is_flag=True, hidden=True, help="Ask the process at the other end of stdin to continue.")
@json_option
@verbosity_options
def command(
    source: Path | None,
    run_dir: Path | None,
    overrides: tuple[str, ...],
    seed: int | None,
    threads: Threads | None,
    data_dir: Path | None,
    offline: bool,
    resume: bool,
    strict: bool,
    force: bool,
    unique: bool,
    dry_run: bool,
    supervised: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Metrics and checkpoints are written to a run folder. An interrupted run can be resumed exactly where it stopped.

    Example:
      nncli train experiments/mlp.yaml
      nncli train experiments/mlp.yaml --set training.epochs=5 --run-dir runs/short
      nncli train --resume runs/mlp
    """
    supervision = Supervision() if supervised else None
    mode = _choose_mode(resume=resume, strict=strict, force=force, unique=unique)
    config_path, run_dir = _run_to_resume(source, run_dir) if resume else (_new_config(source), run_dir)
    command_context = click.get_current_context()
    cores = command_context.with_resource(Cores())
    resolved = load_config(config_path, overrides, seed=seed, data_dir=data_dir, threads=threads)
    run_dir = run_dir or "runs" / as_path(resolved.config.name)
    free = RunFolder.check(run_dir, mode, config_path)  # before the data is loaded
    config, record = config_of_run(resolved, RunFolder(free)) if resume else (resolved.config, None)
    build.refuse_hard_threshold(config, resolved.origins)
    loggers.check(config)
    console = progress(verbosity)
    training, context = _prepare(config, console, offline=offline, trained_on=record.data.name if record else None)
    if dry_run:
        _show_plan(training, free, context.dataset, as_json=as_json)
        return
    count, remark = choose(training, cores, record.environment.threads if record else None)
    command_context.with_resource(blas.threads(count))
    if remark:
        console.print(remark)
    claim = partial(RunFolder.create, run_dir, mode, config_path)
    recorder = _train(
        training, context, claim, Display(console, verbosity), resume=resume, strict=strict, supervision=supervision
    )
    _show_summary(recorder, as_json=as_json)


def _choose_mode(*, resume: bool, strict: bool, force: bool, unique: bool) -> Mode:
    """Return how to treat a run folder that exists."""
    given: dict[Mode, bool] = {"resume": resume, "force": force, "unique": unique}
    modes = [mode for mode, chosen in given.items() if chosen]
    if len(modes) > 1:
        raise click.UsageError(f"--{modes[0]} and --{modes[1]} cannot be used together; choose one")
    if strict and not resume:
        raise click.UsageError("--strict requires --resume; use both or neither")
    return modes[0] if modes else "new"


def _new_config(source: Path | None) -> Path:
    """Return the configuration file of a new run."""
    if source is None:
        raise click.UsageError("Missing argument 'CONFIG'.")
    with suppress(OSError):  # loading the configuration reports it
        if RunFolder(source).manifest.is_file():
            resume = _command_line("train --resume", source)
            raise click.UsageError(f"{source} is a run folder, not a configuration file; resume it with: {resume}")
    return source


def _run_to_resume(source: Path | None, run_dir: Path | None) -> tuple[Path, Path | None]:
    """Return the configuration file to resume with, and the run folder (None: the configuration names it).

    A run is given by its folder, as the argument or as --run-dir, which holds its configuration, or by the
    configuration file that it was started with.
    """
    if source:
        with durable.reported(source):
            if not source.is_dir() and (source.exists() or source.suffix in (".yaml", ".yml")):
                return source, run_dir
    if source and run_dir:
        raise click.UsageError(f"{source} and --run-dir both name the run to resume; use only one of them")
    run = source or run_dir
    if run is None:
        raise click.UsageError("--resume requires a run folder, as in: nncli train --resume runs/mlp")
    return RunFolder(run).own_config(), run


def _prepare(config: Config, console: Console, *, offline: bool, trained_on: str | None) -> tuple[Training, Context]:
    """Load the data and build the training; return it with the record of its inputs."""
    data = load_for_training(config, offline=offline, console=console, trained_on=trained_on)
    with status(console, "building the network"):
        training = build.training(build.as_read(config, data), data)
    return training, build.context(training, data)


def _train(
    training: Training,
    context: Context,
    claim: Callable[[], RunFolder],
    display: Display,
    *,
    resume: bool,
    strict: bool,
    supervision: Supervision | None,
) -> Recorder:
    """Train and record the run; a signal stops it after the current step, with the command to resume it."""
    command = ["nncli", *map(as_text, sys.argv[1:])]
    data = manifest.Data(name=context.dataset, sha256=context.sha256, fallback=context.fallback)
    with signals.deferred(training.stop) as arrived, claim() as folder:
        if resume:
            record, remarks = resuming.resume(folder, training, data, command, strict=strict)
            for remark in remarks:
                warn(remark)
        else:
            record = manifest.Manifest(command=command, seed=training.config.seed, data=data)
        with Recorder(folder, training, record, context) as recorder, display:
            folder.write_config(training.config)
            display.remember(metrics.read(folder.metrics))
            for event in training.run():
                recorder.handle(event)
                display.handle(event)
                if supervision:
                    supervision.verdict(training, event)
    if arrived and recorder.interrupted:
        done, how = training.progress, _command_line("train --resume", folder.path)
        message = f"interrupted after epoch {done.epoch}, step {done.step:,}; resume with: {how}"
        raise signals.interruption(arrived[0], message)
    return recorder


def _show_plan(training: Training, run: Path, dataset: str, *, as_json: bool) -> None:
    """Print what `nncli train` would do."""
    config = training.config
    plan = {
        "run": str(run),
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
    for key, value in plan.items():
        shown = f"{value:,}" if isinstance(value, int) and key != "seed" else on_one_line(value)
        click.echo(f"{key.replace('_', ' '):<20} {shown}")
    click.echo("dry run: nothing was trained or written")


def _show_summary(recorder: Recorder, *, as_json: bool) -> None:
    """Print the results of a training, and the command that evaluates it."""
    run, training, best, record = recorder.folder.path, recorder.training, recorder.best, recorder.manifest
    epochs, dataset, error = training.progress.epoch, record.data.name, best["validation_error"]
    if training.validation and error is not None and no_better_than_chance(error, training.validation.labels):
        rate = training.config.optimizer.learning_rate
        warn(
            f"note: the validation error of {error:.2%} is no better than always predicting the most frequent class; "
            f"try an optimizer.learning_rate ten times smaller or larger than {rate:g}, the "
            "default initializer, or more training.epochs"
        )
    if as_json:
        summary = {"run": str(run), "status": record.status, "epochs": epochs, "best": best, "dataset": dataset}
        print_json(summary | {"seconds": record.seconds})
        return
    click.echo(f"run               {on_one_line(run)}")
    click.echo(f"data              {dataset}")
    click.echo(f"epochs            {epochs} in {record.seconds:.1f} s")
    click.echo(f"best epoch        {best['epoch']}")
    if error is not None:
        click.echo(f"validation error  {error:.2%}")
    click.echo(f"next              {on_one_line(_command_line('evaluate', run, *_split_option(training.config)))}")


def _split_option(config: Config) -> list[str]:
    """Return the --split option to evaluate with if the data has no test split."""
    folder = build.data_folder(config)
    if folder is None or is_complete(folder, "test"):
        return []
    return ["--split", "validation" if config.data.validation else "train"]


def _command_line(command: str, *arguments: Path | str) -> str:
    """Return an nncli command line, quoted for a shell; a path is never mistaken for an option."""
    given = [f"./{each}" if isinstance(each, Path) and str(each).startswith("-") else str(each) for each in arguments]
    return shlex.join(["nncli", *command.split(), *given])
