"""The table of results to reproduce: networks with their published test errors, sources and configurations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nncli import records
from nncli.config import reader
from nncli.config.files import read_text
from nncli.errors import ConfigError
from nncli.records import Count, Record


class Row(Record):
    """A result, and how to reproduce it: by a network, or by a committee of networks of other rows.

    Attributes:
        name: unique name, as in `nncli reproduce NAME`.
        network: the network as it is written in papers, such as 784-800-10.
        recipe: loss and regularization of the source, in a few words.
        changes: what the configuration does differently, with the exceptions that the page of results names.
        published: test error, in percent; None for a network of this project.
        source: authors, year and title; empty for a network of this project.
        inputs: whether images are distorted in training, used as images, or could be permuted without effect.
        configuration: path of the configuration, relative to the table; None for a committee.
        members: number of networks of each row in a committee, which averages their probabilities.
        copies: number of distorted copies of each test image that a committee averages over as well; 0 for none.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    network: str
    recipe: str
    changes: str = ""
    published: Annotated[float, Field(gt=0, lt=100)] | None = None
    source: str = ""
    inputs: Literal["distorted", "images", "permutable"]
    configuration: str | None = None
    members: dict[str, Count] = Field({})
    copies: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.members) == bool(self.configuration):
            raise PydanticCustomError("row", "has either a configuration or members")
        if self.copies and not self.members:
            raise PydanticCustomError("row", "has copies but no members")
        if self.members and sum(self.members.values()) < 2 and not self.copies:
            raise PydanticCustomError("row", "has fewer than two members")
        return self

    def runs(self, seed: int) -> Iterator[tuple[str, int]]:
        """Yield the row and the seed of each run that a result with this seed needs; no run serves two seeds."""
        for name, count in (self.members or {self.name: 1}).items():
            for number in range(count):
                yield name, (seed - 1) * count + number + 1


def read(path: Path) -> dict[str, Row]:
    """Return the rows of a table by name, in its order.

    Raises:
        ConfigError: the file cannot be read, or a row is invalid.
    """
    sources = reader.read(read_text(path, "use --table to specify a table"), str(path))
    if sources.problems:
        raise ConfigError(sources.lines([]))
    try:
        rows = records.read(list[Row], sources.value, "rows")
    except ValueError as error:
        raise ConfigError(f"{path}: {error}; see nncli/literature/table.py for the keys of a row") from error
    by_name = {row.name: row for row in rows}
    if len(by_name) < len(rows):
        raise ConfigError(f"{path}: two rows have the same name; rename one")
    networks = {name for name, row in by_name.items() if row.configuration}
    for row in rows:
        if unknown := set(row.members) - networks:
            raise ConfigError(f"{path}: rows.{row.name}.members: there is no network {', '.join(sorted(unknown))}")
    return by_name
