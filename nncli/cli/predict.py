"""`nncli predict`: recognize the digits in the user's own images."""

from pathlib import Path
from typing import Any, Literal

import click
import numpy as np
import numpy.typing as npt
from rich.console import Console

from nncli.build import Trained
from nncli.cli.boundary import on_one_line, report
from nncli.cli.console import print_json, results
from nncli.cli.loading import open_trained
from nncli.cli.options import PATH, checkpoint_options, json_option
from nncli.data import picture
from nncli.errors import DivergedError, PictureError
from nncli.evaluation.probabilities import evaluate

SHOWN = 3  # digits listed with their probability for a single image
WIDEST_BAR = 40


@click.command()
@checkpoint_options
@click.argument("paths", metavar="IMAGE...", nargs=-1, required=True, type=PATH)
@json_option
def command(run: Path, which: Literal["best", "last"], paths: tuple[Path, ...], as_json: bool) -> None:
    """An image may be a PNG or JPEG of any size, dark on light or light on dark.

    Example:
      nncli predict runs/mlp three.png
      nncli predict runs/mlp scans/*.png --json
    """
    _, trained = open_trained(run, which)
    readable, images, unreadable = [], [], []
    for path in paths:
        try:
            images.append(picture.read(path))
            readable.append(path)
        except PictureError as error:
            unreadable.append(error)
    predictions: list[dict[str, Any]] = [
        {"path": str(path), "digit": int(np.argmax(probabilities)), "probabilities": probabilities}
        for path, probabilities in zip(readable, _read(trained, images), strict=True)
    ]
    if as_json:
        print_json(predictions)
    elif len(paths) == 1 and predictions:
        _show_bars(predictions[0], results())
    else:
        for each in predictions:
            click.echo(f"{each['digit']} {max(each['probabilities']):7.2%}  {on_one_line(each['path'])}")
    if unreadable:
        click.get_current_context().exit(max([report(error) for error in unreadable]))


def _read(trained: Trained, images: list[npt.NDArray[np.uint8]]) -> list[list[float]]:
    """Return the class probabilities for images (28, 28), computed as `nncli evaluate` does.

    Raises:
        DataError: the network was trained on images of another shape.
        DivergedError: a probability is not finite.
    """
    if not images:
        return []
    pixels = np.stack(images)  # (images, 28, 28)
    unknown = np.zeros(len(images), np.uint8)  # labels matter only for the loss
    with np.errstate(all="ignore"):  # the probabilities are checked below
        _, probabilities = evaluate(trained.graph, trained.batches(pixels, unknown, np.arange(len(images))))
    if not np.isfinite(probabilities).all():
        raise DivergedError("the network's output is not finite; use an earlier checkpoint of the run")
    return list(probabilities.T.tolist())


def _show_bars(prediction: dict[str, Any], console: Console) -> None:
    """Print the digit, and bars for the most probable ones."""
    width = min(WIDEST_BAR, console.width - 13)
    block = "#" if console.options.ascii_only else "█"
    console.print(f"{on_one_line(prediction['path'])}: {prediction['digit']}", style="bold", soft_wrap=True)
    ranked = sorted(enumerate(prediction["probabilities"]), key=lambda each: -each[1])
    for digit, probability in ranked[:SHOWN]:
        bar = block * round(probability * width)
        style = "" if digit == prediction["digit"] else "dim"
        console.print(f"  {digit} {probability:7.2%}  {bar}".rstrip(), style=style)
