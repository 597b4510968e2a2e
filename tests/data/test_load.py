"""Datasets by name: which folder is read, when nothing is fetched, and what a person is told."""

import shutil

import numpy as np
import pytest

from nncli.data import download
from nncli.data.load import cache_folder, load
from nncli.errors import DataError, DownloadError


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Fail a test that reaches for the network unasked; let the cache be in a folder of the test's own."""

    def fetch(*arguments, **options):
        raise AssertionError("a download was started")

    monkeypatch.setattr(download, "fetch", fetch)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path)


def test_idx_is_any_folder(idx_folder):
    dataset = load("idx", "test", directory=idx_folder)
    assert (dataset.name, dataset.split, dataset.origin) == ("idx", "test", str(idx_folder))
    assert dataset.images.shape == (20, 28, 28)


def test_idx_needs_a_folder():
    with pytest.raises(DataError, match="--data-dir"):
        load("idx", "train")


def test_other_files_are_not_taken_for_mnist(idx_folder):
    with pytest.raises(DataError, match="not part of MNIST"):
        load("mnist", "train", directory=idx_folder)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_a_given_folder_must_be_complete(name, tmp_path):
    with pytest.raises(DataError, match="no train-images-idx3-ubyte"):
        load(name, "train", directory=tmp_path)


def test_offline_without_files_says_what_to_do(tmp_path):
    with pytest.raises(DataError) as caught:
        load("mnist", "train", offline=True)
    for remedy in (str(tmp_path / "mnist"), "train-images-idx3-ubyte.gz", "--data-dir", "NNCLI_DATA_DIR"):
        assert remedy in str(caught.value)


def test_a_download_that_fails_says_where_else_the_files_may_be(monkeypatch):
    def fail(*arguments, **options):
        raise DownloadError("no mirror; try again later")

    monkeypatch.setattr(download, "fetch", fail)
    with pytest.raises(
        DownloadError, match=r"no mirror; try again later, or use --data-dir or NNCLI_DATA_DIR to specify the folder"
    ):
        load("mnist", "train")


def test_absent_files_are_fetched_for_the_split_alone(monkeypatch):
    asked = []
    cache_folder("mnist").mkdir()
    monkeypatch.setattr(download, "fetch", lambda source, files, folder, **_: asked.append((files, folder)))
    with pytest.raises(DataError, match="no t10k-images"):
        load("mnist", "test")
    [(files, folder)] = asked
    assert [file.name for file in files] == ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    assert folder == cache_folder("mnist")


def test_mnist_from_a_folder_a_subfolder_and_the_cache(mnist_dir, tmp_path):
    (tmp_path / "mnist").mkdir()
    for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        shutil.copy(mnist_dir / name, tmp_path / "mnist" / name)
    direct = load("mnist", "test", directory=mnist_dir)
    assert direct.images.shape == (10_000, 28, 28)
    for other in (load("mnist", "test", directory=tmp_path), load("mnist", "test")):
        assert np.array_equal(other.images, direct.images)
        assert other.sha256 == direct.sha256


def test_drawn_digits_differ_between_the_splits(monkeypatch):
    test = load("synthetic-digits", "test")
    assert test.images.shape == (2_000, 28, 28)
    assert (test.images.dtype, test.labels.dtype) == (np.dtype(np.uint8), np.dtype(np.uint8))
    assert set(test.sha256) == {"images", "labels"}
    assert load("synthetic-digits", "test").sha256 == test.sha256
