"""The datasets by name; for those that can be downloaded, their mirrors, files, sizes and SHA-256."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
        return f"put {', '.join(file.name for file in self.files)} into {folder}"

    def of_split(self, split: "Split") -> tuple[SourceFile, ...]:
        """Return the images file and the labels file of a split."""
        return tuple(self.file(f"{name}.gz") for name in PLAIN_NAMES[split])


def _files(*packed: tuple[int, str], plain: Sequence[str | None] = (None,) * 4) -> tuple[SourceFile, ...]:
    """Return the files of PLAIN_NAMES, in order, from (size, SHA-256) of each and the SHA-256 of the plain files."""
    names = [f"{name}.gz" for pair in PLAIN_NAMES.values() for name in pair]
    return tuple(SourceFile(name, *pins, sha256) for name, pins, sha256 in zip(names, packed, plain, strict=True))


MNIST = Source(
    name="mnist",
    title="MNIST",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=_files(
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        plain=(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
)

_FASHION_REVISION = "b2617bb6d3ffa2e429640350f613e3291e10b141"

FASHION_MNIST = Source(
    name="fashion-mnist",
    title="Fashion-MNIST",
    mirrors=(
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        f"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/{_FASHION_REVISION}/data/fashion/",
    ),
    files=_files(
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
)

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST)}
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
