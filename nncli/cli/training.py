"""Print the plan and the results of a training, and the command to run next."""

import shlex
from pathlib import Path

import click

from nncli.build import data_folder
from nncli.cli.boundary import on_one_line
from nncli.cli.console import print_json, warn
from nncli.config.schema import Config
from nncli.data.folder import is_complete
from nncli.evaluation.metrics import no_better_than_chance
from nncli.runs.recorder import Recorder
from nncli.training.loop import Training


def show_plan(training: Training, run: Path, dataset: str, *, as_json: bool) -> None:
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


def show_summary(recorder: Recorder, *, as_json: bool) -> None:
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
    click.echo(f"next              {on_one_line(command_line('evaluate', run, *_split(training.config)))}")


def _split(config: Config) -> list[str]:
    """Return the --split option to evaluate with if the data has no test split."""
    folder = data_folder(config)
    if folder is None or is_complete(folder, "test"):
        return []
    return ["--split", "validation" if config.data.validation else "train"]


def command_line(command: str, *arguments: Path | str) -> str:
    """Return an nncli command line, quoted for a shell; a path is never mistaken for an option."""
    given = [f"./{each}" if isinstance(each, Path) and str(each).startswith("-") else str(each) for each in arguments]
    return shlex.join(["nncli", *command.split(), *given])
