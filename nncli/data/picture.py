"""A person's picture of a digit as MNIST would hold it: light ink in a 20x20 box, centred by mass in 28x28.

The steps are those by which MNIST was made from NIST's scans (LeCun et al., Gradient-based learning applied to
document recognition, 1998, section III.A): the digit's bounding box is fitted into 20x20 pixels with its aspect
ratio kept and its edges anti-aliased, then moved by whole pixels until its centre of mass lies in the middle.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nncli.data.greyscale import read_greyscale
from nncli.errors import PictureError

SIDE = 28
BOX = 20
CENTRE = 14.0  # where MNIST's centres of mass lie, in pixels from the first one's centre, within half a pixel
EDGE = 0.3  # a stroke ends where its ink falls below this part of the darkest
FAINTEST = 16  # grey levels between paper and ink below which a picture counts as blank

Pixels = NDArray[np.uint8]
Ink = NDArray[np.float32]


def read(path: Path) -> Pixels:
    """Return the digit in a picture file as MNIST would hold it: uint8 (28, 28), 0 background, 255 ink.

    The picture may be of any size, dark on light or light on dark, with margins. One of 28x28 pixels that is
    framed like MNIST's already is returned unchanged. Raises PictureError.
    """
    grey = read_greyscale(path)
    try:
        return frame(grey)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from error


def frame(grey: Pixels) -> Pixels:
    """Bring greyscale pixels (rows, columns) into MNIST's frame (28, 28); PictureError when there is no ink."""
    light_on_dark = _light_on_dark(grey)
    if light_on_dark.shape == (SIDE, SIDE) and is_framed(light_on_dark):
        return light_on_dark
    ink = _ink(light_on_dark)
    digit = _fit(ink[_bounding_box(ink > EDGE)])
    return _centred(digit)


def is_framed(image: Pixels) -> bool:
    """Tell whether a light digit (28, 28) is framed like MNIST's, give or take what another hand would."""
    if not image.any():
        return False
    rows, columns = _bounding_box(image > 0)
    longest = max(rows.stop - rows.start, columns.stop - columns.start)
    return abs(longest - BOX) <= 3 and all(abs(centre - CENTRE) <= 1.5 for centre in _centre_of_mass(image))


def _light_on_dark(grey: Pixels) -> Pixels:
    """Invert a picture whose border, most of which is background, is lighter than the middle of its range."""
    low, high = int(grey.min()), int(grey.max())
    if high - low < FAINTEST:
        raise PictureError("blank: nothing in it stands out from its background")
    return 255 - grey if np.median(_border(grey)) > (low + high) / 2 else grey


def _border(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _ink(light_on_dark: Pixels) -> Ink:
    """Return how inked each pixel is, 0 to 1, above a background that may be lit unevenly and be noisy.

    The background is the plane through the dark pixels of the border; what it leaves of them is noise.
    """
    levels = light_on_dark.astype(np.float32)
    middle = (levels.min() + levels.max()) / 2
    paper = _border(levels) <= middle
    terms = np.stack([np.ones_like(levels), *np.indices(levels.shape, np.float32)])  # (3, rows, columns)
    on_paper = np.stack([_border(term)[paper] for term in terms], axis=1)
    plane = np.linalg.lstsq(on_paper, _border(levels)[paper])[0]
    above: Ink = levels - np.tensordot(plane, terms, 1)
    above -= np.quantile(_border(above)[paper], 0.95)
    ink: Ink = np.maximum(above, 0) / above.max()
    return ink


def _bounding_box(inked: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _fit(ink: Ink) -> Ink:
    """Scale ink so that its longer side has 20 pixels, anti-aliased, and its darkest pixel is 1."""
    scale = BOX / max(ink.shape)
    rows, columns = (max(1, round(length * scale)) for length in ink.shape)
    scaled = np.asarray(Image.fromarray(ink).resize((columns, rows), Image.Resampling.BOX))
    digit: Ink = scaled / scaled.max()
    return digit


def _centred(digit: Ink) -> Pixels:
    """Move a digit by whole pixels so that its centre of mass comes to the middle of 28x28."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (
        min(max(round(CENTRE - centre), 0), SIDE - length)
        for centre, length in zip(_centre_of_mass(digit), digit.shape, strict=True)
    )
    image[top : top + digit.shape[0], left : left + digit.shape[1]] = np.rint(255 * digit)
    return image


def _centre_of_mass(image: Pixels | Ink) -> tuple[float, float]:
    """Return the row and the column of the centre of mass."""
    mass = image.astype(np.float64)
    rows, columns = (float(mass.sum(axis=axis) @ np.arange(mass.shape[1 - axis])) for axis in (1, 0))
    return rows / mass.sum(), columns / mass.sum()
