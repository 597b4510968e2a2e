"""The space of a sweep: one dimension for each key, and the points of a grid, a Sobol sequence or a random sample."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nncli.config.locations import Location, leaves

Kind = Literal["choices", "log", "uniform", "integers", "log_integers"]
Stored = str | int | float | bool
Point = dict[str, Stored]
"""Key -> value as Optuna stores it; `Dimension.decode` returns the value for the configuration."""


@dataclass(frozen=True)
class Dimension:
    """The values that a key may have.

    Attributes:
        key: key as for `--set`, such as `model.layers[0].units`.
        location: location of the key in a configuration.
        kind: `choices`, or a range of numbers that is uniform in the value or in its logarithm.
        values: the choices, or the two ends of the range.
        points: number of values from a range in a grid; 0 for every integer.
    """

    key: str
    location: Location
    kind: Kind
    values: tuple[Any, ...]
    points: int = 0

    @property
    def stored(self) -> tuple[Stored, ...]:
        """The choices as Optuna stores them: scalars of any kind, or JSON if one of them is not a scalar."""
        plain = all(isinstance(each, str | int | float) for each in self.values)
        return self.values if plain else tuple(json.dumps(each) for each in self.values)

    def decode(self, stored: Stored) -> Any:  # noqa: ANN401 - any YAML value
        """Return a stored value as it is written in a configuration."""
        return self.values[self.stored.index(stored)] if self.kind == "choices" else stored

    def encode(self, value: Any) -> Stored | None:  # noqa: ANN401 - any YAML value
        """Return a configuration's value as it is stored, or None if it is not one of the dimension's values."""
        if self.kind == "choices":
            return self.stored[self.values.index(value)] if value in self.values else None
        low, high = self.values
        is_number = isinstance(value, int if "integers" in self.kind else int | float) and not isinstance(value, bool)
        return value if is_number and low <= value <= high else None

    def at(self, share: float) -> Stored:
        """Return the value at a share of the range or of the list of choices; 0 <= share < 1."""
        if self.kind == "choices":
            return self.stored[int(share * len(self.values))]
        low, high = self.values
        if self.kind in ("integers", "log_integers"):
            low, high = low - 0.5, high + 0.5
        value = (
            math.exp(math.log(low) + share * math.log(high / low)) if "log" in self.kind else low + share * (high - low)
        )
        return self._fitted(value)

    def grid(self) -> tuple[Stored, ...]:
        """Return the values of a grid, in order."""
        if self.kind == "choices":
            return self.stored
        low, high = self.values
        if not self.points:
            return tuple(range(low, high + 1))
        steps = max(1, self.points - 1)
        ratio = high / low if low else 0
        spaced = (
            low * ratio ** (i / steps) if "log" in self.kind else low + (high - low) * i / steps
            for i in range(self.points)
        )
        return tuple(dict.fromkeys(map(self._fitted, spaced)))

    def _fitted(self, value: float) -> int | float:
        """Return a number of the range, without noise in its last digits."""
        low, high = self.values
        fitted = round(value) if "integers" in self.kind else float(f"{value:.12g}")
        return fitted if low <= fitted <= high else type(fitted)(low if fitted < low else high)


def size_of_grid(space: Sequence[Dimension]) -> int:
    """Return the number of points of the grid."""
    return math.prod(len(each.grid()) for each in space)


def grid_point(space: Sequence[Dimension], index: int) -> Point:
    """Return a point of the grid; the last key changes fastest."""
    import numpy as np

    grids = [each.grid() for each in space]
    places = np.unravel_index(index, [len(grid) for grid in grids])
    return {each.key: grid[place] for each, grid, place in zip(space, grids, places, strict=True)}


def random_point(space: Sequence[Dimension], seed: int, index: int) -> Point:
    """Return a point of a random sample; it depends on the seed and the index alone."""
    import numpy as np

    shares = np.random.default_rng([seed, index]).random(len(space))
    return {each.key: each.at(share) for each, share in zip(space, shares.tolist(), strict=True)}


def sobol_point(space: Sequence[Dimension], seed: int, index: int) -> Point:
    """Return a point of the scrambled Sobol sequence (Matoušek, Journal of Complexity 14, 1998)."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(space), rng=seed)
    if index:
        sequence.fast_forward(index)
    shares = sequence.random(1)[0]
    return {each.key: each.at(share) for each, share in zip(space, shares.tolist(), strict=True)}


def encoded(space: Sequence[Dimension], configuration: dict[str, Any]) -> Point | None:
    """Return the point of a configuration, or None if one of its values is missing or not in the space."""
    values = dict(leaves(configuration))
    point: Point = {}
    for each in space:
        stored = each.encode(values.get(each.location))
        if stored is None:
            return None
        point[each.key] = stored
    return point


def decoded(space: Sequence[Dimension], point: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point with its values as they are written in a configuration."""
    return {each.key: each.decode(point[each.key]) for each in space}
