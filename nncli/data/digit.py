"""Find the digit in a picture: separate its ink from paper, shadows, frames, specks and noise.

Ink is darker (or lighter) than the paper around it, relative to the paper's own brightness; this excludes shadows. The
paper is estimated by removing everything narrower than a window (a morphological closing or opening), and the window
grows until a larger one finds no more ink. The digit is the connected component with the most ink and the marks near
it, which are its other strokes; specks and a frame around the picture are excluded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from nncli.data.dataset import BOX
from nncli.errors import PictureError

Pixels = NDArray[np.uint8]
Ink = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIDE = 256  # length of the longer side, in pixels, for the first search
CLOSER = 160  # the same for the second search, with little paper around the digit
WINDOWS = (0.08, 0.12, 0.18, 0.25, 0.35)  # wider than a stroke, as fractions of the longer side
STABLE = 1.1  # the windows stop growing when the ink grows by less than this factor
NOISE = 3.0  # ink is stronger than the grain of the paper by this factor
FAINTEST = 0.06  # fraction of the paper's brightness; fainter marks are not ink
EDGE = 0.35  # fraction of the ink's darkness at which a stroke ends
PART = 0.15  # fraction of the digit's size; smaller marks are specks
GAP = 0.15  # fraction of the digit's size; marks closer than this belong to it
RIVAL = 0.25  # fraction of the digit's ink; another mark with more gets a remark
WEAKEST = 0.2  # sum of the cubed darkness of all pixels; the grain of a blank page has less
FILLS = 0.85  # fraction of the picture's sides; a mark that covers more is probably the paper
THINNEST = 2.2  # minimum width of a stroke in MNIST's box, in pixels
EVERYWHERE = np.ones((3, 3), bool)  # diagonal neighbours touch


@dataclass(frozen=True)
class Found:
    """A digit found in a picture.

    Attributes:
        ink: the ink in each pixel of its bounding box, from 0 to 1, (rows, columns).
        marks: the number of marks in the picture that are about as strong, including the digit.
        contrast: the difference between ink and paper, relative to the paper, from 0 to 1.
    """

    ink: Ink
    marks: int
    contrast: float


@dataclass(frozen=True)
class _Look:
    """The result of one window: the ink in every pixel, and which pixels belong to the digit.

    Its strength is the sum of the ink cubed: dark strokes count more than faint shadows of the same size.
    """

    ink: Ink
    digit: Mask
    strength: float
    darkness: float
    marks: int

    @property
    def box(self) -> tuple[slice, slice]:
        rows, columns = ndimage.find_objects(self.digit.astype(np.uint8))[0]
        return rows, columns

    @property
    def extent(self) -> int:
        return max(int(side.stop - side.start) for side in self.box)


def find(grey: Pixels) -> Found:
    """Find the digit in greyscale pixels (rows, columns).

    Raises:
        PictureError: nothing stands out from the paper.
    """
    small, factor = _reduced(grey, SIDE)
    light, first = _polarity(small)
    if first is None or first.strength < WEAKEST:
        raise PictureError("no ink found: nothing stands out from the background")
    margin = 0.3 * first.extent * factor + 2
    rows, columns = (
        slice(max(0, int(side.start * factor - margin)), int(side.stop * factor + margin)) for side in first.box
    )
    look = _look(_reduced(grey[rows, columns], CLOSER)[0], light) or first
    around = ndimage.binary_dilation(look.digit, iterations=2)
    ink = (np.where(around, look.ink, 0) / look.darkness).astype(np.float32)
    return Found(np.clip(_thickened(ink, look), 0, 1), first.marks, first.darkness)


def border_level(grey: Pixels | Ink) -> float:
    """Return how much lighter the border, most of which is paper, is than the middle of the picture's range."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return float(np.median(border)) - (float(grey.min()) + float(grey.max())) / 2


def _reduced(grey: Pixels, side: int) -> tuple[Ink, float]:
    """Return pixels reduced to a longer side of at most `side`, and the factor of the reduction."""
    factor = max(1.0, max(grey.shape) / side)
    rows, columns = (max(1, round(length / factor)) for length in grey.shape)
    picture = Image.fromarray(grey.astype(np.float32))
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BOX), np.float32), factor


def _polarity(grey: Ink) -> tuple[bool, _Look | None]:
    """Return whether the ink is lighter than the paper, and the digit that is found on this assumption.

    Most of a picture is paper, so the ink is what differs from its surroundings. If the border suggests the opposite, a
    digit that fills the picture may have been mistaken for paper; the border is right if this digit fills the picture.
    """
    by_border = border_level(grey) < 0
    tiny, _ = _reduced(grey.astype(np.uint8), 40)
    around = ndimage.median_filter(tiny, max(1, round(0.35 * max(tiny.shape))), mode="reflect")
    contrast = (tiny - around) / np.maximum(np.maximum(tiny, around), 128)
    light = bool((contrast**3).sum() > 0)
    if light != by_border:
        found = _look(grey, by_border)
        if found and all(side.stop - side.start > FILLS * n for side, n in zip(found.box, grey.shape, strict=True)):
            return by_border, found
    found = _look(grey, light)
    if found is None or found.strength < WEAKEST:
        return not light, _look(grey, not light)
    return light, found


def _look(grey: Ink, light: bool) -> _Look | None:
    """Find the digit through windows that grow until a larger one finds no more ink; None if there is none."""
    smooth = ndimage.gaussian_filter(grey, 0.7)
    last = None
    for width in sorted({max(3, round(window * max(smooth.shape))) for window in WINDOWS}):
        found = _look_through(smooth, light, width)
        if last and found and WEAKEST <= found.strength < STABLE * last.strength:
            return found
        last = found
    return last


def _look_through(smooth: Ink, light: bool, width: int) -> _Look | None:
    """Find the digit, with the paper estimated by removing everything narrower than `width` pixels."""
    ink = _ink(smooth, light, width)
    grain = float(np.quantile(ink, 0.2))
    ink -= grain
    threshold = max(NOISE * grain, FAINTEST)
    strongest = _strongest(ink, ink > threshold)
    if strongest is None:
        return None
    darkness = float(np.quantile(ink[strongest], 0.9))
    inked = ink > max(threshold, EDGE * darkness)
    seed = _strongest(ink, inked)
    if seed is None:
        return None
    digit, marks = _with_its_parts(ink, inked, seed)
    return _Look(ink, digit, float(np.sum(ink[digit] ** 3)), darkness, marks)


def _ink(smooth: Ink, light: bool, width: int) -> Ink:
    """Return the difference of each pixel from the paper, relative to the paper's brightness.

    The picture is padded with its border, without strokes that touch the border, but with a frame along it.
    """
    fill = ndimage.grey_opening if light else ndimage.grey_closing
    padded = np.pad(smooth, width, mode="edge")
    for side in range(4):
        turned = np.rot90(padded, side)
        along = (1, max(1, round(0.9 * (turned.shape[1] - 2 * width))))
        turned[:width] = fill(turned[:width], along)
    inside = (slice(width, -width), slice(width, -width))
    paper = fill(padded, (width, width))[inside]
    if light:
        white = ndimage.maximum_filter(padded, (width, width))[inside]
        bright: Ink = (smooth - paper) / np.maximum(white, 64)
        return bright
    dark: Ink = (paper - smooth) / np.maximum(paper, 16)
    return dark


def _strongest(ink: Ink, mask: Mask) -> Mask | None:
    """Return the connected component with the most ink; dark ink counts more than faint."""
    labels, count = ndimage.label(mask, EVERYWHERE)
    if not count:
        return None
    strengths = np.bincount(labels.ravel(), (ink**3).ravel(), count + 1)[1:]
    strongest: Mask = labels == int(strengths.argmax()) + 1
    return strongest


def _with_its_parts(ink: Ink, inked: Mask, seed: Mask) -> tuple[Mask, int]:
    """Add the marks near a component, except specks; also count the marks that are about as strong as the digit."""
    labels, _ = ndimage.label(inked, EVERYWHERE)
    extents = [0, *(max(side.stop - side.start for side in box) for box in ndimage.find_objects(labels))]
    (box,) = ndimage.find_objects(seed.astype(np.uint8))
    extent = max(side.stop - side.start for side in box)
    kept = (np.array(extents) >= PART * extent)[labels] | seed
    groups, count = ndimage.label(ndimage.distance_transform_edt(~kept) <= GAP * extent / 2)
    number = groups[seed][0]
    strengths = np.bincount(groups.ravel(), np.where(kept, ink**3, 0).ravel(), count + 1)[1:]
    return kept & (groups == number), int(np.count_nonzero(strengths > RIVAL * strengths[number - 1]))


def _thickened(ink: Ink, look: _Look) -> Ink:
    """Return the digit's bounding box, with wider strokes if they would vanish in MNIST's frame."""
    stroke = 4 * ndimage.distance_transform_edt(look.digit)[look.digit].mean()  # the mean distance is a quarter of it
    radius = (THINNEST * look.extent / BOX - stroke) / 2
    if radius < 0.3:
        boxed: Ink = ink[look.box]
        return boxed
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    wider = ndimage.grey_dilation(ink, footprint=np.hypot(y, x) <= radius + 0.3)
    rows, columns = (slice(max(0, side.start - reach), side.stop + reach) for side in look.box)
    thick: Ink = wider[rows, columns]
    return thick
