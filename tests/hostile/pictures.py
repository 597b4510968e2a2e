"""Picture files that lie, are cut short, or are not what a digit can be read from; each with the reason given."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def drawing():
    """A dark bar on white, left of the middle and reaching down, so that every turn of it looks different."""
    pixels = np.full((60, 40), 255, np.uint8)
    pixels[10:58, 8:14] = 0
    return pixels


GREY = Image.fromarray(drawing())
INKED = GREY.point(lambda value: 255 - value)


def saved(picture, format_, **options):
    stream = io.BytesIO()
    picture.save(stream, format_, **options)
    return stream.getvalue()


def forged_png(width, height):
    """Return a PNG of some bytes whose header claims a size."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def text_bomb():
    """Return a small PNG with a text of 64 MB, compressed."""
    data = b"Comment\x00\x00" + zlib.compress(bytes(64_000_000), 1)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    png = saved(GREY, "png")
    return png[:33] + chunk + png[33:]


FRAMES = [GREY.convert("P"), INKED.convert("P")]
REFUSED = {
    "20,000 x 20,000": (forged_png(20_000, 20_000), "too large: more than 64,000,000 pixels; scale the image down"),
    "9,000 x 9,000": (forged_png(9_000, 9_000), "too large: 9,000 x 9,000 pixels exceed the limit of 64,000,000"),
    "a size it does not have": (forged_png(4_000, 4_000), "cannot be read as an image"),
    "text bomb": (text_bomb(), "cannot be read as an image"),
    "truncated": (saved(GREY, "png")[:-40], "cannot be read as an image"),
    "truncated jpeg": (saved(GREY, "jpeg")[:-200], "cannot be read as an image"),
    "text": (b"a seven, honestly", "not an image in a supported format"),
    "empty": (b"", "not an image in a supported format"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image in a supported format"),
    "animated gif": (saved(FRAMES[0], "gif", save_all=True, append_images=FRAMES[1:]), "animated"),
    "animated png": (saved(GREY, "png", save_all=True, append_images=[INKED]), "animated"),
    "not a number": (saved(Image.fromarray(np.full((9, 9), np.nan, np.float32)), "tiff"), "not finite"),
}
