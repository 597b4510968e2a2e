"""`nncli predict`: read the digit in a person's own pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from nncli.cli.checkpoints import checkpoint_options, open_trained
from nncli.cli.one_line import on_one_line
from nncli.cli.options import json_option
from nncli.errors import DivergedError, PictureError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from rich.console import Console

    from nncli.build import Trained

SHOWN = 3  # digits of a single picture that are shown with their probability
WIDEST_BAR = 40


@dataclass(frozen=True)
class Prediction:
    """What a network reads in a picture: the most probable digit and the probability of each."""

    path: Path
    probabilities: list[float]

    @property
    def digit(self) -> int:
        """The most probable digit, the first of equals."""
        return self.probabilities.index(max(self.probabilities))

    def to_dict(self) -> dict[str, object]:
        """Give one entry of the document of `predict --json`."""
        return {"path": str(self.path), "digit": self.digit, "probabilities": self.probabilities}


@click.command()
@checkpoint_options
@click.argument("paths", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def command(run: Path, which: Literal["best", "last"], paths: tuple[Path, ...], as_json: bool) -> None:
    """A picture is a PNG or JPEG of any size, dark on light or light on dark.

    Example:
      nncli predict runs/mlp three.png
      nncli predict runs/mlp scans/*.png --json
    """
    from nncli.cli.boundary import report
    from nncli.cli.console import print_json, results
    from nncli.data import picture

    _, trained = open_trained(run, which)
    readable, images, unreadable = [], [], []
    for path in paths:
        try:
            images.append(picture.read(path))
            readable.append(path)
        except PictureError as error:
            unreadable.append(error)
    predictions = [Prediction(path, each) for path, each in zip(readable, _read(trained, images), strict=True)]
    if as_json:
        print_json([each.to_dict() for each in predictions])
    elif len(paths) == 1 and predictions:
        _show_one(predictions[0], results())
    else:
        _show_many(predictions)
    if unreadable:
        click.get_current_context().exit(max([report(error) for error in unreadable]))


def _read(trained: "Trained", images: "list[npt.NDArray[np.uint8]]") -> list[list[float]]:
    """Give the class probabilities of pictures (28, 28), which the network reads as `evaluate` lets it read examples.

    Raises:
        DataError: the network reads images of another shape.
        DivergedError: a probability is not finite.
    """
    import numpy as np

    from nncli.evaluation.probabilities import evaluate

    if not images:
        return []
    pixels = np.stack(images)  # (pictures, 28, 28)
    unknown = np.zeros(len(images), np.uint8)  # labels, which only the loss would read
    with np.errstate(all="ignore"):  # what overflows is not finite, and that is checked
        _, probabilities = evaluate(trained.graph, trained.batches(pixels, unknown, np.arange(len(images))))
    if not np.isfinite(probabilities).all():
        raise DivergedError("the network's output is not finite; use an earlier checkpoint of the run")
    return list(probabilities.T.tolist())


def _show_one(prediction: Prediction, console: "Console") -> None:
    """Print the digit, and a bar for each of the most probable."""
    width = min(WIDEST_BAR, console.width - 13)
    block = "#" if console.options.ascii_only else "█"
    console.print(f"{on_one_line(prediction.path)}: {prediction.digit}", style="bold", soft_wrap=True)
    ranked = sorted(enumerate(prediction.probabilities), key=lambda each: -each[1])
    for digit, probability in ranked[:SHOWN]:
        bar = block * round(probability * width)
        console.print(f"  {digit} {probability:7.2%}  {bar}".rstrip(), style="" if digit == prediction.digit else "dim")


def _show_many(predictions: Sequence[Prediction]) -> None:
    """Print a line a picture: digit, its probability, path."""
    for each in predictions:
        click.echo(f"{each.digit} {max(each.probabilities):7.2%}  {on_one_line(each.path)}")
