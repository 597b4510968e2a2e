"""The pinned facts about published datasets hang together."""

import hashlib

import pytest

from nncli.data.sources import MNIST, SOURCES


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
