"""The datasets by name; for those that can be downloaded, their mirrors, files, sizes and SHA-256."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nncli.errors import listed

if TYPE_CHECKING:  # the help lists the names, and NumPy is slow to import
    from nncli.data.dataset import Split

PLAIN_NAMES: "dict[Split, tuple[str, str]]" = {  # split -> (images, labels), as MNIST names them
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


@dataclass(frozen=True)
class SourceFile:
    """A published file: name, size and SHA-256 of the compressed file, and the SHA-256 of the plain one if known."""

    name: str
    size: int
    sha256: str
    plain_sha256: str | None = None


@dataclass(frozen=True)
class Source:
    """A published dataset with its mirrors (URLs with a final slash, best first) and files."""

    name: str
    title: str
    mirrors: tuple[str, ...]
    files: tuple[SourceFile, ...]

    def file(self, name: str) -> SourceFile:
        """Return the file called `name`."""
        return next(file for file in self.files if file.name == name)

    def placement(self, folder: Path) -> str:
        """Return the advice to put the files in the folder of the download."""
        return f"put {listed((file.name for file in self.files), 'and')} into {folder}"

    def of_split(self, split: "Split") -> tuple[SourceFile, ...]:
        """Return the images file and the labels file of a split."""
        return tuple(self.file(f"{name}.gz") for name in PLAIN_NAMES[split])


_LISTED = tomllib.loads(Path(__file__).with_name("sources.toml").read_text(encoding="utf-8"))
SOURCES = {
    name: Source(name, each["title"], tuple(each["mirrors"]), tuple(SourceFile(**file) for file in each["files"]))
    for name, each in _LISTED.items()
}
NAMES = (*SOURCES, "synthetic-digits", "idx")
"""The values of `data.name`: downloads, generated digits, and a folder of IDX files."""

_PLAIN = {file.sha256: file.plain_sha256 for source in SOURCES.values() for file in source.files if file.plain_sha256}


def differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of files that differ, or may differ, between the digests of two `Dataset`s.

    A file that was compressed or decompressed in between is the same, if its contents have a digest or it is a
    published file.
    """
    before, after = _by_plain_name(then), _by_plain_name(now)
    return sorted(name for name in before.keys() | after.keys() if not before[name] & after[name])


def _by_plain_name(digests: Mapping[str, str]) -> defaultdict[str, set[str]]:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for name, sha256 in digests.items():
        known[name.removesuffix(".gz")] |= {sha256, _PLAIN.get(sha256, sha256)}
    return known


def publisher(sha256: str) -> Source | None:
    """Return the dataset of a published file, compressed or plain, by its SHA-256; None if unknown."""
    holders = (each for each in SOURCES.values() for file in each.files if sha256 in (file.sha256, file.plain_sha256))
    return next(holders, None)
