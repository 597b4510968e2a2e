"""The entry point: the table of commands, imported by name when they run."""

import io
import os
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

import click

from nncli import __version__
from nncli.cli import signals
from nncli.cli.boundary import report
from nncli.cli.lazy import Entry, LazyGroup, keep_example

COMMANDS = {
    "train": Entry("nncli.cli.train:command", "Train a network from a configuration file."),
    "evaluate": Entry("nncli.cli.evaluate:command", "Measure a trained network's error."),
    "visualize-features": Entry("nncli.cli.visualize_features:command", "Draw what the hidden units have learned."),
    "predict": Entry("nncli.cli.predict:command", "Read the digit in your own pictures."),
    "graph": Entry("nncli.cli.graph:command", "Show a network's layers, shapes and costs."),
    "lab": Entry("nncli.cli.lab:command", "Run the lecture's demonstrations."),
    "data": Entry("nncli.cli.data:command", "Download, describe or preview data."),
    "gradcheck": Entry("nncli.cli.gradcheck:command", "Check a network's gradient against numeric differences."),
    "config": Entry("nncli.cli.config:command", "Write, check and explain configuration files."),
}

_HELP = """Train and evaluate MNIST classifiers with backpropagation in NumPy.

Example:
  nncli config new digits.yaml
  nncli train digits.yaml
  nncli evaluate runs/digits
"""


_DEBUG = click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an error.")

group = LazyGroup(
    name="nncli",
    help=keep_example(_HELP),
    entries=COMMANDS,
    shared=[_DEBUG],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
click.version_option(__version__, prog_name="nncli", message="%(prog)s %(version)s")(group)


def run() -> NoReturn:
    """Run the command line and end the process with its exit code.

    A library's warning is no message for a person: it is shown only where -W or PYTHONWARNINGS asks for it.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code of the process (see `nncli.errors`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a character the terminal lacks is no failure
    try:
        with signals.raised():
            _invoke(list(arguments))
    except (Exception, KeyboardInterrupt) as error:
        return report(error, arguments)
    return 0


def _invoke(arguments: list[str]) -> None:
    if instruction := os.environ.get("_NNCLI_COMPLETE"):
        from click.shell_completion import shell_complete

        shell_complete(group, {}, "nncli", "_NNCLI_COMPLETE", instruction)
        return
    with group.make_context("nncli", arguments) as context:
        group.invoke(context)
    if sys.stdout:
        sys.stdout.flush()  # here, where a reader that has left can still be handled
