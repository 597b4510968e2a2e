"""The pinned facts about published datasets hang together."""

import gzip
import hashlib

import pytest

from nncli.data.folder import LARGEST_PUBLISHED
from nncli.data.sources import SOURCES, differing

MNIST = SOURCES["mnist"]


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_source_has_two_https_mirrors_and_four_pinned_files(source):
    assert len(set(source.mirrors)) == 2
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in source.mirrors)
    assert len({file.sha256 for file in source.files}) == 4
    assert {file.name for split in ("train", "test") for file in source.of_split(split)} == {
        file.name for file in source.files
    }


def test_the_pins_are_those_of_real_mnist(mnist_dir):
    for file in MNIST.files:
        data = (mnist_dir / file.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256)
        plain = gzip.decompress(data)
        assert hashlib.sha256(plain).hexdigest() == file.plain_sha256
        assert len(plain) < LARGEST_PUBLISHED


LABELS = MNIST.file("train-labels-idx1-ubyte.gz")


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ({"a.gz": "packed"}, {"a.gz": "packed", "a": "plain"}, []),  # kept before contents were
        ({"a": "plain"}, {"a.gz": "packed", "a": "plain"}, []),  # compressed since
        ({"a.gz": "packed", "a": "plain"}, {"a": "plain"}, []),  # unpacked since
        ({"a.gz": "packed", "a": "plain"}, {"a.gz": "packed with -1", "a": "plain"}, []),
        ({"a.gz": "packed"}, {"a": "plain"}, ["a"]),  # which nobody knows to be the same
        ({"a.gz": LABELS.sha256}, {"a": LABELS.plain_sha256}, []),  # but here it is known
        ({"a": LABELS.plain_sha256}, {"a.gz": LABELS.sha256}, []),
        ({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "1", "d": "4"}, ["b", "c", "d"]),
    ],
)
def test_the_same_contents_are_the_same_data_however_they_are_kept(then, now, expected):
    assert differing(then, now) == expected
