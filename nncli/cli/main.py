"""The entry point, and the table of commands; a command is imported only when it runs."""

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
from nncli.cli.lazy import DEBUG, Entry, LazyGroup

COMMANDS = {
    "train": Entry("nncli.cli.train:command", "Train a network from a configuration file.", "config"),
    "evaluate": Entry("nncli.cli.evaluate:command", "Measure the error of a trained network.", "run"),
    "visualize-features": Entry(
        "nncli.cli.visualize_features:command", "Show what the hidden units have learned.", "run"
    ),
    "predict": Entry("nncli.cli.predict:command", "Recognize the digits in your own images.", "run"),
    "runs": Entry("nncli.cli.runs:command", "List runs with their status, errors and configuration."),
    "compare": Entry("nncli.cli.compare:command", "Compare the errors and settings of several runs.", "run"),
    "plot": Entry("nncli.cli.plot:command", "Plot runs for a paper or a slide.", "run"),
    "report": Entry("nncli.cli.report:command", "Write a web page about a run, with room to draw digits.", "run"),
    "export": Entry("nncli.cli.export:command", "Write a trained network as ONNX, PyTorch, NumPy or C.", "run"),
    "graph": Entry("nncli.cli.graph:command", "Show a network's layers, shapes and costs.", "config"),
    "sweep": Entry("nncli.cli.sweep:command", "Train with many settings and seeds.", "sweep"),
    "lab": Entry("nncli.cli.lab:command", "Run the lecture's demonstrations."),
    "data": Entry("nncli.cli.data:command", "Download, describe or preview a dataset."),
    "reproduce": Entry("nncli.cli.reproduce:command", "Reproduce published test errors."),
    "gradcheck": Entry("nncli.cli.gradcheck:command", "Check a network's gradient numerically.", "config"),
    "config": Entry("nncli.cli.config:command", "Create, check and inspect configuration files."),
}


@click.group(
    "nncli",
    cls=LazyGroup,
    entries=COMMANDS,
    params=[DEBUG],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
)
@click.version_option(__version__, prog_name="nncli", message="%(prog)s %(version)s")
def group() -> None:
    """Train and evaluate MNIST classifiers with backpropagation in NumPy.

    Example:
      nncli config new digits.yaml
      nncli train digits.yaml
      nncli evaluate runs/digits
    """


def run() -> NoReturn:
    """Run the command line and end the process with its exit code.

    Warnings from libraries are not meant for the user: they are shown only if -W or PYTHONWARNINGS asks for them.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code of the process (see `nncli.errors`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a character that the encoding lacks is not an error
    try:
        with signals.raised():
            _invoke(list(arguments))
    except (Exception, KeyboardInterrupt) as error:
        return report(error, arguments)
    return 0


def _invoke(arguments: list[str]) -> None:
    if os.environ.get("_NNCLI_COMPLETE"):
        from nncli.cli.completion import complete

        complete(group, "_NNCLI_COMPLETE")
        return
    with group.make_context("nncli", arguments) as context:
        group.invoke(context)
    if sys.stdout:
        sys.stdout.flush()  # here, where a broken pipe can still be handled
