"""Pictures brought into MNIST's frame: framed ones unchanged, scaled, inverted and shifted ones recovered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from nncli.data import picture
from nncli.data.load import load
from nncli.data.picture import is_framed
from nncli.errors import PictureError


def seven(side=200, thickness=20):
    """A dark seven on white, off the middle, with margins."""
    pixels = np.full((side, side), 255, np.uint8)
    pixels[20 : 20 + thickness, 30:110] = 0
    for row in range(20, 140):
        right = 110 - (row - 20) // 2
        pixels[row, right - thickness : right] = 0
    return pixels


def frame(grey):
    """Return the pixels (28, 28) that a picture is framed to."""
    return picture.frame(grey).pixels


def read(path):
    """Return the pixels (28, 28) that a picture file is framed to."""
    return picture.read(path).pixels


def centre_of_mass(image):
    weights = image / image.sum()
    return [float((weights.sum(axis) * np.arange(28)).sum()) for axis in (1, 0)]


def test_a_drawing_is_fitted_into_the_box_and_centred_by_mass():
    image = frame(seven())
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert rows[-1] - rows[0] + 1 == 20
    assert columns[-1] - columns[0] + 1 == round(20 * 80 / 120)
    assert centre_of_mass(image) == pytest.approx([14, 14], abs=0.51)
    assert image.max() == 255
    assert is_framed(image)


@pytest.mark.parametrize(
    "change",
    [
        lambda grey: 255 - grey,
        lambda grey: np.pad(grey, ((0, 300), (90, 0)), constant_values=255),
        lambda grey: np.kron(grey, np.ones((3, 3), np.uint8)),
        lambda grey: grey // 3 + 60,
        lambda grey: grey[18:140, 30:110],
    ],
    ids=["inverted", "shifted", "enlarged", "pale", "hardly a margin"],
)
def test_what_does_not_matter(change):
    difference = np.abs(frame(change(seven())).astype(int) - frame(seven()))
    assert difference.mean() < 2  # of 255: the picture is scaled in two steps


def test_an_uneven_background_is_no_ink():
    shade = np.linspace(0, 60, 200, dtype=np.uint8)
    noise = np.random.default_rng(1).integers(0, 12, (200, 200), np.uint8)
    image, expected = frame(seven() // 2 + shade + noise).astype(int), frame(seven())
    shifts = [(rows, columns) for rows in (-1, 0, 1) for columns in (-1, 0, 1)]  # a pixel more or less is no matter
    assert min(np.abs(np.roll(image, shift, (0, 1)) - expected).mean() for shift in shifts) < 6


@pytest.mark.parametrize("grey", [np.full((40, 40), 255, np.uint8), np.zeros((1, 1), np.uint8), np.full((9, 9), 7)])
def test_a_blank_picture_is_refused(grey):
    with pytest.raises(PictureError, match="no ink found"):
        frame(grey.astype(np.uint8))


def test_the_path_is_named(tmp_path):
    path = tmp_path / "white sheet.png"
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(path)
    with pytest.raises(PictureError, match=r"white sheet\.png: no ink found"):
        read(path)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)) | st.just(np.eye(3, dtype=np.uint8)))
def test_any_pixels_are_framed_or_blank(grey):
    try:
        image = frame(grey)
    except PictureError:  # no ink found
        return
    assert image.shape == (28, 28)
    assert image.max() == 255 or np.array_equal(image, grey) or np.array_equal(image, 255 - grey)
    assert np.array_equal(frame(image), image) or not is_framed(image)


@pytest.mark.parametrize(("rows", "columns", "framed"), [(20, 8, True), (22, 9, True), (10, 4, False), (26, 8, False)])
def test_a_light_bar_in_28x28_is_taken_as_it_is_when_it_fits_the_box(rows, columns, framed):
    image = np.zeros((28, 28), np.uint8)
    top, left = 14 - rows // 2, 14 - columns // 2
    image[top : top + rows, left : left + columns] = 200
    assert is_framed(image) == framed
    assert np.array_equal(frame(image), image) == framed


def test_a_bar_out_of_the_middle_is_not_taken_as_it_is():
    image = np.zeros((28, 28), np.uint8)
    image[1:21, 2:8] = 200
    assert not is_framed(image)
    assert centre_of_mass(frame(image)) == pytest.approx([14, 14], abs=0.51)


def test_mnist_as_png_comes_back_unchanged(mnist_dir, tmp_path):
    path = tmp_path / "digit.png"
    for image in load("mnist", "test", directory=mnist_dir).images[::50]:
        Image.fromarray(image).save(path)
        assert np.array_equal(read(path), image)
        Image.fromarray(255 - image).save(path)
        assert np.array_equal(read(path), image)


def test_mnist_enlarged_inverted_and_shifted_comes_back_close(mnist_dir):
    generator = np.random.default_rng(3)
    differences = []
    for image in load("mnist", "train", directory=mnist_dir).images[:60]:
        large = np.asarray(Image.fromarray(image).resize((280, 280), Image.Resampling.BICUBIC))
        sheet = np.full((500, 450), 255, np.uint8)
        top, left = generator.integers(0, 220), generator.integers(0, 170)
        sheet[top : top + 280, left : left + 280] = 255 - large
        differences.append(np.abs(frame(sheet).astype(int) - image).mean())
    assert np.mean(differences) < 8


def corrupted(kind, paper, rng):
    """Spoil a picture as people's cameras, scanners and pens do."""
    rows, columns = paper.shape
    match kind:
        case "stray pixel":
            paper[5, -7] = 0
        case "specks":
            for row, column in ((8, 12), (150, 250), (180, 20)):
                paper[row : row + 2, column : column + 2] = 128
        case "pepper":
            paper[rng.random(paper.shape) < 0.002] = 0
        case "frame":
            paper[[0, -1]] = paper[:, [0, -1]] = 0
        case "noise":
            paper = np.clip(paper + rng.normal(0, 25, paper.shape), 0, 255)
        case "shadow":
            paper = paper * np.linspace(1, 0.3, columns)
        case "vignette":
            y, x = np.ogrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
            paper = paper * (1 - 0.3 * (y**2 + x**2))
        case "half in the dark":
            paper[:, : columns // 2] //= 3
    return paper.astype(np.uint8)


@pytest.mark.parametrize(
    "kind", ["plain", "stray pixel", "specks", "pepper", "frame", "noise", "shadow", "vignette", "half in the dark"]
)
def test_the_digit_is_found_on_a_spoiled_picture(kind):
    rng, expected = np.random.default_rng(4), frame(seven(160, 16))
    for light in (False, True):
        paper, drawn = np.full((200, 300), 255, np.uint8), 255 - seven(160, 16)[20:140, 30:110]
        top, left = rng.integers(20, 60), rng.integers(20, 190)
        paper[top : top + 120, left : left + 80] -= drawn
        image = frame(corrupted(kind, 255 - paper if light else paper, rng)).astype(int)
        shifts = [(rows, columns) for rows in (-1, 0, 1) for columns in (-1, 0, 1)]
        assert min(np.abs(np.roll(image, shift, (0, 1)) - expected).mean() for shift in shifts) < 15


def test_remarks_name_what_may_be_wrong():
    assert picture.frame(seven()).remarks == ()
    three = np.hstack([seven(), seven(), seven()])
    (remark,) = picture.frame(three).remarks
    assert remark.startswith("3 marks found")
    (remark,) = picture.frame(seven() // 12 + 200).remarks
    assert remark.startswith("low contrast")


@pytest.mark.parametrize("sigma", [0, 12, 50])
def test_a_blank_page_has_no_ink_however_grainy(sigma):
    noise = np.random.default_rng(0).normal(180, sigma, (200, 300))
    smooth = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / 3
    for page in (noise, smooth, smooth * np.linspace(1, 0.4, 300)):
        with pytest.raises(PictureError, match="no ink found"):
            picture.frame(page.clip(0, 255).astype(np.uint8))
