"""`nncli predict`: recognize the digits in the user's own images."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
from rich.console import Console

from nncli.build import Trained
from nncli.cli.boundary import on_one_line, report
from nncli.cli.completion import RunPath
from nncli.cli.console import print_json, results
from nncli.cli.options import PATH, checkpoint_option, json_option
from nncli.data import picture
from nncli.errors import PictureError
from nncli.evaluation.ensemble import average
from nncli.evaluation.metrics import classify
from nncli.runs.folder import Which
from nncli.runs.trained import open_ensemble

SHOWN = 3  # digits listed with their probability for a single image
WIDEST_BAR = 40
DOUBTFUL = 0.5  # a prediction with a lower probability gets a remark


@click.command()
@click.argument("run", metavar="RUN_OR_CHECKPOINT...", type=RunPath())
@checkpoint_option
@click.argument("paths", metavar="IMAGE...", nargs=-1, required=True, type=PATH)
@click.option("--show", is_flag=True, help="Show each 28x28 image as the network sees it.")
@json_option
def command(run: Path, which: Which, paths: tuple[Path, ...], show: bool, as_json: bool) -> None:
    """An image may be a PNG, a JPEG or another common format, of any size, dark on light or light on dark.

    The probabilities of several runs, given before the first image, are averaged.

    Example:
      nncli predict runs/mlp three.png
      nncli predict runs/mlp scans/*.png --json
      nncli predict runs/mlp runs/mlp-2 three.png
    """
    others = list(takewhile(_is_run, paths))
    paths = paths[len(others) :]
    if not paths:
        raise click.UsageError(f"no images given; {others[-1]} is read as a run, so name image files after it")
    readings = _read(open_ensemble([run, *others], which).values(), paths)
    if as_json:
        print_json([{"path": str(path), **_entry(readings[path])} for path in paths])
    code = 0
    for path in paths:
        reading = readings[path]
        if isinstance(reading, PictureError):
            code = max(code, report(reading))
            continue
        if not as_json:
            _print(path, reading, alone=len(paths) == 1, show=show)
        for remark in reading.remarks:
            click.echo(f"note: {on_one_line(path)}: {remark}", err=True)
    click.get_current_context().exit(code)


def _is_run(path: Path) -> bool:
    """Whether a path can be a run folder or a checkpoint, but not an image."""
    return path.is_dir() or path.suffix == ".safetensors"


@dataclass(frozen=True, eq=False)
class Reading:
    """An image as the network sees it, uint8 (28, 28), its most probable class, all probabilities, and remarks."""

    pixels: npt.NDArray[np.uint8]
    digit: int
    probabilities: list[float]
    remarks: list[str]


def _entry(reading: Reading | PictureError) -> dict[str, Any]:
    """Return one entry of the JSON document, without its path."""
    if isinstance(reading, PictureError):
        return {"error": str(reading)}
    return {"digit": reading.digit, "probabilities": reading.probabilities, "remarks": reading.remarks}


def _read(members: Collection[Trained], paths: Iterable[Path]) -> dict[Path, Reading | PictureError]:
    """Recognize digits as `nncli evaluate` does; an image that cannot be read has an error instead.

    Raises:
        DataError: a network was trained on images of another shape.
        DivergedError: a probability is not finite.
    """
    readings: dict[Path, Reading | PictureError] = {}
    framed = {}
    for path in paths:
        try:
            framed[path] = picture.read(path)
        except PictureError as error:
            readings[path] = error
    if not framed:
        return readings
    pixels = np.stack([each.pixels for each in framed.values()])  # (images, 28, 28)
    probabilities = average([each.predict(pixels) for each in members])
    columns = zip(classify(probabilities).tolist(), probabilities.T.tolist(), strict=True)
    for (path, image), (number, column) in zip(framed.items(), columns, strict=True):
        highest = max(column)
        doubt = [f"low confidence ({highest:.0%}): this may not be a digit"] if highest < DOUBTFUL else []
        readings[path] = Reading(image.pixels, number, column, [*image.remarks, *doubt])
    return readings


def _print(path: Path, reading: Reading, *, alone: bool, show: bool) -> None:
    """Print bars for a single image, or a line for one of several."""
    if show:
        _show_image(reading.pixels, results())
    if alone:
        _show_bars(reading.digit, reading.probabilities, str(path), results())
    else:
        click.echo(f"{reading.digit} {max(reading.probabilities):7.2%}  {on_one_line(path)}")


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
