"""`nncli predict`: recognize the digits in the user's own images."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

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
DOUBTFUL = 0.5  # a prediction with a lower probability gets a remark


@click.command()
@checkpoint_options
@click.argument("paths", metavar="IMAGE...", nargs=-1, required=True, type=PATH)
@click.option("--show", is_flag=True, help="Show each 28x28 image as the network sees it.")
@json_option
def command(run: Path, which: Literal["best", "last"], paths: tuple[Path, ...], show: bool, as_json: bool) -> None:
    """An image may be a PNG or JPEG of any size, dark on light or light on dark.

    Example:
      nncli predict runs/mlp three.png
      nncli predict runs/mlp scans/*.png --json
    """
    _, trained = open_trained(run, which)
    readings = [Reading.of(path) for path in paths]
    _read(trained, [each for each in readings if each.error is None])
    if as_json:
        print_json([each.to_dict() for each in readings])
    code = 0
    for each in readings:
        if each.error is not None:
            code = max(code, report(each.error))
            continue
        if not as_json:
            _print(each, alone=len(paths) == 1, show=show)
        for remark in each.remarks:
            click.echo(f"note: {on_one_line(str(each.path))}: {remark}", err=True)
    click.get_current_context().exit(code)


@dataclass
class Reading:
    """An image with its class probabilities, or the error if it cannot be read."""

    path: Path
    pixels: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros((28, 28), np.uint8))
    remarks: list[str] = field(default_factory=list)
    error: PictureError | None = None
    probabilities: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read an image and bring it into the form of MNIST's images."""
        try:
            framed = picture.read(path)
        except PictureError as error:
            return cls(path, error=error)
        return cls(path, framed.pixels, list(framed.remarks))

    @property
    def digit(self) -> int:
        """The most probable class."""
        return int(np.argmax(self.probabilities))

    def to_dict(self) -> dict[str, Any]:
        """Return one entry of the JSON document."""
        if self.error is not None:
            return {"path": str(self.path), "error": str(self.error)}
        reading = {"digit": self.digit, "probabilities": self.probabilities, "remarks": self.remarks}
        return {"path": str(self.path), **reading}


def _read(trained: Trained, readings: list[Reading]) -> None:
    """Add the class probabilities, computed as `nncli evaluate` does.

    Raises:
        DataError: the network was trained on images of another shape.
        DivergedError: a probability is not finite.
    """
    if not readings:
        return
    pixels = np.stack([each.pixels for each in readings])  # (images, 28, 28)
    unknown = np.zeros(len(readings), np.uint8)  # labels matter only for the loss
    with np.errstate(all="ignore"):  # the probabilities are checked below
        _, probabilities = evaluate(trained.graph, trained.batches(pixels, unknown, np.arange(len(readings))))
    if not np.isfinite(probabilities).all():
        raise DivergedError("the network's output is not finite; use an earlier checkpoint of the run")
    for each, column in zip(readings, probabilities.T.tolist(), strict=True):
        each.probabilities = column
        if max(column) < DOUBTFUL:
            each.remarks.append(f"low confidence ({max(column):.0%}): this may not be a digit")


def _print(reading: Reading, *, alone: bool, show: bool) -> None:
    """Print bars for a single image, or a line for one of several."""
    if show:
        _show_image(reading.pixels, results())
    if alone:
        _show_bars(reading.digit, reading.probabilities, str(reading.path), results())
    else:
        click.echo(f"{reading.digit} {max(reading.probabilities):7.2%}  {on_one_line(str(reading.path))}")


def _show_bars(digit: int, probabilities: list[float], name: str, console: Console) -> None:
    """Print the digit, and bars for the most probable ones."""
    width = min(WIDEST_BAR, console.width - 13)
    block = "#" if console.options.ascii_only else "█"
    console.print(f"{on_one_line(name)}: {digit}", style="bold", soft_wrap=True)
    ranked = sorted(enumerate(probabilities), key=lambda each: -each[1])
    for number, probability in ranked[:SHOWN]:
        bar = block * round(probability * width)
        style = "" if number == digit else "dim"
        console.print(f"  {number} {probability:7.2%}  {bar}".rstrip(), style=style)


def _show_image(pixels: npt.NDArray[np.uint8], console: Console) -> None:
    """Print an image (28, 28) in characters, two rows of pixels per line."""
    shades = " .:+#@" if console.options.ascii_only else " ░▒▓█"
    for pair in pixels.reshape(14, 2, 28).mean(axis=1):  # (28,)
        levels = np.minimum(pair * len(shades) / 256, len(shades) - 1).astype(int)
        console.print("  " + "".join(shades[level] for level in levels).rstrip())
