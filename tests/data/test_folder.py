"""Folders of IDX files: compressed or plain, complete or not, damaged, forged or not what was published."""

import gzip
import hashlib
import tracemalloc

import numpy as np
import pytest

from nncli.data.folder import find, is_complete, read_split
from nncli.data.sources import FASHION_MNIST, MNIST, SOURCES, Source, SourceFile
from nncli.errors import DataError, IdxError

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def test_reads_both_splits_with_their_digests(idx_folder):
    train = read_split(idx_folder, "idx", "train", None)
    assert train.images.shape == (60, 28, 28)
    assert train.labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    compressed = (idx_folder / f"{IMAGES}.gz").read_bytes()
    assert train.sha256[f"{IMAGES}.gz"] == hashlib.sha256(compressed).hexdigest()
    assert set(train.sha256) == {f"{IMAGES}.gz", LABELS}
    assert len(read_split(idx_folder, "idx", "test", None).images) == 20


def test_compressed_comes_before_plain(idx_folder):
    (idx_folder / IMAGES).write_bytes(b"anything")
    assert find(idx_folder, IMAGES) == idx_folder / f"{IMAGES}.gz"


def test_says_which_files_are_missing(idx_folder):
    (idx_folder / f"{IMAGES}.gz").unlink()
    assert not is_complete(idx_folder, "train")
    assert is_complete(idx_folder, "test")
    with pytest.raises(DataError, match=rf"own digits: no {IMAGES}\[.gz\] in this folder"):
        read_split(idx_folder, "idx", "train", None)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"<html>", "damaged gzip"),
        (lambda data: data[:-9], "damaged gzip"),
        (lambda data: data[:200], "damaged gzip"),
        (lambda data: data[:-8] + bytes(8), "damaged gzip"),
        (lambda data: data + b"trailing", "damaged gzip"),
        (lambda data: data + gzip.compress(b"more"), "bytes follow"),
        (lambda data: b"", "magic number 0x:"),
    ],
)
def test_damaged_gzip(damage, message, idx_folder):
    path = idx_folder / f"{IMAGES}.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(IdxError, match=message) as caught:
        read_split(idx_folder, "idx", "train", None)
    assert str(path) in str(caught.value)


def test_images_and_labels_must_agree(idx_folder, idx):
    (idx_folder / LABELS).write_bytes(idx(np.zeros(59, np.uint8)))
    with pytest.raises(IdxError, match="60 images and train-labels-idx1-ubyte 59 labels"):
        read_split(idx_folder, "idx", "train", None)


def test_a_gzip_bomb_is_refused_within_the_memory_that_was_promised(idx_folder, idx):
    promised = np.zeros((500, 28, 28), np.uint8)
    (idx_folder / f"{IMAGES}.gz").write_bytes(gzip.compress(idx(promised) + bytes(60_000_000), 1))
    tracemalloc.start()
    with pytest.raises(IdxError, match="bytes follow"):
        read_split(idx_folder, "idx", "train", None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * promised.nbytes + 200_000


def test_a_forged_count_in_a_small_gzip_allocates_nothing(idx_folder, idx):
    header = idx(np.zeros((0, 28, 28), np.uint8))[:4] + b"\x00\x20\x00\x00" + b"\x00\x00\x00\x1c" * 2
    (idx_folder / f"{IMAGES}.gz").write_bytes(gzip.compress(header + bytes(100)))
    tracemalloc.start()
    with pytest.raises(IdxError, match="cut short, or its header is wrong"):
        read_split(idx_folder, "idx", "train", None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def small_source(folder, *, plain_sha256):
    """Return a source that publishes the training files of a folder, whichever form they have there."""
    files = []
    for name in (IMAGES, LABELS):
        path = find(folder, name)
        data = path.read_bytes()
        compressed = data if path.suffix else b""
        digest = hashlib.sha256(data).hexdigest()
        files.append(
            SourceFile(f"{name}.gz", len(compressed), digest, None if path.suffix or not plain_sha256 else digest)
        )
    return Source("small", "Small", (), tuple(files))


def test_published_files_are_verified_every_time(idx_folder):
    source = small_source(idx_folder, plain_sha256=True)
    assert read_split(idx_folder, "small", "train", source).name == "small"
    path = idx_folder / LABELS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"not Small's file, or damaged: its SHA-256 is [0-9a-f]{64}"):
        read_split(idx_folder, "small", "train", source)


@pytest.mark.parametrize("form", ["plain", "compressed"])
def test_the_intact_file_of_another_dataset_is_named(form, idx_folder, monkeypatch):
    if form == "plain":
        (idx_folder / f"{IMAGES}.gz").rename(idx_folder / IMAGES)
    monkeypatch.setitem(SOURCES, "small", small_source(idx_folder, plain_sha256=True))
    with pytest.raises(DataError) as caught:
        read_split(idx_folder, "fashion-mnist", "train", FASHION_MNIST)
    path = find(idx_folder, IMAGES)
    assert str(caught.value) == f"{path}: this is Small's file; give --data-dir with the folder of Fashion-MNIST"


def test_a_file_that_nobody_published_may_be_ones_own(idx_folder):
    with pytest.raises(DataError, match=r"use data\.name: idx for files of your own, or replace it"):
        read_split(idx_folder, "mnist", "train", MNIST)


def test_a_plain_file_without_a_published_digest_is_refused(idx_folder):
    with pytest.raises(DataError, match=f"only Small's compressed files can be verified; put {LABELS}.gz"):
        read_split(idx_folder, "small", "train", small_source(idx_folder, plain_sha256=False))


def test_a_file_that_may_not_be_read(idx_folder):
    path = idx_folder / LABELS
    path.unlink()
    path.symlink_to("/proc/self/mem")
    with pytest.raises(DataError, match="cannot be read"):
        read_split(idx_folder, "idx", "train", None)


def test_mnist_plain_and_compressed_are_the_same(mnist_dir, tmp_path):
    for file in MNIST.of_split("test"):
        plain = tmp_path / file.name.removesuffix(".gz")
        plain.write_bytes(gzip.decompress((mnist_dir / file.name).read_bytes()))
    plain, compressed = (read_split(folder, "mnist", "test", MNIST) for folder in (tmp_path, mnist_dir))
    assert np.array_equal(plain.images, compressed.images)
    assert compressed.labels[:5].tolist() == [7, 2, 1, 0, 4]
