"""Shared options: what a command receives, and which environment variables stand in for them."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from nncli.cli.options import config_argument, data_options, json_option, set_option, verbosity_options


@click.command()
@config_argument
@set_option
@data_options
@json_option
@verbosity_options
def command(**received):
    return received


def received(*arguments, **environment):
    return (
        CliRunner()
        .invoke(command, ["net.yaml", *arguments], env=environment, catch_exceptions=False, standalone_mode=False)
        .return_value
    )


DEFAULTS = {
    "config_path": Path("net.yaml"),
    "overrides": (),
    "data_dir": None,
    "offline": False,
    "as_json": False,
    "verbosity": 0,
}
CLEAN = {"NNCLI_DATA_DIR": None, "NNCLI_OFFLINE": None}


@pytest.mark.parametrize(
    ("arguments", "environment", "changed"),
    [
        ([], {}, {}),
        (["-q"], {}, {"verbosity": -1}),
        (["-v"], {}, {"verbosity": 1}),
        (["--quiet"], {}, {"verbosity": -1}),
        (["--json"], {}, {"as_json": True}),
        (["--set", "a=1", "--set", "b=2"], {}, {"overrides": ("a=1", "b=2")}),
        (["--data-dir", "x"], {}, {"data_dir": Path("x")}),
        ([], {"NNCLI_DATA_DIR": "y"}, {"data_dir": Path("y")}),
        ([], {"NNCLI_DATA_DIR": ""}, {}),
        (["--data-dir", "x"], {"NNCLI_DATA_DIR": "y"}, {"data_dir": Path("x")}),
        (["--offline"], {}, {"offline": True}),
        ([], {"NNCLI_OFFLINE": "1"}, {"offline": True}),
        ([], {"NNCLI_OFFLINE": "0"}, {}),
    ],
)
def test_a_flag_wins_over_the_environment_and_that_over_the_default(arguments, environment, changed):
    assert received(*arguments, **(CLEAN | environment)) == DEFAULTS | changed
