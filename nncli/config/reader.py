"""Read YAML as plain values with their positions; ambiguous and surprising syntax is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from nncli.config.locations import MAX_PROBLEMS, Location, Problem
from nncli.config.scalars import Scalar, resolve
from nncli.config.sources import Place, Sources

MAX_DEPTH = 64
MAX_NODES = 5_000

_NOT_A_CHARACTER = re.compile("[\0\ud800-\udfff]")


def read(text: str, name: str = "") -> Sources:
    """Read one YAML document of mappings, lists and scalars from the text of a file called `name`.

    Invalid YAML, a second document, duplicate keys, anchors, aliases, tags, numbers that are ambiguous or not
    finite, and nesting deeper than `MAX_DEPTH` are refused. A refused value reads as None; if reading stopped
    early, the sources are not `complete`.
    """
    composer = _Composer(_events(text), name, Sources())
    try:
        composer.compose()
    except _StopReading:
        composer.sources.complete = False
    except yaml.MarkedYAMLError as error:
        composer.fail(composer.place(error.problem_mark or error.context_mark), _explained(error))
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        place = Place.in_file(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        composer.fail(place, error.reason)
    return composer.sources


def _events(text: str) -> Iterator[yaml.Event]:
    """Yield the events of PyYAML's parser in Python.

    The parser in C scans up to 1,024 characters ahead and, in some builds, limits the nesting itself.
    """
    loader = yaml.SafeLoader(text)
    try:
        yield from iter(loader.get_event, None)
    except (OverflowError, ValueError) as error:  # from int() or chr(), which PyYAML calls on anything
        raise yaml.MarkedYAMLError(problem="a number out of range", problem_mark=loader.get_mark()) from error


def _explained(error: yaml.MarkedYAMLError) -> str:
    began = f" {error.context} that starts on line {error.context_mark.line + 1}" if error.context_mark else ""
    return f"{error.problem or 'broken'}{began}"


class _StopReading(Exception):  # noqa: N818 - not an error of its own
    """The document is refused as a whole, with the problem in it."""


@dataclass
class _Composer:
    """Builds values from parser events, each checked before it is built."""

    events: Iterator[yaml.Event]
    name: str
    sources: Sources

    def compose(self) -> None:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self.sources.values:
                    self._stop(event, (), "a second document; a file may contain only one")
                self.sources.value = self._value(next(self.events), ())

    def _value(self, event: yaml.Event, where: Location) -> Any:  # noqa: ANN401 - any YAML value
        self.sources.values[where] = self.place(event.start_mark)
        self._check(event, where)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, where)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(where)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(where)
        return None  # an alias, refused above

    def _check(self, event: yaml.Event, where: Location) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, where, "an alias (*) is not allowed; write the value out")
        elif getattr(event, "anchor", None):
            self._refuse(event, where, "an anchor (&) is not allowed; write the value where it is needed")
        if getattr(event, "tag", None):
            self._refuse(event, where, "a tag (!) is not allowed; write the plain value")
        if len(where) > MAX_DEPTH:
            self._stop(event, (), f"nested deeper than {MAX_DEPTH} levels")
        if len(self.sources.values) > MAX_NODES:
            self._stop(event, (), f"more than {MAX_NODES} values; a configuration needs far fewer")

    def _sequence(self, where: Location) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*where, len(items))))
        return items

    def _mapping(self, where: Location) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            self._check(event, where)
            if not isinstance(event, yaml.ScalarEvent):
                self._stop(event, where, "a key must be a plain name, not a list, a mapping or an alias")
            inner = (*where, event.value)
            if event.value in items:
                first = self.sources.keys[inner].line
                self._refuse(event, inner, f"duplicate key; it is already defined on line {first}")
                self._value(next(self.events), inner)
            else:
                self.sources.keys[inner] = self.place(event.start_mark)
                items[event.value] = self._value(next(self.events), inner)
        return items

    def _scalar(self, event: yaml.ScalarEvent, where: Location) -> Scalar:
        text: str = event.value
        if _NOT_A_CHARACTER.search(text):
            self._refuse(event, where, "a string cannot contain NUL or a lone surrogate")
        elif event.style in ("'", '"', "|", ">"):
            return text
        else:
            try:
                return resolve(text)
            except ValueError as error:
                self._refuse(event, where, str(error))
        return None

    def _refuse(self, event: yaml.Event, where: Location, text: str) -> None:
        self.sources.problems.append((self.place(event.start_mark), Problem(where, text)))
        self.sources.refused.add(where)
        if len(self.sources.problems) >= MAX_PROBLEMS:
            raise _StopReading

    def _stop(self, event: yaml.Event, where: Location, text: str) -> NoReturn:
        self._refuse(event, where, text)
        raise _StopReading

    def fail(self, place: Place, reason: str | None) -> None:
        """Refuse the whole document, which is not YAML."""
        self.sources.complete = False
        self.sources.problems.append((place, Problem((), f"not valid YAML: {reason}")))

    def place(self, mark: Any) -> Place:  # noqa: ANN401 - the stubs say that an event may have no mark
        return Place.in_file(self.name, mark.line + 1, mark.column + 1)
