"""The table of published results: a network, a test error, its source, and a configuration."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field

from nncli import records
from nncli.errors import ConfigError
from nncli.records import Record


class Row(Record):
    """A published result, and how to reproduce it.

    Attributes:
        name: unique name, as in `nncli reproduce NAME`.
        network: the network as it is written in papers, such as 784-800-10.
        recipe: loss and regularization, in a few words.
        published: test error, in percent.
        source: authors, year and title.
        inputs: whether images are distorted in training, used as images, or could be permuted without effect.
        configuration: path of the configuration, relative to the table.
        modern: whether the recipe is a present-day one, and not that of the source.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    network: str
    recipe: str
    published: Annotated[float, Field(gt=0, lt=100)]
    source: str
    inputs: Literal["distorted", "images", "permutable"]
    configuration: str
    modern: bool = False


def read(path: Path) -> dict[str, Row]:
    """Return the rows of a table by name, in its order.

    Raises:
        ConfigError: the file cannot be read, or a row is invalid.
    """
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; use --table to specify a table") from error
    try:
        rows = records.read(list[Row], listed, "rows")
    except ValueError as error:
        raise ConfigError(f"{path}: {error}; see nncli/literature/table.py for the keys of a row") from error
    by_name = {row.name: row for row in rows}
    if len(by_name) < len(rows):
        raise ConfigError(f"{path}: two rows have the same name; rename one")
    return by_name
