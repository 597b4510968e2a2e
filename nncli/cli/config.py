"""`nncli config`: write, check and explain configuration files."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.options import config_argument, set_option
from nncli.errors import ConfigError, NncliError

if TYPE_CHECKING:
    from nncli.config.load import Resolved


@click.group(no_args_is_help=True)
def command() -> None:
    """Write, check and explain configuration files.

    Example:
      nncli config new digits.yaml
      nncli config check digits.yaml
    """


@command.command()
def schema() -> None:
    """Print the JSON Schema of configuration files, for editors.

    Example:
      nncli config schema > nncli.schema.json
    """
    from nncli.cli.console import print_json
    from nncli.config.schema import Config

    print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()})


@command.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@set_option
def check(paths: tuple[Path, ...], overrides: tuple[str, ...]) -> None:
    """Validate configuration files and report every error of each.

    Example:
      nncli config check experiments/*.yaml
    """
    from nncli.config.load import load

    problems: list[str] = []
    for path in paths:
        try:
            resolved = load(path, overrides)
        except ConfigError as error:
            problems += error.problems
        else:
            click.echo(f"{path}: ok")
            _remark_untrainable(path, resolved)
    if problems:
        raise ConfigError(problems)


def _remark_untrainable(path: Path, resolved: "Resolved") -> None:
    """Say on stderr what in a valid configuration training would refuse."""
    if all(layer.activation != "hard_threshold" for layer in resolved.config.model.layers):
        return  # without an import of NumPy
    from nncli.build import refuse_hard_threshold

    try:
        refuse_hard_threshold(resolved.config, resolved.origins)
    except ConfigError as error:
        for problem in error.problems:
            click.echo(f"{path} cannot be trained: {problem}", err=True)


@command.command()
@config_argument
@set_option
def show(config_path: Path, overrides: tuple[str, ...]) -> None:
    """Print the resolved configuration, with where each value came from.

    Example:
      nncli config show digits.yaml --set training.epochs=5
    """
    from nncli.config.load import load, to_mapping
    from nncli.config.locations import dotted
    from nncli.config.writer import commented

    resolved = load(config_path, overrides)
    text = commented(to_mapping(resolved.config), lambda location, _: resolved.origins[dotted(location)])
    click.echo(text, nl=False)


@command.command()
@click.argument(
    "path", metavar="[FILE]", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True)
)
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def new(path: Path | None, force: bool) -> None:
    """Write a starter file that explains every key.

    It goes to FILE, or to stdout without one.

    Example:
      nncli config new digits.yaml
    """
    from nncli import durable
    from nncli.config.template import starter

    if path is None or str(path) == "-":
        click.echo(starter(), nl=False)
        return
    if path.exists() and not force:
        raise NncliError(f"{path}: exists already; use --force to overwrite it, or choose another name")
    durable.write(path, [starter().encode()])
    click.echo(f"{path} written; check it with: nncli config check {shlex.quote(str(path))}", err=True)
