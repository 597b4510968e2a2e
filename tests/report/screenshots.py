"""Take the screenshots of a report that the README shows: `python tests/report/screenshots.py REPORT FOLDER`."""

import io
import sys
from pathlib import Path

from PIL import Image

from report import chromium
from report.paths import PATHS

TAKEN = (("report.png", 1600, "light", 1180), ("report-phone.png", 390, "dark", 1240))
"""The name of each screenshot, its width in pixels, its scheme and its height."""
COLOURS = 128
DRAWN = PATHS[5][1]


def main(report: Path, folder: Path) -> None:
    """Write the screenshots, with few colours to keep them small."""
    with chromium.browser() as driver:
        for name, width, scheme, height in TAKEN:
            chromium.show(driver, width, scheme)
            chromium.load(driver, report.absolute())
            chromium.draw(driver, DRAWN)
            taken = Image.open(io.BytesIO(chromium.screenshot(driver, height))).convert("RGB")
            taken.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
