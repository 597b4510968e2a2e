"""IDX files: what is written is read, every lie of a header has its own message, and none of them costs memory."""

import hashlib
import io
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.data.idx import LARGEST, digest, read_array, read_shape
from nncli.errors import IdxError

LABELS = struct.pack(">HBBI", 0, 8, 1, 3) + bytes([1, 2, 3])
IMAGES = struct.pack(">HBBIII", 0, 8, 3, 2, 3, 4) + bytes(range(24))


def images(data, at_most=None):
    return read(data, 3, at_most)


def labels(data, at_most=None):
    return read(data, 1, at_most)


def read(data, dimensions, at_most=None):
    stream = io.BytesIO(data)
    shape = read_shape(stream, dimensions, "here/is/it", len(data) if at_most is None else at_most)
    return read_array(stream, shape, "here/is/it")


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3)))
def test_what_is_written_is_read(array):
    data = struct.pack(">HBBIII", 0, 8, 3, *array.shape) + array.tobytes()
    assert np.array_equal(images(data), array)
    assert digest(array) == hashlib.sha256(data).hexdigest()


def test_images_and_labels():
    assert images(IMAGES).shape == (2, 3, 4)
    assert images(IMAGES).flags.c_contiguous
    assert images(IMAGES)[1, 2, 3] == 23
    assert labels(LABELS).tolist() == [1, 2, 3]
    assert digest(labels(LABELS)) == hashlib.sha256(LABELS).hexdigest()


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (images, LABELS, "magic number 0x00000801; an IDX file of images begins with 0x00000803"),
        (labels, IMAGES, "magic number 0x00000803; an IDX file of labels begins with 0x00000801"),
        (labels, b"\x00\x00\x0d\x01" + LABELS[4:], "magic number 0x00000d01"),
        (labels, b"", "magic number 0x;"),
        (images, IMAGES[:11], "truncated in the header"),
        (images, IMAGES[:-1], "truncated, or its header is wrong"),
        (images, IMAGES + b"!", "contains more bytes"),
        (labels, LABELS[:-1], "truncated, or its header is wrong"),
        (labels, LABELS + b"!", "contains more bytes"),
        (labels, LABELS[:-1] + b"\x0a", "label 10 of example 2 is not between 0 and 9"),
        (labels, struct.pack(">HBBI", 0, 8, 1, 0), "no labels"),
        (images, struct.pack(">HBBIII", 0, 8, 3, 0, 28, 28), "no images"),
        (images, struct.pack(">HBBIII", 0, 8, 3, 0xC9CDF7FF, 0xFF02CD00, 0), "no images"),
    ],
)
def test_each_fault_has_its_message(read, data, message):
    with pytest.raises(IdxError, match=message) as caught:
        read(data)
    assert str(caught.value).startswith("here/is/it: ")


def test_a_stream_that_ends_early_says_how_much_came():
    with pytest.raises(IdxError, match="truncated: its header declares 2 x 3 x 4 = 24 bytes, but 23 follow"):
        images(IMAGES[:-1], at_most=1000)


@pytest.mark.parametrize(
    ("shape", "at_most", "may_hold"),
    [((0xFFFFFFFF, 0xFFFF, 0xFFFF), 116, "116"), ((1, 0xFFFF, 0xFFFF), 1 << 40, f"{LARGEST:,}")],
)
def test_an_announced_size_beyond_what_can_be_is_refused_before_it_is_allocated(shape, at_most, may_hold):
    tracemalloc.start()
    with pytest.raises(IdxError, match=f"a file of this size contains at most {may_hold};"):
        images(struct.pack(">HBBIII", 0, 8, 3, *shape) + bytes(100), at_most)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@given(st.binary(max_size=64) | st.binary(max_size=40).map(lambda tail: b"\x00\x00\x08\x03" + tail))
def test_any_bytes_are_read_or_refused(data):
    for read in (images, labels):
        try:
            array = read(data)
        except IdxError:
            continue
        assert array.tobytes() == data[len(data) - array.size :]
