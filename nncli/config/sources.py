"""The raw configuration from a file and overrides, with the place that each part came from."""

from dataclasses import dataclass, field
from functools import reduce
from operator import getitem
from typing import Any, NamedTuple

from nncli.config.locations import MAX_PROBLEMS, Location, Problem, dotted, printable

OVERRIDE = "--set"


class Place(NamedTuple):
    """Where something was written: its line and column, and its name in an error and in `config show`."""

    line: float
    column: int
    label: str
    origin: str

    @classmethod
    def in_file(cls, name: str, line: int, column: int) -> "Place":
        """Return a place in a file, `mlp.yaml:7:17`."""
        label = f"{name}:{line}:{column}"
        return cls(line, column, label, label)

    @classmethod
    def beside_file(cls, origin: str, given: str) -> "Place":
        """Return the place of an option's or a variable's value, `--set seed=3`; it sorts after those in the file."""
        return cls(float("inf"), 0, f"{origin} {printable(given, 80)}", origin)


@dataclass
class Sources:
    """Raw values, the places of their keys and values, and the problems found so far.

    Validation errors at and below a `refused` location are not reported: its problem is known. If reading stopped
    early, the sources are not `complete`.
    """

    value: Any = None
    values: dict[Location, Place] = field(default_factory=dict)
    keys: dict[Location, Place] = field(default_factory=dict)
    problems: list[tuple[Place, Problem]] = field(default_factory=list)
    refused: set[Location] = field(default_factory=set)
    complete: bool = True

    def forget(self, location: Location) -> None:
        """Drop the places at and below a location that is about to be overwritten."""
        for places in (self.values, self.keys):
            for below in [each for each in places if each[: len(location)] == location]:
                del places[below]
        self.refused = {each for each in self.refused if each[: len(location)] != location}

    def lines(self, found: list[Problem]) -> list[str]:
        """Return every problem as `place: key: what is wrong`, in the order of the file."""
        located = list(self.problems)
        for problem in found:
            written = self._written(problem.location)
            if not any(written[:length] in self.refused for length in range(1, len(written) + 1)):
                text = problem.text + (self._replacement(written) if problem.of_variant else "")
                located.append((self._place(written, of_key=problem.of_key), Problem(written, text)))
        located.sort(key=lambda each: (each[0].line, each[0].column))
        lines = [f"{place.label}: {problem}" for place, problem in located]
        return lines if len(lines) <= MAX_PROBLEMS else [*lines[:MAX_PROBLEMS], "and more; fix these first"]

    def origin(self, location: Location, resolved: object) -> str:
        """Return the origin of a resolved value: `file:line:column`, an option, a variable or `default`."""
        written = self._written(location)
        if written not in self.values:
            return "default"
        raw = self.at(written)
        if raw is None or (written != location and raw != resolved):
            return "default"
        origin = self.values[written].origin
        return f"{origin}, alias {raw}" if isinstance(raw, str) and raw != resolved else origin

    def at(self, location: Location) -> Any:  # noqa: ANN401 - any YAML value
        """Return the raw value at a location that exists."""
        return reduce(getitem, location, self.value)

    def _written(self, location: Location) -> Location:
        """Cut a location off where the file has a scalar: `initializer: he` stands for its name."""
        value: Any = self.value
        for depth, step in enumerate(location):
            if not isinstance(value, dict | list):
                return location if value is None else location[:depth]
            children: dict[Any, Any] = value if isinstance(value, dict) else dict(enumerate(value))
            if step not in children:
                return location
            value = children[step]
        return location

    def _replacement(self, location: Location) -> str:
        """Return how to replace a whole section, if overriding its name left a key of the old variant behind."""
        section, name = location[:-1], (*location[:-1], "name")
        named = self.values.get(name)
        if named is None or named.origin != OVERRIDE or self._place(location, of_key=True).origin == OVERRIDE:
            return ""
        return f"; or replace the section: {OVERRIDE} '{dotted(section)}={{name: {self.at(name)}}}'"

    def _place(self, location: Location, *, of_key: bool) -> Place:
        if of_key and location in self.keys:
            return self.keys[location]
        while location and location not in self.values:
            location = location[:-1]
        return self.values.get(location, Place(1, 1, "configuration", "configuration"))
