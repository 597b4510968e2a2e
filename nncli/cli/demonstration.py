"""The command of a demonstration: options from the parameters of `run`, and its report as text, JSON or a figure."""

import inspect
from collections.abc import Callable
from functools import partial
from inspect import cleandoc
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import click
from rich.console import Console

from nncli.cli.boundary import on_one_line
from nncli.cli.console import print_json, progress, results, status
from nncli.cli.options import Finite, PictureFile, json_option
from nncli.cli.tables import print_table
from nncli.cli.tiles import Tiles
from nncli.engine import blas
from nncli.errors import OptionError
from nncli.lab.catalogue import DEMONSTRATIONS
from nncli.lab.demonstration import Illustrated, Images, Option, Report, Strong, Table, Verbatim


def build(name: str, run: Callable[..., Report]) -> click.Command:
    """Return the command of a demonstration; see `nncli.lab.demonstration` for how its options are declared."""
    signature = inspect.signature(run, eval_str=True)
    declared = {each.name: each for each in signature.parameters.values() if each.name != "progress"}
    parameters = [_parameter(each) for each in declared.values()]
    if issubclass(signature.return_annotation, Illustrated):
        figure = "Write a figure to this PNG, SVG or PDF file."
        parameters.append(click.Option(["--output"], type=PictureFile(), help=figure))
    command = click.Command(
        name,
        params=parameters,
        callback=partial(_run, name, run),
        help="\n\n".join([DEMONSTRATIONS[name].summary, *cleandoc(run.__doc__ or "").split("\n\n")[1:]]),
    )
    return json_option(command)


def _parameter(declared: inspect.Parameter) -> click.Parameter:
    """Return the Click parameter for one annotated with `Annotated[kind, Option(...)]`."""
    kind, option = get_args(declared.annotation)
    kinds = [each for each in get_args(kind) if each not in (NoneType, Ellipsis)] or [kind]
    several = get_origin(kind) is tuple and Ellipsis not in get_args(kind)
    choices = kinds if get_origin(kind) is Literal else option.choices
    types = [click.Choice(choices)] if choices else [_type(each, option) for each in kinds]
    flag = option.flag or f"--{declared.name.replace('_', '-')}"
    if not flag.startswith("--"):
        return click.Argument([declared.name], metavar=f"[{flag}]", required=False, type=types[0])
    return click.Option(
        [flag, declared.name],
        type=tuple(types) if several else types[0],
        multiple=Ellipsis in get_args(kind),
        help=option.help,
        metavar=option.metavar,
        envvar=option.variable,
        default=declared.default,
        show_default=declared.default not in (None, ()),
        show_envvar=bool(option.variable),
    )


def _type(kind: type, option: Option) -> click.ParamType[Any]:
    """Return the Click type of a single value."""
    if kind is int:
        return click.IntRange(option.minimum, option.maximum)  # type: ignore[arg-type]  # integers, by declaration
    if kind is float:
        return Finite(option.minimum, option.maximum, min_open=option.above_minimum)
    return click.Path(path_type=Path) if kind is Path else click.STRING


def _run(
    name: str,
    run: Callable[..., Report],
    /,
    *,
    as_json: bool,
    output: Path | None = None,
    **options: Any,  # noqa: ANN401 - each demonstration's own
) -> None:
    """Run a demonstration, write its figure and print its report.

    The figure is written first, so that it is complete even if a reader such as `head` closes the pipe.

    Raises:
        WriteError: the file cannot be written, and nothing is printed.
    """
    console = progress()
    if "progress" in inspect.signature(run).parameters:
        options["progress"] = console.print
    with status(console, f"computing {name}") as say:
        report = _perform(run, options)
        if output and isinstance(report, Illustrated):
            from nncli.figures.page import save

            say("plotting the figure")
            save(report.draw(), output)
    if output:
        click.echo(f"wrote {on_one_line(output)}", err=True)
    if as_json:
        print_json(report.values)
    else:
        show(report, name, results())


def _perform(run: Callable[..., Report], options: dict[str, Any]) -> Report:
    """Run a demonstration on one thread: its matrices are too small to gain from more, and `cost` measures one."""
    try:
        with blas.threads(1):
            return run(**options)
    except OptionError as error:
        if error.option:
            raise click.BadParameter(str(error), param_hint=[error.option]) from error
        raise click.UsageError(str(error)) from error


def show(report: Report, name: str, console: Console) -> None:
    """Print a report under the demonstration's summary and slide."""
    if report.titled:
        console.print(DEMONSTRATIONS[name].summary, style="bold")
        console.print(f'Lecture slide: "{DEMONSTRATIONS[name].slide}"\n', style="dim")
    for part in report.parts:
        match part:
            case str():
                console.print(part)
            case Strong(text):
                console.print(text, style="bold")
            case Verbatim(text):
                console.print(text, soft_wrap=True)
            case Table(headers, rows, title, split):
                print_table(console, headers, rows, title, split=split)
            case Images(units, shape):
                Tiles(shape, console).show(units)
