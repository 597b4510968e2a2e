"""Draw digits in styles unlike MNIST's, read them with `nncli predict`, and write experiments/PICTURES.md and .png.

    python experiments/drawings/measure.py RUN [RUN ...] [--per-digit 10] [--seed 1] [--output FOLDER] [--misread FILE]

Each run has a column of its own. The same seed gives the same pictures, so runs from before and after a change can be
compared.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1]))  # the checkout, for `experiments`

from experiments.drawings.styles import STYLES  # noqa: E402
from nncli.config.load import load  # noqa: E402
from nncli.runs.folder import RunFolder, resolve  # noqa: E402

DIGITS = range(10)
TILE = (96, 72)
COLOURS = 128  # in the sheet, which keeps its file small

PAGE = """# Digits in other styles

Written by `make pictures`. A program draws each digit {each} times in every style, with strokes of its own that do not
depend on MNIST (seed {seed}; {total:,} pictures). The table shows the percentage that `nncli predict` reads correctly.

{table}
{runs}
![A picture of each digit in every style]({sheet})
"""


def paint(folder: Path, each: int, seed: int) -> dict[str, dict[Path, int]]:
    """Write the pictures, and return for each style the digit of each picture by its path."""
    pictures: dict[str, dict[Path, int]] = {style: {} for style in STYLES}
    for style, painter in STYLES.items():
        for digit in DIGITS:
            for number in range(each):
                random = np.random.default_rng([seed, zlib.crc32(style.encode()), digit, number])
                painted = painter(digit, random)
                if not isinstance(painted, Image.Image):
                    painted = Image.fromarray(np.uint8(np.rint(np.clip(painted, 0, 255))))
                path = folder / f"{style.replace(' ', '-')}-{digit}-{number}.png"
                painted.save(path, compress_level=1)
                pictures[style][path] = digit
    return pictures


def predict(run: Path, paths: Sequence[Path]) -> dict[Path, int | None]:
    """Return the digit that a run reads in each picture; None for a picture that is refused."""
    command = [sys.executable, "-m", "nncli", "predict", str(run), *map(str, paths), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    return {Path(each["path"]): each.get("digit") for each in json.loads(done.stdout)}


def accuracies(pictures: Mapping[str, Mapping[Path, int]], read: Mapping[Path, int | None]) -> dict[str, float]:
    """Return the fraction of the pictures that is read correctly, by style and for all."""
    right = {style: [read[path] == digit for path, digit in each.items()] for style, each in pictures.items()}
    right["all"] = [each for style in right.values() for each in style]
    return {style: sum(each) / len(each) for style, each in right.items()}


def table(names: Sequence[str], columns: Sequence[Mapping[str, float]]) -> str:
    """Return a table in Markdown with a row for each style."""
    rows = [[style, *(f"{100 * column[style]:.1f}" for column in columns)] for style in columns[0]]
    rows[-1] = [f"**{cell}**" for cell in rows[-1]]
    lines = [["style", *names], ["---"] * (len(names) + 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def describe(run: Path) -> str:
    """Return a line about a run: its layers, its training and the digest of its checkpoint."""
    config, checkpoint = load(RunFolder(run).config).config, resolve(run).read_bytes()
    layers = "-".join(str(layer.units) for layer in config.model.layers)
    distorted = "with" if config.data.augment else "without"
    digest = hashlib.sha256(checkpoint).hexdigest()[:16]
    return (
        f"- {run.name}: layers of {layers} units, {config.training.epochs} epochs {distorted} distortions; SHA-256 "
        f"`{digest}…`\n"
    )


def sheet(pictures: Mapping[str, Sequence[Path]], columns: int) -> Image.Image:
    """Return a sheet with a row of pictures for each style, under its name."""
    width, height = TILE[0] + 6, TILE[1] + 6
    page = Image.new("RGB", (columns * width + 6, len(pictures) * (height + 16) + 6), "white")
    pen = ImageDraw.Draw(page)
    for row, (style, paths) in enumerate(pictures.items()):
        top = row * (height + 16) + 6
        pen.text((6, top - 2), style, fill="#555555")
        for column, path in enumerate(paths):
            tile = Image.open(path).convert("RGB")
            tile.thumbnail(TILE)
            left = 6 + column * width
            page.paste(tile, (left, top + 13))
            pen.rectangle((left - 1, top + 12, left + tile.width, top + 13 + tile.height), outline="#c8c8c8")
    return page.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def main() -> None:
    """Write the page and its figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--per-digit", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE.parent, help="folder for PICTURES.md and PICTURES.png")
    parser.add_argument("--misread", type=Path, help="also write a sheet of pictures that the last run misreads")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        pictures = paint(Path(name), options.per_digit, options.seed)
        every = [path for style in pictures.values() for path in style]
        read = [predict(run, every) for run in options.runs]
        first = {style: list(each)[:: options.per_digit] for style, each in pictures.items()}
        sheet(first, len(DIGITS)).save(options.output / "PICTURES.png", optimize=True)
        if options.misread:
            wrong = {style: [p for p, d in each.items() if read[-1][p] != d][:20] for style, each in pictures.items()}
            sheet({style: paths for style, paths in wrong.items() if paths}, 20).save(options.misread)
    text = PAGE.format(
        each=options.per_digit,
        seed=options.seed,
        total=len(every),
        table=table([run.name for run in options.runs], [accuracies(pictures, each) for each in read]),
        runs="".join(map(describe, options.runs)),
        sheet="PICTURES.png",
    )
    (options.output / "PICTURES.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
