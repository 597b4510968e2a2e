"""`nncli config`: create, check and inspect configuration files."""

import shlex
from pathlib import Path
from typing import Any

import click

from nncli import durable
from nncli.build import refuse_hard_threshold
from nncli.cli.boundary import on_one_line
from nncli.cli.completion import ConfigPath
from nncli.cli.console import print_json
from nncli.cli.loading import load_config
from nncli.cli.options import config_argument, json_option, set_option
from nncli.config.load import load, to_mapping
from nncli.config.locations import dotted
from nncli.config.schema import Config
from nncli.config.template import starter
from nncli.config.writer import commented
from nncli.errors import ConfigError, NncliError


@click.group()
def command() -> None:
    """A configuration is a YAML file. Every key except model.layers has a default.

    Example:
      nncli config new digits.yaml
      nncli config check digits.yaml
    """


@command.command()
def schema() -> None:
    """Print the JSON Schema of configuration files, for use in an editor.

    Example:
      nncli config schema > nncli.schema.json
    """
    print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()})


@command.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=ConfigPath())
@set_option
@json_option
def check(paths: tuple[Path, ...], overrides: tuple[str, ...], as_json: bool) -> None:
    """Validate configuration files and report every error.

    Example:
      nncli config check experiments/*.yaml
    """
    files = [_checked(path, overrides) for path in paths]
    problems = [problem for file in files for problem in file["problems"]]
    if as_json:
        print_json({"ok": not problems, "files": files})
    else:
        for file in files:
            if not file["problems"]:
                click.echo(f"{file['path']}: ok")
            for remark in file["remarks"]:
                click.echo(f"{file['path']}: valid, but `nncli train` would reject it: {remark}", err=True)
    if problems:
        raise ConfigError(problems)


def _checked(path: Path, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return the problems of a file and, if it is valid, remarks on what training would refuse."""
    valid = False
    found: dict[str, Any] = {"path": str(path), "problems": [], "remarks": []}
    try:
        resolved = load(path, overrides)
        valid = True
        refuse_hard_threshold(resolved.config, resolved.origins)
    except ConfigError as error:
        found["remarks" if valid else "problems"] = error.problems
    return found


@command.command()
@config_argument
@set_option
@json_option
def show(config_path: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Print the resolved configuration and where each value came from.

    Example:
      nncli config show digits.yaml --set training.epochs=5
    """
    resolved = load_config(config_path, overrides)
    mapping = to_mapping(resolved.config)
    if as_json:
        print_json({"config": mapping, "origins": resolved.origins})
    else:
        click.echo(commented(mapping, lambda location, _: resolved.origins[dotted(location)]), nl=False)


@command.command()
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def new(path: Path | None, force: bool) -> None:
    """Write a starter configuration that explains every key.

    Without FILE, print it to stdout.

    Example:
      nncli config new digits.yaml
    """
    write_new(path, starter(), "check it with: nncli config check", force=force)


def write_new(path: Path | None, text: str, then: str, *, force: bool) -> None:
    """Write a configuration to a file, or print it; `then` is the advice that precedes the path of the file."""
    if path is None or str(path) == "-":
        click.echo(text, nl=False)
        return
    if path.is_file() and not force:
        raise NncliError(f"{path}: already exists; use --force to overwrite it, or choose another name")
    durable.write(path, [text.encode()])
    click.echo(f"wrote {on_one_line(path)}; {then} {shlex.quote(str(path))}", err=True)
