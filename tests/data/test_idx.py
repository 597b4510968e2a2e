"""IDX parsing: what is written is read, and every lie of a header has its own message."""

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.data.idx import parse, parse_images, parse_labels
from nncli.errors import IdxError

LABELS = struct.pack(">HBBI", 0, 8, 1, 3) + bytes([1, 2, 3])
IMAGES = struct.pack(">HBBIII", 0, 8, 3, 2, 3, 4) + bytes(range(24))


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0)))
def test_what_is_written_is_read(array):
    data = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()
    assert np.array_equal(parse(data), array)


def test_images_and_labels():
    images, labels = parse_images(IMAGES), parse_labels(LABELS)
    assert images.shape == (2, 3, 4)
    assert images.flags.c_contiguous
    assert images[1, 2, 3] == 23
    assert labels.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (parse, b"", "too few"),
        (parse, b"\x00\x00\x08\x07rest", "magic number 0x00000807"),
        (parse_images, LABELS, "magic number 0x00000801: an IDX file of images begins with 0x00000803"),
        (parse_labels, IMAGES, "magic number 0x00000803: an IDX file of labels begins with 0x00000801"),
        (parse_labels, b"\x00\x00\x0d\x01" + LABELS[4:], "magic number 0x00000d01"),
        (parse_images, IMAGES[:11], "inside its header"),
        (parse_images, IMAGES[:-1], "cut short"),
        (parse_images, IMAGES + b"!", "bytes follow"),
        (parse_labels, LABELS[:-1], "cut short"),
        (parse_labels, LABELS + b"!", "bytes follow"),
        (parse_labels, LABELS[:-1] + b"\x0a", "label 10 of example 2 is not one of 0 to 9"),
        (parse_labels, struct.pack(">HBBI", 0, 8, 1, 0), "no labels"),
        (parse_images, struct.pack(">HBBIII", 0, 8, 3, 0, 28, 28), "no images"),
        (parse_images, struct.pack(">HBBIII", 0, 8, 3, 5, 0, 28), "no images"),
        (parse_images, struct.pack(">HBBIII", 0, 8, 3, 0xC9CDF7FF, 0xFF02CD00, 0), "its header is wrong"),
    ],
)
def test_each_fault_has_its_message(read, data, message):
    with pytest.raises(IdxError, match=message) as caught:
        read(data, "here/is/it")
    assert str(caught.value).startswith("here/is/it: ")


def test_a_forged_count_allocates_nothing():
    data = struct.pack(">HBBIII", 0, 8, 3, 0xFFFFFFFF, 0xFFFF, 0xFFFF) + bytes(100)
    tracemalloc.start()
    with pytest.raises(IdxError, match="cannot hold more than 116"):
        parse_images(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@given(st.binary(max_size=64) | st.binary(max_size=40).map(lambda tail: b"\x00\x00\x08\x03" + tail))
def test_any_bytes_are_read_or_refused(data):
    for read in (parse, parse_images, parse_labels):
        try:
            array = read(data)
        except IdxError:
            continue
        assert array.tobytes() == data[len(data) - array.size :]
