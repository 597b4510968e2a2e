"""IDX and gzip files that lie: refused in little memory, never read wrong; changed data in the cache is noticed."""

import gzip
import hashlib
import os
import random
import shutil
import struct

import numpy as np
import pytest

from hostile.child import assert_refused, run_all
from nncli.data import load as loading
from nncli.data.folder import read_split
from nncli.data.sources import SOURCES, Source, SourceFile
from nncli.errors import DataError

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
EXPECTED = 500 * 28 * 28  # bytes that the images of a hostile file would be


def idx(*shape, data=b"", kind=8):
    return struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + data


def bomb(head, megabytes):
    return gzip.compress(head + bytes(megabytes * 1_000_000), 1)


HONEST = idx(500, 28, 28, data=bytes(EXPECTED))
SIZE = 1 << 31
BOMB = 15 if not os.environ.get("NNCLI_TORTURE") else 1_000  # megabytes


def hostile_files():
    """Give a name and the contents that are wrong for each case."""
    return {
        "wrong magic": (IMAGES, b"\x89PNG" + HONEST[4:]),
        "magic of labels": (IMAGES, idx(500, data=bytes(500))),
        "floats": (IMAGES, idx(500, 28, 28, data=bytes(EXPECTED), kind=13)),
        "no bytes": (IMAGES, b""),
        "half a header": (IMAGES, HONEST[:10]),
        "counts beyond the bytes": (IMAGES, idx(SIZE, 28, 28, data=bytes(1000))),
        "counts whose product overflows": (IMAGES, idx(SIZE, SIZE, SIZE * 2 - 1)),
        "one byte short": (IMAGES, HONEST[:-1]),
        "one byte more": (IMAGES, HONEST + b"\0"),
        "no images": (IMAGES, idx(0, 28, 28)),
        "images of no pixels": (IMAGES, idx(500, 0, 28)),
        "images of 2 GB each": (IMAGES, idx(1, SIZE, 1)),
        "label of 10": (LABELS, idx(500, data=bytes(499) + b"\x0a")),
        "label of 255": (LABELS, idx(500, data=b"\xff" * 500)),
        "fewer labels than images": (LABELS, idx(499, data=bytes(499))),
        "no labels": (LABELS, idx(0)),
        "gzip bomb": (f"{IMAGES}.gz", bomb(HONEST, BOMB)),
        "gzip bomb of labels": (f"{LABELS}.gz", bomb(idx(500, data=bytes(500)), BOMB)),
        "gzip bomb before a header": (f"{IMAGES}.gz", bomb(b"", BOMB)),
        "gzip bomb with a forged count": (f"{IMAGES}.gz", bomb(idx(SIZE, 28, 28), 1)),
        "2 GB of labels in 2 MB": (
            f"{LABELS}.gz",
            bomb(idx(SIZE), SIZE // 1_000_000 if os.environ.get("NNCLI_TORTURE") else 1),
        ),
        "as many labels as images": (f"{LABELS}.gz", bomb(idx(100_000_000), BOMB)),
        "an image of 4 GB": (f"{IMAGES}.gz", bomb(idx(1, 65_535, 65_535), BOMB)),
        "gzip in gzip": (f"{IMAGES}.gz", gzip.compress(gzip.compress(HONEST))),
        "two gzip members": (f"{IMAGES}.gz", gzip.compress(HONEST) + gzip.compress(HONEST)),
        "gzip cut short": (f"{IMAGES}.gz", gzip.compress(HONEST)[:-5]),
        "gzip with a wrong checksum": (f"{IMAGES}.gz", gzip.compress(HONEST)[:-8] + bytes(8)),
        "gzip with a huge file name": (f"{IMAGES}.gz", b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 2_000_000),
        "not gzip": (f"{IMAGES}.gz", HONEST),
    }


def test_hostile_files_are_refused_within_twice_the_expected_memory(rounds, config_file, tmp_path):
    config_file(data={"validation": 100})
    commands = []
    cases = hostile_files()
    for number, (name, content) in enumerate(cases.values()):
        folder = tmp_path / f"data-{number}"
        folder.mkdir()
        (folder / IMAGES).write_bytes(HONEST)
        (folder / LABELS).write_bytes(idx(500, data=bytes(range(10)) * 50))
        (folder / name).write_bytes(content)
        commands.append(("train", "small.yaml", "--data-dir", folder.name, "--run-dir", f"run-{number}"))
    answers = run_all(commands, tmp_path, timeout=600)
    for case, answer in zip(cases, answers, strict=True):
        assert_refused(answer, 4)
        assert "data-" in answer.err, case
    rounds.count(len(answers))
    rounds.measured("memory", f"{max(answer.memory for answer in answers) / 1e6:.1f} MB")
    assert max(answer.memory for answer in answers) < 2 * EXPECTED + 8e6  # what any command takes is in it
    assert not list(tmp_path.glob("run-*"))


@pytest.fixture
def small(idx_pair, tmp_path):
    """A source that publishes a small training set, and the cache that it was downloaded into."""
    folder = tmp_path / "cache" / "small"
    folder.mkdir(parents=True)
    files = []
    for name, content in zip((IMAGES, LABELS), idx_pair, strict=True):
        compressed = gzip.compress(content, mtime=0)
        (folder / f"{name}.gz").write_bytes(compressed)
        files.append(SourceFile(f"{name}.gz", len(compressed), hashlib.sha256(compressed).hexdigest()))
    return Source("small", "Small", (), tuple(files)), folder


@pytest.fixture
def idx_pair():
    """The contents of a small file of images and of the labels that go with it."""
    pixels = np.random.default_rng(9).integers(0, 256, (20, 4, 4), np.uint8)
    return idx(20, 4, 4, data=pixels.tobytes()), idx(20, data=bytes(range(10)) * 2)


def flips(content, chosen):
    for bit in chosen:
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)


def chosen_bits(rounds, content):
    bits = range(8 * len(content))
    return bits if rounds.whole else random.Random(1).sample(bits, 100)


@pytest.mark.parametrize("name", [IMAGES, LABELS])
def test_every_bit_that_changes_in_the_cache_is_noticed_at_the_next_load(name, rounds, small, tmp_path, monkeypatch):
    source, folder = small
    monkeypatch.setitem(SOURCES, "small", source)
    monkeypatch.setattr(loading, "NAMES", ("small",))
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path / "cache")
    assert len(loading.load("small", "train", offline=True).images) == 20
    path = folder / f"{name}.gz"
    content = path.read_bytes()
    for damaged in flips(content, chosen_bits(rounds, content)):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="corrupt, or not part of Small"):
            loading.load("small", "train", offline=True)
        rounds.count(1)


def test_a_damaged_gzip_is_never_read_wrong(rounds, small, tmp_path):
    """Without a published digest too: the bits of a gzip header that mean nothing are all that may change."""
    _, folder = small
    right = read_split(folder, "idx", "train", None)
    path = folder / f"{IMAGES}.gz"
    content = path.read_bytes()
    read = 0
    for damaged in flips(content, chosen_bits(rounds, content)):
        path.write_bytes(damaged)
        rounds.count(1)
        try:
            found = read_split(folder, "idx", "train", None)
        except DataError:
            continue
        assert np.array_equal(found.images, right.images)
        read += 1
    assert read < 8 * 10  # the header's ten bytes


def test_every_truncation(rounds, small, idx_pair, tmp_path):
    _, folder = small
    for name, content in ((f"{IMAGES}.gz", (folder / f"{IMAGES}.gz").read_bytes()), (IMAGES, idx_pair[0])):
        plain = shutil.copytree(folder, tmp_path / f"cut {name}")
        (plain / f"{IMAGES}.gz").unlink()
        for length in range(0, len(content), 1 if rounds.whole else 7):
            (plain / name).write_bytes(content[:length])
            with pytest.raises(DataError):
                read_split(plain, "idx", "train", None)
            rounds.count(1)
