"""`nncli data`: download, describe and preview the datasets."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import click
import numpy as np

from nncli import build
from nncli.cli.boundary import on_one_line
from nncli.cli.console import print_json, progress, results, status
from nncli.cli.loading import load_by_name, load_config, loading
from nncli.cli.options import PATH, Command, PictureFile, data_options, json_option
from nncli.cli.tables import print_table
from nncli.data.dataset import CLASSES, Dataset, Split, split_title
from nncli.data.load import cache_folder
from nncli.data.sources import NAMES, SOURCES
from nncli.lab.demonstration import numbers
from nncli.randomness import generator


def name_argument(names: Iterable[str], default: str | None = "mnist") -> Callable[[Command], Command]:
    """Add the argument for the name of a dataset (parameter `name`), one of `names`."""
    return click.argument("name", metavar=f"[{'|'.join(names)}]", type=click.Choice(names), default=default)


@click.group()
def command() -> None:
    """The default dataset is MNIST. Use the name idx for your own IDX files, and pass their folder with --data-dir.

    Example:
      nncli data download
      nncli data info --data-dir my-digits idx
    """


@command.command()
@name_argument(SOURCES)
@click.option("--to", type=PATH, help="Folder to download to; defaults to the user's cache.")
def download(name: str, to: Path | None) -> None:
    """Download a dataset.

    Existing files are kept if they are intact, and replaced if they are corrupt.

    Example:
      nncli data download
      nncli data download fashion-mnist --to ~/data/fashion-mnist
    """
    from nncli.data.download import fetch  # its libraries are slow to import

    source, folder = SOURCES[name], to or cache_folder(name)
    with loading(progress(), name) as on_progress:
        fetch(source, source.files, folder, on_progress=on_progress)
    click.echo(f"{source.title} is in {folder}: {len(source.files)} files, SHA-256 verified")


@command.command()
@name_argument(NAMES)
@data_options
@json_option
def info(name: str, data_dir: Path | None, offline: bool, as_json: bool) -> None:
    """Describe a dataset: splits, classes, files and SHA-256 digests.

    Example:
      nncli data info
      nncli data info --data-dir my-digits idx
    """
    splits = [load_by_name(name, split, data_dir, offline=offline, console=progress()) for split in get_args(Split)]
    if as_json:
        print_json({"dataset": name, "splits": {data.split: _describe(data) for data in splits}})
    else:
        _print_tables(splits)


@command.command()
@name_argument(NAMES, default=None)
@click.option("--split", type=click.Choice(get_args(Split)), default="train", help="Split to plot.")
@click.option(
    "--per-class",
    type=click.IntRange(1, 100),
    default=10,
    help="Number of examples per class, or of copies with --config.",
)
@click.option(
    "--config",
    "config_path",
    metavar="CONFIG",
    type=PATH,
    help="Show one example per class of this configuration's dataset, as deskewed and framed in training, next to "
    "copies distorted by its data.augment.",
)
@click.option("--output", type=PictureFile(), help="PNG, SVG or PDF file to write; defaults to NAME-SPLIT.png.")
@data_options
@json_option
def preview(
    name: str | None,
    split: Split,
    per_class: int,
    config_path: Path | None,
    output: Path | None,
    data_dir: Path | None,
    offline: bool,
    as_json: bool,
) -> None:
    """Plot examples of each class in one figure.

    Example:
      nncli data preview --output digits.png
      nncli data preview --config experiments/literature/simard-800-elastic.yaml --output distorted.png
    """
    from nncli.figures.page import save  # matplotlib is slow to import
    from nncli.figures.sheet import distortions, examples

    config = load_config(config_path).config if config_path else None
    augmentation = build.augmentation(config) if config else None
    if config_path and augmentation is None:
        raise click.UsageError(f"{config_path} has no data.augment section; add one, or omit --config")
    if config and not name:
        name, data_dir = config.data.name, data_dir or build.data_folder(config)
    name = name or "mnist"

    data = load_by_name(name, split, data_dir, offline=offline, console=progress())
    path = output or Path(f"{name}-{split}.png")
    with status(progress(), "plotting the examples"):
        if config and augmentation:
            first = np.unique(data.labels, return_index=True)[1]
            data = replace(data, images=build.prepared(config, data.images[first]), labels=data.labels[first])
            figure = distortions(data, augmentation, per_class, generator(config.seed, "preview"))
        else:
            figure = examples(data, per_class)
        save(figure, path)
    if as_json:
        shown = int(np.minimum(_class_counts(data), per_class).sum())
        print_json({"path": str(path), "dataset": name, "split": split, "examples": shown})
    else:
        click.echo(on_one_line(path))


def _class_counts(data: Dataset) -> list[int]:
    counts: list[int] = np.bincount(data.labels, minlength=CLASSES).tolist()
    return counts


def _describe(data: Dataset) -> dict[str, object]:
    return {
        "examples": len(data.labels),
        "shape": list(data.images.shape[1:]),
        "classes": _class_counts(data),
        "origin": data.origin,
        "sha256": data.files,
        "published": data.name in SOURCES,
    }


def _print_tables(splits: Sequence[Dataset]) -> None:
    console = results()
    name, origin = splits[0].name, splits[0].origin
    rows = [
        ("pixels", *(" x ".join(map(str, data.images.shape[1:])) for data in splits)),
        ("examples", *(f"{len(data.labels):,}" for data in splits)),
    ]
    for label, counts in enumerate(zip(*map(_class_counts, splits), strict=True)):
        rows.append((f"class {label}", *(f"{count:,}" for count in counts)))
    print_table(console, ["", *numbers(*(split_title(data.split) for data in splits))], rows, f"{name}: {origin}")
    if name == "synthetic-digits":
        arrays = [
            (split_title(data.split), array, f"{sha256[:16]}…")
            for data in splits
            for array, sha256 in data.sha256.items()
        ]
        print_table(console, ["split", "array", "SHA-256"], arrays)
        return
    kind = "as published" if name in SOURCES else "unpublished"
    files = [(file, f"{sha256[:16]}…", kind) for data in splits for file, sha256 in data.files.items()]
    print_table(console, ["file", "SHA-256", "status"], files)
