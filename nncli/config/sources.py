"""The raw configuration, gathered from a file and overrides, with the place each part of it came from."""

from dataclasses import dataclass, field
from typing import Any

from nncli.config.locations import MAX_PROBLEMS, Location, Problem, dotted

OVERRIDE = "--set"
_LAST_LINE = 1 << 62


@dataclass(frozen=True)
class Place:
    """Where something was written: its rank in the order of reading, and its name in full and in short."""

    line: int
    column: int
    label: str  # begins an error
    origin: str  # as `config show` prints it

    @classmethod
    def in_file(cls, name: str, line: int, column: int) -> "Place":
        """Name a place in a file, `mlp.yaml:7:17`."""
        label = f"{name}:{line}:{column}"
        return cls(line, column, label, label)

    @classmethod
    def beside_file(cls, origin: str, given: str) -> "Place":
        """Name what an option or a variable gave, `--set seed=3`; it ranks behind every file."""
        short = given if len(given) <= 80 else f"{given[:77]}..."
        return cls(_LAST_LINE, 0, f"{origin} {short if short.isprintable() else repr(short)}", origin)


@dataclass
class Sources:
    """Raw values with the places of their keys and values, and what is already known to be wrong."""

    value: Any
    values: dict[Location, Place] = field(default_factory=dict)
    keys: dict[Location, Place] = field(default_factory=dict)
    problems: list[tuple[Place, str]] = field(default_factory=list)
    refused: set[Location] = field(default_factory=set)

    def forget(self, location: Location) -> None:
        """Drop the places at and below a location that is about to be written anew."""
        for places in (self.values, self.keys):
            for below in [each for each in places if each[: len(location)] == location]:
                del places[below]
        self.refused = {each for each in self.refused if each[: len(location)] != location}

    def refuse(self, place: Place, location: Location, text: str) -> None:
        """Note that what stands at a location is wrong; validation then passes over it."""
        self.problems.append((place, f"{dotted(location)}: {text}" if location else text))
        self.refused.add(location)

    def lines(self, found: list[Problem]) -> list[str]:
        """Give every problem as `place: key: what is wrong`, in the order of the file."""
        located = list(self.problems)
        for problem in found:
            written = self._written(problem.location)
            if not any(written[:length] in self.refused for length in range(1, len(written) + 1)):
                key = dotted(written)
                place = self._place(written, of_key=problem.of_key)
                text = problem.text + (self._replacement(written) if problem.of_variant else "")
                located.append((place, f"{key}: {text}" if key else text))
        lines = [f"{place.label}: {text}" for place, text in sorted(located, key=_rank)]
        return lines if len(lines) <= MAX_PROBLEMS else [*lines[:MAX_PROBLEMS], "and more; mend these first"]

    def origin(self, location: Location, resolved: object) -> str:
        """Say where a resolved value came from: `file:line:column`, an option, a variable or `default`."""
        written = self._written(location)
        if written not in self.values:
            return "default"
        raw = self.at(written)
        if raw is None or (written != location and raw != resolved):
            return "default"
        origin = self.values[written].origin
        return f"{origin}, alias {raw}" if isinstance(raw, str) and raw != resolved else origin

    def at(self, location: Location) -> Any:  # noqa: ANN401 - what YAML may hold
        """Give the raw value at a location that exists."""
        value = self.value
        for step in location:
            value = value[step]
        return value

    def _written(self, location: Location) -> Location:
        """Cut a location off where the text holds a scalar: `initializer: he` stands for its name."""
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
        """Say how to replace a whole section, where an override of its name left behind a key of the earlier one."""
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


def _rank(problem: tuple[Place, str]) -> tuple[int, int]:
    return problem[0].line, problem[0].column
