"""The datasets by name; of those that can be downloaded, their files, mirrors, sizes and SHA-256."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line lists the names, and NumPy is slow to import
    from nncli.data.dataset import Split

PLAIN_NAMES: "dict[Split, tuple[str, str]]" = {  # split -> (images, labels), the names of the four files of MNIST
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


@dataclass(frozen=True)
class SourceFile:
    """One published file, pinned: `size` and `sha256` are those of the compressed file `name`.

    plain_sha256 is that of the same file decompressed, None where it was never published.
    """

    name: str
    size: int
    sha256: str
    plain_sha256: str | None = None


@dataclass(frozen=True)
class Source:
    """A published dataset: its mirrors (URLs that end in a slash, best first) and its files."""

    name: str
    title: str
    mirrors: tuple[str, ...]
    files: tuple[SourceFile, ...]

    def file(self, name: str) -> SourceFile:
        """Return the file called `name`."""
        return next(file for file in self.files if file.name == name)

    def placement(self, folder: Path) -> str:
        """Tell a person to put the files where a download would have put them."""
        return f"put {', '.join(file.name for file in self.files)} into {folder}"

    def of_split(self, split: "Split") -> tuple[SourceFile, ...]:
        """Return the images file and the labels file of a split."""
        return tuple(self.file(f"{name}.gz") for name in PLAIN_NAMES[split])


MNIST = Source(
    name="mnist",
    title="MNIST",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=(
        SourceFile(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        SourceFile(
            "train-labels-idx1-ubyte.gz",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        SourceFile(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        SourceFile(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
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
    files=(
        SourceFile(
            "train-images-idx3-ubyte.gz",
            26_421_880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        SourceFile(
            "train-labels-idx1-ubyte.gz",
            29_515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        SourceFile(
            "t10k-images-idx3-ubyte.gz",
            4_422_102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        SourceFile(
            "t10k-labels-idx1-ubyte.gz",
            5_148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
)

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST)}
NAMES = (*SOURCES, "synthetic-digits", "idx")
"""All that `data.name` may be: what can be downloaded, what is generated, and a folder of IDX files."""

_PLAIN = {file.sha256: file.plain_sha256 for source in SOURCES.values() for file in source.files if file.plain_sha256}


def differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of the files whose contents are not known to be the same, by the digests of a `Dataset`.

    A file may have been compressed or unpacked in between. Digests that were kept when only those of the files
    themselves were serve as well; those of published files say what is inside.
    """
    before, after = _by_plain_name(then), _by_plain_name(now)
    return sorted(name for name in before.keys() | after.keys() if not before[name] & after[name])


def _by_plain_name(digests: Mapping[str, str]) -> defaultdict[str, set[str]]:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for name, sha256 in digests.items():
        known[name.removesuffix(".gz")] |= {sha256, _PLAIN.get(sha256, sha256)}
    return known


def publisher(sha256: str) -> Source | None:
    """Return the dataset that a file of this SHA-256, compressed or plain, was published with; None: no known one."""
    holders = (each for each in SOURCES.values() for file in each.files if sha256 in (file.sha256, file.plain_sha256))
    return next(holders, None)
