"""`nncli data`: download, describe and preview the datasets."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nncli.cli.options import Command, PictureFile, data_options, json_option
from nncli.data.sources import NAMES, SOURCES

if TYPE_CHECKING:
    from nncli.data.dataset import Dataset, Split


def name_argument(names: Iterable[str]) -> Callable[[Command], Command]:
    """Add the name of a dataset (parameter `name: str`), one of these."""
    choice = click.Choice(tuple(names))
    return click.argument("name", metavar=f"[{'|'.join(choice.choices)}]", type=choice, default="mnist")


@click.group(no_args_is_help=True)
def command() -> None:
    """Without a name, the dataset is MNIST; idx is a folder of your own files.

    Example:
      nncli data download
      nncli data info --data-dir my-digits idx
    """


@command.command()
@name_argument(SOURCES)
@click.option("--to", type=click.Path(path_type=Path), help="Folder for the files; without it, the user's cache.")
def download(name: str, to: Path | None) -> None:
    """Download the files of a dataset.

    Files that are present and intact are kept; corrupt ones are replaced.

    Example:
      nncli data download
      nncli data download fashion-mnist --to ~/data/fashion-mnist
    """
    from nncli.cli.console import progress
    from nncli.cli.datasets import loading
    from nncli.data.download import fetch
    from nncli.data.load import cache_folder

    source, folder = SOURCES[name], to or cache_folder(name)
    with loading(progress(), name) as on_progress:
        fetch(source, source.files, folder, on_progress=on_progress)
    click.echo(f"{source.title} is in {folder}: {len(source.files)} files, SHA-256 verified")


@command.command()
@name_argument(NAMES)
@data_options
@json_option
def info(name: str, data_dir: Path | None, offline: bool, as_json: bool) -> None:
    """Describe a dataset: its splits, classes, files and their SHA-256.

    Example:
      nncli data info
      nncli data info --data-dir my-digits idx
    """
    from nncli.cli.console import print_json

    datasets = [_load(name, "train", data_dir, offline), _load(name, "test", data_dir, offline)]
    if as_json:
        print_json({"dataset": name, "splits": {data.split: _describe(data) for data in datasets}})
    else:
        _print_tables(datasets)


@command.command()
@name_argument(NAMES)
@click.option("--split", type=click.Choice(("train", "test")), default="train", show_default=True)
@click.option("--per-class", type=click.IntRange(1, 100), default=10, show_default=True, help="Examples of each class.")
@click.option("--output", type=PictureFile(), help="The PNG, SVG or PDF file to write; without it, NAME-SPLIT.png.")
@data_options
@json_option
def preview(
    name: str,
    split: "Split",
    per_class: int,
    output: Path | None,
    data_dir: Path | None,
    offline: bool,
    as_json: bool,
) -> None:
    """Draw examples of every class as one picture.

    Example:
      nncli data preview --output digits.png
    """
    import numpy as np

    from nncli.cli.console import print_json, progress, status
    from nncli.figures.page import save
    from nncli.figures.sheet import examples

    data = _load(name, split, data_dir, offline)
    path = output or Path(f"{name}-{split}.png")
    with status(progress(), "drawing the examples"):
        save(examples(data, per_class), path)
    if as_json:
        shown = int(np.minimum(np.bincount(data.labels), per_class).sum())
        print_json({"path": str(path), "dataset": name, "split": split, "examples": shown})
    else:
        click.echo(path)


def _load(name: str, split: "Split", data_dir: Path | None, offline: bool) -> "Dataset":
    from nncli.cli.console import progress
    from nncli.cli.datasets import loading
    from nncli.data.load import load

    with loading(progress(), name) as on_progress:
        return load(name, split, directory=data_dir, offline=offline, on_progress=on_progress)


def _describe(data: "Dataset") -> dict[str, object]:
    import numpy as np

    return {
        "examples": len(data.labels),
        "shape": list(data.images.shape[1:]),
        "classes": np.bincount(data.labels, minlength=10).tolist(),
        "origin": data.origin,
        "sha256": data.files,
        "published": data.name in SOURCES,
    }


def _print_tables(datasets: list["Dataset"]) -> None:
    import numpy as np

    from nncli.cli.console import results
    from nncli.cli.tables import print_table

    console = results()
    columns = [
        [
            " x ".join(map(str, data.images.shape[1:])),
            *(f"{count:,}" for count in (len(data.labels), *np.bincount(data.labels, minlength=10))),
        ]
        for data in datasets
    ]
    names = ["pixels", "examples", *(f"class {label}" for label in range(10))]
    headers = ["", *(f"{data.split} " for data in datasets)]
    print_table(console, headers, zip(names, *columns, strict=True), f"{datasets[0].name}: {datasets[0].origin}")
    files = [
        (file, f"{sha256[:16]}…", "as published" if data.name in SOURCES else "its own")
        for data in datasets
        for file, sha256 in data.files.items()
    ]
    print_table(console, ["file", "SHA-256", "is"], files)
