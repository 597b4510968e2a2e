"""`nncli export`: write a trained network in another format."""

from pathlib import Path

import click

from nncli import durable
from nncli.cli.boundary import on_one_line
from nncli.cli.options import PATH, checkpoint_options
from nncli.export import formats
from nncli.export.plan import plan
from nncli.runs.folder import Which
from nncli.runs.trained import open_trained


@click.command()
@checkpoint_options
@click.option("--format", "name", type=click.Choice(list(formats.FORMATS)), required=True, help="Format of the file.")
@click.option(
    "--output",
    type=PATH,
    help="File to write; defaults to "
    + ", ".join(f"{each.file} ({name})" for name, each in formats.FORMATS.items())
    + " in the run folder or next to the checkpoint file.",
)
def command(run: Path, which: Which, name: str, output: Path | None) -> None:
    """The network takes uint8 images centred as in MNIST, and returns class probabilities.

    Deskewing, framing and scaling of the images are part of it, and weights are float32.

    onnx writes an ONNX model, which needs pip install 'nncli[onnx]'. torch writes a state_dict as a safetensors file,
    and a Python module that loads it. npz writes the weights, and a Python module that computes the network with
    NumPy. c writes a header with a function predict.

    Example:
      nncli export runs/mlp --format onnx
      nncli export runs/mlp --format c --output firmware/digits.h
    """
    chosen = formats.FORMATS[name]
    if output is not None:
        if output.suffix.lower() != chosen.suffix:
            raise click.BadParameter(f"'{output}' must end in {chosen.suffix}", param_hint=["--output"])
        durable.expect_writable(output)
    checkpoint, trained = open_trained(run, which)
    path = output or (run if run.is_dir() else checkpoint.parent) / chosen.file
    for file in formats.write(plan(trained), name, path):
        click.echo(on_one_line(file))
