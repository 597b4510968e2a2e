"""The comparison of several runs: the settings that differ, and a test of each pair."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from nncli.data.sources import differing
from nncli.evaluation.comparison import LEVEL, McNemar, holm, mcnemar
from nncli.runs.groups import Run, grouped
from nncli.runs.outcome import Outcome
from nncli.runs.settings import differences


@dataclass(frozen=True, eq=False)
class Pair:
    """The test of two runs; `adjusted` is the p-value adjusted for the number of tests."""

    first: Run
    second: Run
    result: McNemar
    adjusted: float

    @property
    def differ(self) -> bool:
        """Whether the two can be told apart."""
        return self.adjusted < LEVEL

    @property
    def sentence(self) -> str:
        """The result in words."""
        a, b, found = self.first.label, self.second.label, self.result
        if not found.only_first + found.only_second:
            return f"{a} and {b} cannot be told apart: they misclassify the same {_images(found.both)}."
        better = a if found.only_first < found.only_second else b
        verdict = f"so {better} is better" if self.differ else "so the difference may be chance"
        return (
            f"{a} and {b} {'can' if self.differ else 'cannot'} be told apart: of {_images(found.examples)}, only {a} "
            f"misclassifies {found.only_first:,} and only {b} {found.only_second:,}. If both were equally good, a "
            f"split at least as uneven would have probability {probability(found.p_value)}, {verdict}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the test as plain JSON values."""
        return {
            "first": str(self.first.path),
            "second": str(self.second.path),
            "examples": self.result.examples,
            "only_first_wrong": self.result.only_first,
            "only_second_wrong": self.result.only_second,
            "both_wrong": self.result.both,
            "test": "exact binomial" if self.result.exact else "chi-squared with continuity correction",
            "p_value": self.result.p_value,
            "adjusted_p_value": self.adjusted,
            "differ": self.differ,
            "sentence": self.sentence,
        }


class Comparison:
    """Several runs in groups, with what differs in their configurations and a test of each pair of runs."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self.groups = grouped(runs)

    @property
    def datasets(self) -> str:
        """The names of the data that the runs were trained on."""
        return ", ".join(sorted({run.inputs.dataset for run in self.runs}))

    @cached_property
    def differences(self) -> dict[str, list[Any]]:
        """Map each setting that differs to its value in each group."""
        return differences([group.runs[0].config for group in self.groups])

    @property
    def common(self) -> str:
        """A sentence for runs whose settings do not differ."""
        if len(self.groups) > 1:
            return "The configurations do not differ, but the runs were trained on different data."
        return "The configurations differ in nothing but the seed."

    @cached_property
    def pairs(self) -> list[Pair]:
        """Test each pair of runs that were tested on the same images."""
        found = [
            (first, second, mcnemar(first.tested.wrong, second.tested.wrong))
            for first, second in combinations(self.runs, 2)
            if first.tested and second.tested and _same_images(first.tested, second.tested)
        ]
        adjusted = holm([result.p_value for _, _, result in found])
        return [Pair(*each, p_value) for each, p_value in zip(found, adjusted, strict=True)]

    def conclusions(self) -> Iterator[str]:
        """Yield a sentence for each pair of runs, or for each group and pair of groups that have several."""
        groups = {id(run): group for group in self.groups for run in group.runs}
        cases: dict[tuple[str, str], list[Pair]] = {}
        for pair in self.pairs:
            case = (groups[id(pair.first)].label, groups[id(pair.second)].label)
            cases.setdefault(case, []).append(pair)
        for (first, second), pairs in cases.items():
            yield pairs[0].sentence if len(pairs) == 1 else _summarized(first, second, pairs)

    @property
    def note(self) -> str:
        """What the p-values and the conclusions mean."""
        return (
            f"Each p is that of a single test; the conclusions allow for the number of tests, {len(self.pairs)} "
            f"(Holm's method, {LEVEL:.0%} level). A test compares two trained networks; it takes several seeds to "
            "compare configurations."
        )

    @property
    def omission(self) -> str:
        """The number of pairs without a test, and why they have none; empty if there are none."""
        count = len(self.runs) * (len(self.runs) - 1) // 2 - len(self.pairs)
        what = "1 pair of runs was" if count == 1 else f"{count} pairs of runs were"
        why = "McNemar's test needs the predictions of both runs for the same test images"
        return f"{what} not tested: {why}." if count else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values."""
        return {
            "groups": [group.to_dict() for group in self.groups],
            "differences": self.differences,
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


def probability(p_value: float) -> str:
    """Return a p-value with two significant digits, such as 0.034."""
    return f"{p_value:.2g}" if p_value >= 1e-4 else f"{p_value:.1e}" if p_value >= 1e-99 else "< 1e-99"


def _same_images(first: Outcome, second: Outcome) -> bool:
    return first.data is second.data or not differing(first.data.sha256, second.data.sha256)


def _summarized(first: str, second: str, pairs: Sequence[Pair]) -> str:
    """Return the tests of several pairs of runs, of one group or of two, in one sentence."""
    apart, total = sum(pair.differ for pair in pairs), len(pairs)
    smallest = min(pair.result.p_value for pair in pairs)
    if first == second:
        what = f"Of the {total} pairs of seeds of {first}, {apart or 'none'} can be told apart"
        return f"{what} (the smallest p-value is {probability(smallest)})."
    if not apart:
        return f"{first} and {second} cannot be told apart in any of {total} pairs of runs."
    wins = sum(pair.result.only_first < pair.result.only_second for pair in pairs if pair.differ)
    better, times = (first, wins) if wins * 2 >= apart else (second, apart - wins)
    what = f"{first} and {second} can be told apart in {apart} of {total} pairs of runs"
    return f"{what}; {better} is better in {times} of them."


def _images(count: int) -> str:
    return f"{count:,} test image" + "s"[: count != 1]
