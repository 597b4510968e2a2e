"""`nncli config`: write, check and explain configuration files."""

from pathlib import Path

import click

from nncli.cli.options import config_argument, set_option
from nncli.errors import ConfigError, NncliError


@click.group(no_args_is_help=True)
def command() -> None:
    r"""Write, check and explain configuration files.

    \b
    Example:
      nncli config new digits.yaml
      nncli config check digits.yaml
    """


@command.command()
def schema() -> None:
    r"""Print the JSON Schema of configuration files, for editors.

    \b
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
    r"""Validate configuration files and report every error of each.

    \b
    Example:
      nncli config check experiments/*.yaml
    """
    from nncli.config.load import load

    problems: list[str] = []
    for path in paths:
        try:
            load(path, overrides)
        except ConfigError as error:
            problems += error.problems
        else:
            click.echo(f"{path}: ok")
    if problems:
        raise ConfigError(problems)


@command.command()
@config_argument
@set_option
def show(config_path: Path, overrides: tuple[str, ...]) -> None:
    r"""Print the resolved configuration, with where each value came from.

    \b
    Example:
      nncli config show digits.yaml --set training.epochs=5
    """
    from nncli.config.load import load, to_mapping
    from nncli.config.problems import dotted
    from nncli.config.writer import commented

    resolved = load(config_path, overrides)
    text = commented(to_mapping(resolved.config), lambda location, _: resolved.origins[dotted(location)])
    click.echo(text, nl=False)


@command.command()
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def new(path: Path | None, force: bool) -> None:
    r"""Write a starter file with every key, its meaning and its default; without FILE, to stdout.

    \b
    Example:
      nncli config new digits.yaml
    """
    from nncli.config.template import starter

    if path is None:
        click.echo(starter(), nl=False)
        return
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(starter())
    except FileExistsError:
        raise NncliError(f"{path}: exists already; use --force to overwrite it, or another name") from None
    click.echo(f"{path} written; check it with: nncli config check {path}", err=True)
