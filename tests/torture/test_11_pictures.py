"""Hostile pictures given to `nncli predict`: one line each and exit 4, or a digit, in the memory of the pixels."""

import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from hostile.child import assert_refused, run_all
from hostile.pictures import GREY, REFUSED, forged_png, saved
from nncli.data.greyscale import LARGEST_PIXELS
from nncli.data.picture import read
from nncli.errors import PictureError


@pytest.fixture
def run(nncli, config_file, digits_dir):
    """A trained network that reads pictures."""
    config_file(training={"epochs": 1})
    assert nncli("train", "small.yaml", "--data-dir", digits_dir, "--run-dir", "run").code == 0
    return "run"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def real_bomb(side):
    """A black PNG of 1 bit that is as large as its header says: a thousandth of its pixels in bytes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes((side // 8 + 2) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


MORE = {
    "the largest side of all": forged_png(2**31 - 1, 2**31 - 1),
    "1 x 2^31": forged_png(1, 2**31 - 1),
    "no pixels": forged_png(0, 0),
    "1 x 1": saved(Image.new("L", (1, 1)), "png"),
    "2 x 1 black": saved(Image.new("1", (2, 1)), "png"),
    "a checkpoint": struct.pack("<Q", 64) + b'{"__metadata__":{"sha256":"' + bytes(200),
    "a tiff that points at itself": b"II*\0\x08\0\0\0\x01\0\0\x01\x04\0\x01\0\0\0\0\0\0\0\x08\0\0\0",
    "a bmp of a negative size": b"BM" + struct.pack("<IHHIIiiHH", 60, 0, 0, 54, 40, -9, -9, 1, 24) + bytes(24),
    "a gif of no frame": b"GIF89a\xff\xff\xff\xff\0\0\0;",
    "a webp of a huge size": b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff",
    "a jpeg of nothing": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(9) + b"\xff\xd9",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(executed) run\n",
}


KINDS = {
    "1 bit": lambda sheet: (sheet.convert("1"), "png"),
    "8 bit": lambda sheet: (sheet, "png"),
    "16 bit": lambda sheet: (Image.fromarray(np.asarray(sheet).astype(np.uint16) * 257), "png"),
    "palette": lambda sheet: (sheet.convert("P"), "png"),
    "alpha": lambda sheet: (sheet.convert("RGBA"), "png"),
    "grey and alpha": lambda sheet: (sheet.convert("LA"), "png"),
    "gif": lambda sheet: (sheet, "gif"),
    "cmyk": lambda sheet: (sheet.convert("CMYK"), "jpeg"),
    "jpeg": lambda sheet: (sheet.convert("RGB"), "jpeg"),
    "fax": lambda sheet: (sheet.convert("1"), "tiff"),
    "32 bit": lambda sheet: (sheet.convert("I"), "tiff"),
    "webp": lambda sheet: (sheet.convert("RGB").resize((1_400, 1_400)), "webp"),
}


@pytest.mark.long
def test_refused_in_one_line_or_read_in_the_memory_of_twice_the_pixels(rounds, run, tmp_path):
    """Expected are 4 bytes a pixel, as any decoder of colours holds them, and what small pictures take."""
    contents = [*(content for content, _ in REFUSED.values()), *MORE.values(), real_bomb(20_000)]
    hostile = [f"{number}.png" for number in range(len(contents))]
    for name, content in zip(hostile, contents, strict=True):
        (tmp_path / name).write_bytes(content)
    side = int(rounds.length(short=600, long=7_900))
    assert side * side < LARGEST_PIXELS
    sheet = GREY.resize((side, side))
    for kind, make in KINDS.items():
        picture, format_ = make(sheet)
        picture.save(tmp_path / kind, format_)
    asked = [*hostile, "8 bit", *KINDS]  # the first that is read takes the memory of what is imported to read it
    answers = dict(zip(asked, run_all([("predict", run, name) for name in asked], tmp_path, timeout=600), strict=True))
    for name in hostile:
        assert_refused(answers[name], 4, f"error: {name}: ")
        assert answers[name].memory < 60e6, name
    for kind in KINDS:
        assert answers[kind].code == 0, (kind, answers[kind])
        assert all(line.startswith("note: ") for line in answers[kind].err.splitlines()), (kind, answers[kind])
        assert answers[kind].memory < 2 * 4 * side * side + 100e6, (kind, answers[kind].memory)
    rounds.count(len(asked))
    rounds.measured("memory for a refusal", f"{max(answers[name].memory for name in hostile) / 1e6:.0f} MB")
    rounds.measured(f"memory for {side} x {side} pixels", f"{max(answers[kind].memory for kind in KINDS) / 1e6:.0f} MB")


@pytest.mark.parametrize("format_", ["png", "jpeg", "gif", "bmp", "webp", "tiff"])
def test_damaged_at_random(format_, rounds, tmp_path):
    """A digit or a PictureError; Pillow's decoders say no in many ways."""
    content = saved(GREY.convert("L"), format_)
    path = tmp_path / "damaged"
    refusals = []
    for number in rounds(short=40, long=10_000):
        chance = random.Random(number)
        damaged = bytearray(content[: chance.choice([len(content), chance.randrange(len(content))])])
        for _ in range(chance.randrange(4) if damaged else 0):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            assert read(path).pixels.shape == (28, 28)
        except PictureError as error:
            refusals.append(str(error))
    assert refusals
    assert all(each.startswith(f"{path}: ") and "\n" not in each for each in refusals)
