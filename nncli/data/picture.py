"""Image files of digits in the format of MNIST: light ink in a 20x20 box, centred by mass in a 28x28 image.

These are the steps by which MNIST was made from NIST's scans (LeCun et al., Gradient-based learning applied to
document recognition, 1998, section III.A): the digit's bounding box is fitted into 20x20 pixels with its aspect
ratio kept and its edges anti-aliased, and then moved by whole pixels until its centre of mass is in the middle.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from nncli.data import digit
from nncli.data.dataset import BOX, SIDE
from nncli.data.digit import Ink, Pixels
from nncli.data.greyscale import read_greyscale
from nncli.errors import PictureError

CENTRE = 14.0  # where MNIST's centres of mass lie, in pixels from the first one's centre, within half a pixel
PALE = 0.15  # fraction of the paper's brightness; ink with less contrast gets a remark


@dataclass(frozen=True)
class Framed:
    """A digit in the format of MNIST.

    Attributes:
        pixels: uint8 (28, 28), 0 background, 255 ink.
        remarks: what may be wrong with the image, one sentence each.
    """

    pixels: Pixels
    remarks: tuple[str, ...] = ()


def read(path: Path) -> Framed:
    """Return the digit in an image file in the format of MNIST.

    The image may have any size, dark on light or light on dark, with margins. One of 28x28 pixels that is
    framed like MNIST's already is returned unchanged. Raises PictureError.
    """
    grey = read_greyscale(path)
    try:
        return frame(grey)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from error


def frame(grey: Pixels) -> Framed:
    """Bring greyscale pixels (rows, columns) into MNIST's frame (28, 28); PictureError if there is no ink."""
    if grey.shape == (SIDE, SIDE):
        light_on_dark = 255 - grey if digit.border_level(grey) > 0 else grey
        if is_framed(light_on_dark):
            return Framed(light_on_dark)
    found = digit.find(grey)
    remarks = []
    if found.marks > 1:
        remarks.append(f"{found.marks} marks found, reading only the largest; use one digit per image")
    if found.contrast < PALE:
        remarks.append(f"low contrast: the ink differs from the paper by only {found.contrast:.0%}")
    return Framed(_centred(_fit(found.ink)), tuple(remarks))


def is_framed(image: Pixels) -> bool:
    """Return whether a light digit (28, 28) is framed like MNIST's, within a few pixels."""
    if not image.any():
        return False
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    return bool(abs(longest - BOX) <= 3) and all(abs(centre - CENTRE) <= 1.5 for centre in _centre_of_mass(image))


def _fit(ink: Ink) -> Ink:
    """Scale ink so that its longer side has 20 pixels, anti-aliased, and its darkest pixel is 1."""
    scale = BOX / max(ink.shape)
    rows, columns = (max(1, round(length * scale)) for length in ink.shape)
    scaled = np.asarray(Image.fromarray(ink).resize((columns, rows), Image.Resampling.BOX))
    digit: Ink = scaled / scaled.max()
    return digit


def _centred(digit: Ink) -> Pixels:
    """Move a digit by whole pixels, to put its centre of mass in the middle of a 28x28 image."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (
        min(max(round(CENTRE - centre), 0), SIDE - length)
        for centre, length in zip(_centre_of_mass(digit), digit.shape, strict=True)
    )
    image[top : top + digit.shape[0], left : left + digit.shape[1]] = np.rint(255 * digit)
    return image


def _centre_of_mass(image: Pixels | Ink) -> tuple[float, float]:
    """Return the row and the column of the centre of mass."""
    row, column = ndimage.center_of_mass(image.astype(np.float64))
    return float(row), float(column)
