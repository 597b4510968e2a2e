"""Folders of IDX files: compressed or plain, complete or not, damaged, forged or not what was published."""

import gzip
import hashlib
import struct
import tracemalloc

import numpy as np
import pytest

from nncli.data.folder import find, is_complete, read_split
from nncli.data.sources import SOURCES, Source, SourceFile
from nncli.errors import AbsentDataError, DataError, IdxError

MNIST = SOURCES["mnist"]
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def test_reads_both_splits_with_their_digests(idx_folder):
    train = read_split(idx_folder, "idx", "train", None)
    assert train.images.shape == (60, 28, 28)
    assert train.labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    compressed = (idx_folder / f"{IMAGES}.gz").read_bytes()
    assert train.files == {
        f"{IMAGES}.gz": hashlib.sha256(compressed).hexdigest(),
        LABELS: hashlib.sha256((idx_folder / LABELS).read_bytes()).hexdigest(),
    }
    assert train.sha256 == train.files | {IMAGES: hashlib.sha256(gzip.decompress(compressed)).hexdigest()}
    assert len(read_split(idx_folder, "idx", "test", None).images) == 20


def test_compressed_comes_before_plain(idx_folder):
    (idx_folder / IMAGES).write_bytes(b"anything")
    assert find(idx_folder, IMAGES) == idx_folder / f"{IMAGES}.gz"


def test_says_which_files_are_missing(idx_folder):
    (idx_folder / f"{IMAGES}.gz").unlink()
    assert not is_complete(idx_folder, "train")
    assert is_complete(idx_folder, "test")
    with pytest.raises(AbsentDataError, match=rf"own digits: no {IMAGES}\[.gz\] in this folder"):
        read_split(idx_folder, "idx", "train", None)


@pytest.mark.parametrize(("name", "message"), [("missing", "there is no such folder"), ("x" * 300, "cannot be read")])
def test_a_folder_that_cannot_be_read_is_named(name, message, tmp_path):
    with pytest.raises(AbsentDataError, match=rf"{name}: {message}.*--data-dir"):
        read_split(tmp_path / name, "idx", "train", None)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"<html>", "corrupt gzip"),
        (lambda data: data[:-9], "corrupt gzip"),
        (lambda data: data[:200], "corrupt gzip"),
        (lambda data: data[:-8] + bytes(8), "corrupt gzip"),
        (lambda data: data + b"trailing", "corrupt gzip"),
        (lambda data: data + gzip.compress(b"more"), "contains more bytes"),
        (lambda data: b"", "magic number 0x;"),
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
    with pytest.raises(IdxError, match="60 images, but train-labels-idx1-ubyte has 59 labels"):
        read_split(idx_folder, "idx", "train", None)


def test_a_gzip_bomb_is_refused_within_the_memory_that_was_promised(idx_folder, idx):
    promised = np.zeros((500, 28, 28), np.uint8)
    (idx_folder / f"{IMAGES}.gz").write_bytes(gzip.compress(idx(promised) + bytes(12_000_000), 1))
    (idx_folder / LABELS).write_bytes(idx(np.zeros(500, np.uint8)))
    tracemalloc.start()
    with pytest.raises(IdxError, match="contains more bytes"):
        read_split(idx_folder, "idx", "train", None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * promised.nbytes + 200_000


def forged(*extents):
    """Return the header of a file that announces these extents."""
    return struct.pack(f">HBB{len(extents)}I", 0, 8, len(extents), *extents)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({IMAGES: gzip.compress(forged(1 << 21, 28, 28) + bytes(100))}, "truncated, or its header is wrong"),
        ({IMAGES: gzip.compress(forged(1, 0xFFFF, 0xFFFF) + bytes(12_000_000), 1)}, "a file of this size contains"),
        ({LABELS: gzip.compress(forged(1 << 31) + bytes(12_000_000), 1)}, "a file of this size contains"),
        ({LABELS: gzip.compress(forged(12_000_000) + bytes(12_000_000), 1)}, "60 images, .* 12,000,000 labels"),
        ({IMAGES: gzip.compress(forged(1000, 300, 300)), LABELS: forged(999) + bytes(999)}, "1,000 images, .* 999 lab"),
    ],
)
def test_what_a_header_announces_is_checked_before_memory_is_taken_for_it(files, message, idx_folder):
    for name, content in files.items():
        (idx_folder / name).unlink(missing_ok=True)
        (idx_folder / (f"{name}.gz" if content[:2] == b"\x1f\x8b" else name)).write_bytes(content)
    tracemalloc.start()
    with pytest.raises(IdxError, match=message):
        read_split(idx_folder, "idx", "train", None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(("source", "message"), [(None, "too large for a dataset"), (MNIST, "not part of MNIST")])
def test_a_huge_file_is_refused_by_its_size(source, message, idx_folder, monkeypatch):
    with (idx_folder / f"{IMAGES}.gz").open("r+b") as file:
        file.truncate(5_000_000_000)  # of which the disk holds next to nothing
    monkeypatch.setattr(hashlib, "file_digest", None)
    with pytest.raises(DataError, match=f"{message}.* it has 5,000,000,000 bytes"):
        read_split(idx_folder, "idx", "train", source)


def small_source(folder, *, plain_sha256):
    """Return a source that publishes the training files of a folder, whichever form they have there."""
    files = []
    for name in (IMAGES, LABELS):
        path = find(folder, name)
        assert path
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
    with pytest.raises(DataError, match=r"corrupt, or not part of Small: its SHA-256 is [0-9a-f]{64}"):
        read_split(idx_folder, "small", "train", source)


@pytest.mark.parametrize("form", ["plain", "compressed"])
def test_the_intact_file_of_another_dataset_is_named(form, idx_folder, monkeypatch):
    if form == "plain":
        (idx_folder / f"{IMAGES}.gz").rename(idx_folder / IMAGES)
    monkeypatch.setitem(SOURCES, "small", small_source(idx_folder, plain_sha256=True))
    with pytest.raises(DataError) as caught:
        read_split(idx_folder, "fashion-mnist", "train", SOURCES["fashion-mnist"])
    path = find(idx_folder, IMAGES)
    advice = "use --data-dir to specify the folder that contains Fashion-MNIST"
    assert str(caught.value) == f"{path}: part of Small; {advice}"


def test_a_file_that_nobody_published_may_be_ones_own(idx_folder):
    with pytest.raises(DataError, match=r"replace the file, or use data\.name: idx for your own files"):
        read_split(idx_folder, "mnist", "train", MNIST)


def test_a_plain_file_without_a_published_digest_is_refused(idx_folder):
    with pytest.raises(DataError, match=f"only compressed Small files can be verified; replace it with {LABELS}.gz"):
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
    assert compressed.sha256.items() >= plain.sha256.items()
