"""Image files as greyscale pixels, upright, with bounded memory and transparency on a contrasting background."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from nncli.errors import PictureError

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
LARGEST_PIXELS = 64_000_000  # enough for the images of current cameras
COPIES = {"WEBP": 4}  # of all pixels that a format's decoder holds at once, if more than one
LARGEST_SIDE = 1024  # pixels; larger images are reduced, which loses nothing visible in 28 x 28 pixels
STRIP = 16  # rows of the reduced picture to compute at a time


def read_greyscale(path: Path) -> NDArray[np.uint8]:
    """Return the pixels (rows, columns) of an image file, from 0 (black) to 255 (white).

    Palettes, CMYK, 16-bit and 1-bit pixels and EXIF orientations are understood. Raises PictureError for a
    file that is missing, not an image, corrupt, animated, or too large (by its header, before any decoding).
    """
    try:
        if path.exists() and not path.is_file():  # reading a pipe could block
            raise PictureError("not a regular file; save the image to one")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the images in question are rejected here, or harmless
            with Image.open(path, formats=FORMATS) as image:
                _check(image)
                return _decode(image)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from error
    except FileNotFoundError as error:
        raise PictureError(f"{path}: no such file; check the path") from error
    except Image.DecompressionBombError as error:
        raise PictureError(f"{path}: too large: more than {LARGEST_PIXELS:,} pixels; scale the image down") from error
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise PictureError(f"{path}: not an image in a supported format ({known})") from error
    except Exception as error:  # decoders raise many kinds of errors on corrupt bytes
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise PictureError(f"{path}: cannot be read as an image: {reason}") from error


def _check(image: Image.Image) -> None:
    largest = LARGEST_PIXELS // COPIES.get(image.format or "", 1)
    if image.width * image.height > largest:
        raise PictureError(
            f"too large: {image.width:,} x {image.height:,} pixels exceed the limit of {largest:,}; "
            "scale the image down"
        )
    if getattr(image, "is_animated", False) and image.format in {"GIF", "PNG", "WEBP"}:
        raise PictureError("an animated image; save one of its frames as a PNG")


def _decode(image: Image.Image) -> NDArray[np.uint8]:
    image.draft("L", (LARGEST_SIDE, LARGEST_SIDE))  # JPEG decodes at a fraction of the size when it may
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(np.asarray(_reduced(image, "F"), np.float64))
    if image.mode == "P" or image.has_transparency_data:
        return _on_ground(_reduced(image, "RGBA"))
    return np.asarray(_reduced(image, "L"))


def _reduced(image: Image.Image, mode: str) -> Image.Image:
    """Convert a picture to a mode, upright and no larger than necessary; strip by strip, to save memory."""
    factor = max(1, max(image.size) // LARGEST_SIDE)
    width, height = (-(-side // factor) for side in image.size)
    reduced = Image.new(mode, (width, height))
    for top in range(0, height, STRIP):
        box = (0, top * factor, image.width, min((top + STRIP) * factor, image.height))
        reduced.paste(_converted(image.crop(box), mode).reduce(factor), (0, top))
    reduced.getexif()[ExifTags.Base.Orientation] = image.getexif().get(ExifTags.Base.Orientation, 1)
    return ImageOps.exif_transpose(reduced)


def _converted(strip: Image.Image, mode: str) -> Image.Image:
    by_way_of_colour = mode == "L" and strip.mode not in {"L", "RGB"}
    return (strip.convert("RGB") if by_way_of_colour else strip).convert(mode)


def _from_deep(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Convert 16-bit integers to 8 bits; other ranges are stretched, because their white is unknown."""
    if not np.isfinite(values).all():
        raise PictureError("contains pixels that are not finite numbers")
    if values.min() >= 0 and 255 < values.max() <= 65_535:
        return np.rint(values / 257).astype(np.uint8)
    low, high = values.min(), values.max()
    stretched: NDArray[np.float64] = (values - low) * (255 / max(high - low, 1e-300))
    return np.rint(stretched).astype(np.uint8)


def _on_ground(image: Image.Image) -> NDArray[np.uint8]:
    """Put a transparent picture on white, or on black if its ink is light."""
    alpha = np.asarray(image.getchannel("A"), np.float32) / 255
    ink = np.asarray(image.convert("RGB").convert("L"), np.float32)
    drawn_is_light = float((ink * alpha).sum()) > 127.5 * float(alpha.sum())
    ground = 0.0 if drawn_is_light else 255.0
    return np.rint(ink * alpha + ground * (1 - alpha)).astype(np.uint8)
