"""Styles of handwriting unlike MNIST's, from ballpoint to photographs of paper; each paints a picture of a digit."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image
from scipy import ndimage

from experiments.drawings.digits import Array, Hand, Pen, draw
from experiments.pictures import in_colour, laid, noise, on_paper, ruled, shadow, vignette

Random = np.random.Generator
Painter = Callable[[int, Random], Array | Image.Image]

COLOURS = [  # paper, pen
    ("#f5e27a", "#2038a0"),
    ("#ffffff", "#d02020"),
    ("#cfe8cf", "#6a1b9a"),
    ("#ffd9e0", "#1b5e20"),
    ("#dce9f7", "#c2410c"),
    ("#e8d8c0", "#0f766e"),
]


def _ink(
    digit: int,
    random: Random,
    width: tuple[float, float] = (0.06, 0.1),
    *,
    height: tuple[int, int] = (70, 120),
    slant: tuple[float, float] = (-5, 12),
    turn: float = 4,
    aspect: tuple[float, float] = (0.55, 0.8),
    nib: float = 0,
    shape: tuple[int, int] = (180, 240),
    margin: int = 12,
) -> Array:
    """Return a sheet with the ink of a digit somewhere on it; settings are drawn from their ranges."""
    hand = Hand(random.uniform(*slant), random.uniform(-turn, turn), random.uniform(*aspect))
    ink = draw(digit, int(random.integers(*height)), Pen(random.uniform(*width), nib), hand, random)
    return laid(ink, random, shape, margin)


def ballpoint(digit: int, random: Random) -> Array:
    """Write with a thin pen."""
    return on_paper(_ink(digit, random, (0.018, 0.03)), random.uniform(235, 255), random.uniform(20, 80))


def felt_pen(digit: int, random: Random) -> Array:
    """Write with a thick pen."""
    return on_paper(_ink(digit, random, (0.13, 0.17)), 250, random.uniform(0, 50))


def marker(digit: int, random: Random) -> Array:
    """Write with a pen so thick that small loops nearly close."""
    return on_paper(_ink(digit, random, (0.2, 0.24)), 250, 20)


def calligraphy(digit: int, random: Random) -> Array:
    """Write with a broad nib: the width of a line depends on its direction."""
    return on_paper(_ink(digit, random, (0.02, 0.03), nib=random.uniform(0.1, 0.16)), 245, 30)


def slanted(digit: int, random: Random, direction: int) -> Array:
    """Write with a strong slant."""
    slant = (25, 38) if direction > 0 else (-32, -18)
    return on_paper(_ink(digit, random, slant=slant), 250, 30)


def turned(digit: int, random: Random) -> Array:
    """Turn the paper by up to 25 degrees."""
    return on_paper(_ink(digit, random, turn=25), 250, 30)


def flat_or_narrow(digit: int, random: Random) -> Array:
    """Write digits that are very flat or very narrow."""
    aspect = (1.1, 1.4) if random.random() < 0.5 else (0.3, 0.4)
    return on_paper(_ink(digit, random, aspect=aspect), 250, 30)


def off_centre(digit: int, random: Random) -> Array:
    """Write a small digit near a corner of a large sheet."""
    sheet = _ink(digit, random, height=(36, 60), shape=(0, 0), margin=6)
    sides = random.integers(0, 2, 2)
    pads = [(extra * side, extra * (1 - side)) for extra, side in zip((180, 260), sides, strict=True)]
    return on_paper(np.pad(sheet, pads), 250, 30)


def photographed(digit: int, random: Random) -> Array:
    """Photograph a digit on paper, at an angle: with a shadow, uneven light, blur and noise."""
    grey = on_paper(_ink(digit, random, shape=(220, 280)), random.uniform(190, 235), random.uniform(40, 80))
    grey = shadow(vignette(grey, random, random.uniform(0.5, 0.8)), random, random.uniform(0.3, 0.5), 0.1)
    return noise(ndimage.gaussian_filter(_perspective(grey, random), random.uniform(0.5, 1.5)), random, 8, 0.7)


def squared_paper(digit: int, random: Random) -> Array:
    """Write with a pencil on squared paper, and scan it with some noise."""
    ink = _ink(digit, random, (0.04, 0.06), shape=(200, 260))
    return noise(ruled(on_paper(ink, 235, random.uniform(80, 120)), random, 205, grid=True), random, 4)


def chalk(digit: int, random: Random) -> Array:
    """Write with chalk on a board: light on dark, with gaps in the strokes."""
    ink = _ink(digit, random, (0.07, 0.11))
    grain = ndimage.gaussian_filter(random.normal(0, 1, ink.shape), 0.8)
    ink = ink * (grain < 1.1 * grain.std())
    return noise(on_paper(ink, random.uniform(30, 60), random.uniform(200, 240)), random, 6, 0.8)


def coloured(digit: int, random: Random) -> Image.Image:
    """Write with a coloured pen on coloured paper."""
    return in_colour(_ink(digit, random), *COLOURS[random.integers(len(COLOURS))])


def _perspective(grey: Array, random: Random) -> Array:
    """Move the corners of a picture by up to 8% of its size; the border is repeated outside."""
    rows, columns = grey.shape
    image = Image.fromarray(np.float32(np.pad(grey, 40, mode="edge")))
    corners = np.array([[0, 0], [0, rows], [columns, rows], [columns, 0]], np.float64) + 40
    corners += random.uniform(-0.08, 0.08, (4, 2)) * [columns, rows]
    return np.asarray(
        image.transform((columns, rows), Image.Transform.QUAD, corners.ravel().tolist(), Image.Resampling.BILINEAR),
        np.float64,
    )


STYLES: dict[str, Painter] = {
    "ballpoint": ballpoint,
    "felt pen": felt_pen,
    "thick marker": marker,
    "broad nib": calligraphy,
    "slanted to the right": partial(slanted, direction=1),
    "slanted to the left": partial(slanted, direction=-1),
    "turned paper": turned,
    "flat or narrow": flat_or_narrow,
    "small, in a corner": off_centre,
    "photographed paper": photographed,
    "pencil on squared paper": squared_paper,
    "chalk on a board": chalk,
    "coloured pen and paper": coloured,
}
