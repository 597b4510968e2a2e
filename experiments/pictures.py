"""Measure how well `nncli predict` reads digits on paper under each condition, and print a Markdown table.

    python experiments/pictures.py RUN [--split test] [--digits 300] [--seed 1] [--only REGEX] [--sheet FOLDER]

MNIST digits are enlarged and painted on paper: with specks, frames, shadows, ruled lines and other things found in
photographs. Each image is written to a file and read back as `nncli predict` reads it. The same seed gives the same
images. `--sheet` also saves samples of each condition, each next to the image that the network sees. The parameters of
nncli/data/picture.py and digit.py were chosen with `--split train`.
"""

import argparse
import os
import re
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from nncli.build import Trained, trained
from nncli.data import picture
from nncli.data.dataset import Dataset
from nncli.data.load import load
from nncli.errors import PictureError
from nncli.runs.checkpoint import load as load_checkpoint
from nncli.runs.folder import resolve

Array = NDArray[np.float64]
Random = np.random.Generator

HEIGHT = 84  # pixels of the digit's longer side, if the condition does not say otherwise
SHAPE = (200, 300)  # rows and columns of the paper
SHEET = 12  # pictures in a sample


def thinned(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin strokes to lines, which stay connected (Golay's alphabet L)."""
    hit = [[[0, 0, 0], [0, 1, 0], [1, 1, 1]], [[0, 0, 0], [1, 1, 0], [0, 1, 0]]]
    miss = [[[1, 1, 1], [0, 0, 0], [0, 0, 0]], [[0, 1, 1], [0, 0, 1], [0, 0, 0]]]
    before = None
    while before is None or solid.sum() < before.sum():
        before = solid
        for side in range(4):
            for inside, outside in zip(hit, miss, strict=True):
                solid = solid & ~ndimage.binary_hit_or_miss(solid, np.rot90(inside, side), np.rot90(outside, side))
    return solid


def inked(
    digit: NDArray[np.uint8], height: int = HEIGHT, *, pen: float = 0, thicker: float = 0, sharp: float = 0
) -> Array:
    """Enlarge a digit to `height` pixels: how much ink covers each pixel, 0 to 1, without margins.

    With a `pen`, strokes are lines of this width in pixels. Else they are made wider by `thicker` pixels on each side
    (thinner where negative); `sharp` 1 gives them a pen's edge.
    """
    rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    cropped = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    extents = [max(3, round(extent * height / max(cropped.shape))) for extent in cropped.shape]
    ink = np.asarray(Image.fromarray(cropped).resize(extents[::-1], Image.Resampling.BICUBIC), np.float64) / 255
    if pen:
        away = ndimage.distance_transform_edt(~thinned(np.pad(ink, 4) > 0.5))
        return np.clip(pen / 2 + 0.5 - away, 0, 1)
    if thicker:
        margin = max(0, round(thicker)) + 1
        solid = np.pad(ink, margin) > 0.5
        distance = ndimage.distance_transform_edt(solid) - ndimage.distance_transform_edt(~solid)
        return np.maximum(np.clip(distance + thicker, 0, 1), thinned(solid))  # no stroke disappears
    return np.clip((ink - 0.5) * (1 + 6 * sharp) + 0.5, 0, 1) if sharp else ink


def laid(ink: Array, random: Random, shape: tuple[int, int] = SHAPE, margin: int = 8) -> Array:
    """Lay a digit's ink somewhere on a sheet; it touches the border where the margin is 0."""
    rows, columns = (max(length, extent + 2 * margin) for length, extent in zip(shape, ink.shape, strict=True))
    top = random.integers(margin, rows - ink.shape[0] - margin + 1)
    left = random.integers(margin, columns - ink.shape[1] - margin + 1)
    sheet = np.zeros((rows, columns))
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def on_paper(ink: Array, paper: float = 255, pen: float = 0) -> Array:
    """Mix the grey levels of paper and pen."""
    return paper + (pen - paper) * ink


def plain(digit: NDArray[np.uint8], random: Random) -> Array:
    """Paint a black digit on white, sharp and clean."""
    return on_paper(laid(inked(digit), random))


def written(digit: NDArray[np.uint8], random: Random) -> Array:
    """Write a digit with a pen, as a camera sees it: grey paper, an ink that is not black."""
    ink = laid(inked(digit, sharp=0.5), random)
    return on_paper(ink, random.uniform(200, 245), random.uniform(20, 70))


def specks(grey: Array, random: Random, count: int, side: int, level: float) -> Array:
    """Drop square specks anywhere."""
    for _ in range(count):
        top, left = (random.integers(0, length - side) for length in grey.shape)
        grey[top : top + side, left : left + side] = level
    return grey


def pepper(grey: Array, random: Random, part: float, *, salt: bool = False) -> Array:
    """Blacken a part of the pixels; with salt, turn half of them white."""
    hit = random.random(grey.shape) < part
    grey[hit] = 255 * (random.random(hit.sum()) < 0.5) if salt else 0
    return grey


def noise(grey: Array, random: Random, sigma: float, blur: float = 0) -> Array:
    """Add Gaussian noise, in grains where it is blurred."""
    field = random.normal(0, 1, grey.shape)
    if blur:
        field = ndimage.gaussian_filter(field, blur)
        field /= field.std()
    return grey + sigma * field


def framed(grey: Array, _random: Random, width: int, level: float = 0) -> Array:
    """Draw a frame along the border."""
    for side in range(4):
        np.rot90(grey, side)[:width] = level
    return grey


def edge(grey: Array, random: Random) -> Array:
    """Leave a dark strip along one or two sides, as a scanner does."""
    for side in random.choice(4, random.integers(1, 3), replace=False):
        np.rot90(grey, side)[: random.integers(2, 10)] = 30
    return grey


def coordinates(grey: Array) -> tuple[Array, Array]:
    """Return each pixel's row and column from -1 to 1."""
    return tuple(np.meshgrid(*(np.linspace(-1, 1, length) for length in grey.shape), indexing="ij"))  # type: ignore[return-value]


def ramp(grey: Array, random: Random, darkest: float) -> Array:
    """Let the light fall off from one side to the other, down to a part of it."""
    y, x = coordinates(grey)
    angle = random.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    along = (along - along.min()) / np.ptp(along)
    return grey * (1 - (1 - darkest) * along)


def vignette(grey: Array, random: Random, darkest: float) -> Array:
    """Let the light fall off from somewhere near the middle towards the corners."""
    y, x = coordinates(grey)
    distance = np.hypot(y - random.uniform(-0.3, 0.3), x - random.uniform(-0.3, 0.3))
    return grey * (1 - (1 - darkest) * (distance / distance.max()) ** 2)


def shadow(grey: Array, random: Random, darkness: float, softness: float) -> Array:
    """Cast the shadow of something straight over a part of the sheet, most often across the digit."""
    y, x = coordinates(grey)
    angle = random.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.3, 0.3)
    lit = np.clip(along / softness + 0.5, 0, 1)
    return grey * (1 - darkness * (1 - lit))


def finger(grey: Array, random: Random, darkness: float = 0.5) -> Array:
    """Cast the soft shadow of a finger that reaches in from the border."""
    y, x = coordinates(grey)
    y, x = y * grey.shape[0] / grey.shape[1], x
    angle, tip, width = random.uniform(0, 2 * np.pi), random.uniform(-0.2, 0.4), random.uniform(0.15, 0.3)
    along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    outside = np.hypot(across - random.uniform(-0.3, 0.3), np.minimum(along - tip, 0)) - width
    dark = 1 / (1 + np.exp(outside / 0.03))
    return grey * (1 - darkness * dark)


def ruled(grey: Array, random: Random, level: float, *, grid: bool = False, width: int = 1, tilt: float = 0) -> Array:
    """Rule the paper: the darker of line and ink is seen."""
    y, x = (axis.astype(float) for axis in np.indices(grey.shape))
    slope = np.tan(np.radians(tilt * random.uniform(-1, 1)))
    spacing, offset = (random.uniform(18, 26) if grid else random.uniform(30, 50)), random.uniform(0, 50)
    lines = (y + slope * x + offset) % spacing < width
    if grid:
        lines |= (x - slope * y + offset) % spacing < width
    return np.where(lines, np.minimum(grey, level), grey)


def crossing(grey: Array, random: Random, level: float, width: int) -> Array:
    """Draw one rule across the sheet through the digit."""
    rows = np.flatnonzero((grey < grey.mean() / 1.5).any(axis=1))
    row = random.integers(rows[0], rows[-1] - width)
    grey[row : row + width] = np.minimum(grey[row : row + width], level)
    return grey


def on_table(grey: Array, random: Random, level: float = 60) -> Array:
    """Photograph the whole sheet, a little turned, on a table."""
    turned = ndimage.rotate(
        np.pad(grey, 25, constant_values=-1), random.uniform(-6, 6), reshape=False, order=1, cval=-1
    )
    table = level + 8 * ndimage.gaussian_filter(random.normal(0, 3, grey.shape), 3)
    table = np.pad(table, 25, mode="reflect")
    return np.where(turned < 0, table, turned)


def torn(ink: Array, random: Random) -> Array:
    """Interrupt strokes by a thin gap across the digit."""
    y, x = coordinates(ink)
    angle = random.uniform(0, np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.5, 0.5)
    return np.where(np.abs(along) < 0.05, 0, ink)


def phone(digit: NDArray[np.uint8], random: Random) -> Array:
    """Photograph a digit by lamplight: all at once, a little of each."""
    grey = written(digit, random)
    grey = shadow(vignette(ruled(grey, random, 190, tilt=3), random, 0.6), random, 0.35, 0.15)
    return noise(ndimage.gaussian_filter(grey, 1), random, 6, 0.7)


def coloured(digit: NDArray[np.uint8], random: Random, paper: str, pen: str) -> Image.Image:
    """Paint with a coloured pen on coloured paper."""
    return in_colour(laid(inked(digit), random), paper, pen)


def in_colour(ink: Array, paper: str, pen: str) -> Image.Image:
    """Mix the colours of paper and pen."""
    sheet, stroke = (Image.new("RGB", ink.shape[::-1], colour) for colour in (paper, pen))
    return Image.composite(stroke, sheet, Image.fromarray(np.uint8(np.rint(255 * ink))))


Painter = Callable[[NDArray[np.uint8], Random], Array | Image.Image]

CONDITIONS: dict[str, Painter] = {
    "plain": plain,
    "light on dark": lambda digit, random: 255 - plain(digit, random),
    "grey paper, sharp pen": written,
    "little contrast, 30 grey levels": lambda digit, random: on_paper(laid(inked(digit), random), 200, 170),
    "pencil": lambda digit, random: noise(on_paper(laid(inked(digit), random), 225, 150), random, 4),
    "small, 24 px": lambda digit, random: on_paper(laid(inked(digit, 24), random)),
    "small on a large sheet": lambda digit, random: on_paper(laid(inked(digit, 50), random, (700, 900))),
    "large, 600 px": lambda digit, random: on_paper(laid(inked(digit, 600), random, (800, 1000))),
    "fills the picture": lambda digit, random: on_paper(laid(inked(digit), random, (0, 0), 4)),
    "touches a border": lambda digit, random: on_paper(laid(inked(digit), random, (0, 160), 0)),
    "no margin": lambda digit, random: on_paper(laid(inked(digit), random, (0, 0), 0)),
    "in a corner": lambda digit, _random: on_paper(np.pad(inked(digit), ((3, 150), (3, 250)))),
    "thin strokes": lambda digit, random: on_paper(laid(inked(digit, thicker=-3), random)),
    "ballpoint": lambda digit, random: on_paper(laid(inked(digit, pen=2.5), random), 245, 60),
    "thick strokes": lambda digit, random: on_paper(laid(inked(digit, thicker=3), random)),
    "marker": lambda digit, random: on_paper(laid(inked(digit, thicker=5), random)),
    "broken strokes": lambda digit, random: on_paper(laid(torn(inked(digit), random), random)),
    "one stray dark pixel": lambda digit, random: specks(plain(digit, random), random, 1, 1, 0),
    "a 2x2 half-grey speck": lambda digit, random: specks(plain(digit, random), random, 1, 2, 128),
    "three specks": lambda digit, random: specks(plain(digit, random), random, 3, 2, 60),
    "ten 3x3 specks": lambda digit, random: specks(plain(digit, random), random, 10, 3, 0),
    "a 6x6 blot": lambda digit, random: specks(plain(digit, random), random, 1, 6, 0),
    "0.2% pepper": lambda digit, random: pepper(plain(digit, random), random, 0.002),
    "2% pepper": lambda digit, random: pepper(plain(digit, random), random, 0.02),
    "5% salt and pepper": lambda digit, random: pepper(plain(digit, random), random, 0.05, salt=True),
    "1 px black frame": lambda digit, random: framed(plain(digit, random), random, 1),
    "6 px black frame": lambda digit, random: framed(plain(digit, random), random, 6),
    "white frame, light on dark": lambda digit, random: 255 - framed(plain(digit, random), random, 2),
    "frame, digit touches it": lambda digit, random: framed(
        on_paper(laid(inked(digit), random, (0, 160), 0)), random, 2
    ),
    "dark scanner edges": lambda digit, random: edge(plain(digit, random), random),
    "noise, sigma 25": lambda digit, random: noise(plain(digit, random), random, 25),
    "noise, sigma 50": lambda digit, random: noise(plain(digit, random), random, 50),
    "grain, sigma 12": lambda digit, random: noise(written(digit, random), random, 12, 1),
    "grain, sigma 20": lambda digit, random: noise(written(digit, random), random, 20, 1),
    "linear shadow to 40%": lambda digit, random: ramp(written(digit, random), random, 0.4),
    "linear shadow to 15%": lambda digit, random: ramp(written(digit, random), random, 0.15),
    "radial shadow to 30%": lambda digit, random: vignette(written(digit, random), random, 0.3),
    "soft shadow, half dark": lambda digit, random: shadow(written(digit, random), random, 0.5, 0.3),
    "hard shadow, half dark": lambda digit, random: shadow(written(digit, random), random, 0.5, 0.02),
    "a finger's shadow": lambda digit, random: finger(written(digit, random), random),
    "chalk, linear shadow": lambda digit, random: ramp(255 - written(digit, random), random, 0.4),
    "out of focus": lambda digit, random: ndimage.gaussian_filter(written(digit, random), 4),
    "JPEG, quality 30": lambda digit, random: written(digit, random),
    "JPEG, quality 10, grain": lambda digit, random: noise(written(digit, random), random, 12, 1),
    "faint grid": lambda digit, random: ruled(written(digit, random), random, 185, grid=True),
    "lined paper": lambda digit, random: ruled(written(digit, random), random, 160, width=2),
    "lined paper, tilted": lambda digit, random: ruled(written(digit, random), random, 160, width=2, tilt=4),
    "lined paper, dark": lambda digit, random: ruled(written(digit, random), random, 90, width=2),
    "a dark rule across": lambda digit, random: crossing(written(digit, random), random, 50, 3),
    "a sheet on a table": lambda digit, random: on_table(written(digit, random), random),
    "by phone, all at once": phone,
    "blue on yellow": lambda digit, random: coloured(digit, random, "#f5e27a", "#2038a0"),
    "red on white": lambda digit, random: coloured(digit, random, "#ffffff", "#d02020"),
    "orange on white": lambda digit, random: coloured(digit, random, "#ffffff", "#ffb000"),
    "red on green": lambda digit, random: coloured(digit, random, "#3f8f3f", "#d02020"),
}
QUALITIES = {"JPEG, quality 30": 30, "JPEG, quality 10, grain": 10, "by phone, all at once": 60}


def save(condition: str, painted: Array | Image.Image, folder: Path) -> Path:
    """Write a picture as a PNG, or as a JPEG where its condition says so."""
    if not isinstance(painted, Image.Image):
        painted = Image.fromarray(np.uint8(np.rint(np.clip(painted, 0, 255))))
    quality = QUALITIES.get(condition)
    path = folder / ("digit.png" if quality is None else "digit.jpg")
    painted.save(path, **({"compress_level": 1} if quality is None else {"quality": quality}))
    return path


def seen(path: Path) -> NDArray[np.uint8] | None:
    """Return what the network sees of a picture, or None where it is refused."""
    try:
        return picture.read(path).pixels
    except PictureError:
        return None


def predicted(network: Trained, images: list[NDArray[np.uint8] | None]) -> NDArray[np.intp]:
    """Return the digit read in each image, -1 where there is none."""
    digits = np.full(len(images), -1)
    readable = [index for index, image in enumerate(images) if image is not None]
    pixels = np.stack([images[index] for index in readable])
    digits[readable] = network.predict(pixels).argmax(axis=0)
    return digits


def sheet(condition: str, samples: list[tuple[Image.Image, NDArray[np.uint8] | None, str]], folder: Path) -> None:
    """Save pictures of a condition, what the network sees of each, and what it makes of that."""
    width, height = 220, 160
    page = Image.new("RGB", (4 * (width + 100), -(-len(samples) // 4) * (height + 10)), "#404858")
    for number, (painted, image, text) in enumerate(samples):
        left, top = number % 4 * (width + 100), number // 4 * (height + 10)
        small = painted.convert("RGB")
        small.thumbnail((width, height))
        page.paste(small, (left, top))
        if image is not None:
            page.paste(Image.fromarray(image).resize((84, 84), Image.Resampling.NEAREST), (left + width + 4, top))
        ImageDraw.Draw(page).text((left + width + 4, top + 90), text, fill="white")
    page.save(folder / f"{re.sub(r'[^a-z0-9]+', '-', condition.lower())}.png")


def measure(
    condition: str, network: Trained, dataset: Dataset, options: argparse.Namespace, folder: Path
) -> tuple[float, int]:
    """Return the part of the digits that is read rightly, and how many pictures are refused."""
    chosen = np.random.default_rng(options.seed).choice(len(dataset.images), options.digits, replace=False)
    images, pictures = [], []
    for index in chosen:
        random = np.random.default_rng([options.seed, int(index), zlib.crc32(condition.encode())])
        path = save(condition, CONDITIONS[condition](dataset.images[index], random), folder)
        images.append(seen(path))
        if options.sheet:
            pictures.append(Image.open(path).copy())
    digits = predicted(network, images)
    right = digits == dataset.labels[chosen]
    if options.sheet:
        order = np.argsort(right, kind="stable")[:SHEET]  # misread ones first
        told = [(pictures[i], images[i], f"{dataset.labels[chosen[i]]} read {digits[i]}") for i in order]
        sheet(condition, told, options.sheet)
    return float(right.mean()), int((digits < 0).sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--split", choices=["train", "test"], default="test")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("NNCLI_DATA_DIR"))
    parser.add_argument("--digits", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="regular expression for the names of conditions")
    parser.add_argument("--sheet", type=Path, help="folder for samples")
    options = parser.parse_args()
    if options.sheet:
        options.sheet.mkdir(parents=True, exist_ok=True)
    dataset = load("mnist", options.split, directory=options.data_dir)
    path = resolve(options.run, "best")
    network = trained(load_checkpoint(path), str(path))
    print(f"| condition | read rightly, of {options.digits} | refused |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for condition in filter(re.compile(options.only).search, CONDITIONS):
            accuracy, refused = measure(condition, network, dataset, options, Path(folder))
            print(f"| {condition} | {accuracy:.1%} | {refused or ''} |", flush=True)


if __name__ == "__main__":
    main()
