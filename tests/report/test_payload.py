"""Packed arrays keep their values to within half of the last bit that is kept."""

import base64
import zlib

import numpy as np

from nncli.report.payload import packed, packed_floats


def unpacked(text):
    """Return the bytes of a packed string, as the page's script does."""
    return zlib.decompress(base64.b64decode(text))


def test_bytes_are_unchanged():
    assert unpacked(packed(bytes(range(256)))) == bytes(range(256))


def test_floats_have_sixteen_significant_bits():
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.standard_normal(1000), [0, -0.0, 1e-30, -3e38, np.finfo(np.float32).max]])
    first, second, third = np.frombuffer(unpacked(packed_floats([values[:7], values[7:]])), np.uint8).reshape(3, -1)
    bits = first.astype(np.uint32) << 24 | second.astype(np.uint32) << 16 | third.astype(np.uint32) << 8
    np.testing.assert_allclose(bits.view(np.float32), values.astype(np.float32), rtol=2**-16)
