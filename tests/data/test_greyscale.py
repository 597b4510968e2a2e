"""Picture files of every make: the same drawing comes out, and what cannot be read is refused with the reason."""

import numpy as np
import pytest
from PIL import Image

from hostile.pictures import GREY, INKED, REFUSED, drawing, saved
from nncli.data.greyscale import LARGEST_SIDE, read_greyscale
from nncli.errors import PictureError


def transparent(colour):
    """Return the drawing as strokes of one colour on nothing."""
    picture = Image.new("RGBA", GREY.size, (*colour, 0))
    picture.putalpha(INKED)
    return picture


def deep():
    return Image.fromarray(drawing().astype(np.uint16) * 257)


KINDS = {
    "1 bit": (GREY.convert("1"), "png"),
    "8 bit": (GREY, "png"),
    "16 bit": (deep(), "png"),
    "16 bit tiff": (deep(), "tiff"),
    "32 bit tiff": (Image.fromarray(drawing().astype(np.int32) * 1000), "tiff"),
    "float tiff": (Image.fromarray(drawing().astype(np.float32) / 255), "tiff"),
    "colour": (GREY.convert("RGB"), "png"),
    "palette": (GREY.convert("RGB").quantize(4), "png"),
    "grey with alpha": (GREY.convert("LA"), "png"),
    "jpeg": (GREY, "jpeg"),
    "cmyk": (GREY.convert("RGB").convert("CMYK"), "jpeg"),
    "one frame": (GREY, "gif"),
    "bmp": (GREY, "bmp"),
    "webp": (GREY.convert("RGB"), "webp"),
    "dark strokes on nothing": (transparent((0, 0, 0)), "png"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_drawing_in_every_kind_of_file(kind, tmp_path):
    picture, format_ = KINDS[kind]
    path = tmp_path / "picture"  # the bytes say what a file is, not its name
    path.write_bytes(saved(picture, format_))
    difference = np.abs(read_greyscale(path).astype(int) - drawing())
    if format_ in {"jpeg", "webp"}:  # lossy
        assert difference.mean() < 3
    else:
        assert difference.max() == 0


def test_light_strokes_on_nothing_lie_on_black(tmp_path):
    path = tmp_path / "chalk.png"
    transparent((255, 255, 255)).save(path)
    assert np.array_equal(read_greyscale(path), 255 - drawing())


def test_a_transparent_colour_of_a_palette(tmp_path):
    path = tmp_path / "stamp.png"
    GREY.quantize(2).save(path, transparency=GREY.quantize(2).getpixel((0, 0)))
    assert np.array_equal(read_greyscale(path), drawing())


@pytest.mark.parametrize(("orientation", "turns"), [(3, 2), (6, 1), (8, -1)])
def test_a_camera_held_sideways(orientation, turns, tmp_path):
    path = tmp_path / "photo.png"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.rot90(drawing(), turns)).save(path, exif=exif)
    assert np.array_equal(read_greyscale(path), drawing())


LARGE = np.kron(drawing(), np.ones((40, 40), np.uint8))[:-37]
LARGE_KINDS = {
    "grey": Image.fromarray(LARGE),
    "1 bit": Image.fromarray(LARGE).convert("1"),
    "palette": Image.fromarray(LARGE).convert("P"),
    "colour with alpha": Image.fromarray(LARGE).convert("RGBA"),
    "16 bit": Image.fromarray(LARGE.astype(np.uint16) * 257),
}


@pytest.mark.parametrize("kind", LARGE_KINDS)
def test_a_large_picture_is_reduced(kind, tmp_path):
    path = tmp_path / "scan.png"
    LARGE_KINDS[kind].save(path)
    grey = read_greyscale(path)
    assert LARGEST_SIDE / 2 < max(grey.shape) < 2 * LARGEST_SIDE
    assert np.array_equal(grey, np.asarray(Image.fromarray(LARGE).reduce(2)))


def test_a_large_picture_is_turned_upright_when_it_is_reduced(tmp_path):
    path = tmp_path / "photo.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(LARGE)).save(path, exif=exif)
    assert np.array_equal(read_greyscale(path), np.asarray(Image.fromarray(LARGE).reduce(2)))


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_reason(case, tmp_path):
    data, reason = REFUSED[case]
    path = tmp_path / "digit.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=reason) as caught:
        read_greyscale(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(("name", "reason"), [("missing.png", "no such file; check the path"), (".", "directory")])
def test_no_file(name, reason, tmp_path):
    with pytest.raises(PictureError, match=reason):
        read_greyscale(tmp_path / name)
