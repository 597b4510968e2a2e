"""RESULTS.md and its sections."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from experiments.benchmarks import report
from experiments.benchmarks.comparison import Measurement
from experiments.benchmarks.parts.company import COMPANIES, lay_out
from experiments.benchmarks.parts.part import PARTS, Plan, left_out
from experiments.benchmarks.rows import DEEP, Row
from experiments.benchmarks.targets import targets


@pytest.fixture
def dates() -> Iterator[int]:
    return count(1)


def measure(path: Path, dates: Iterator[int], names: list[str], *, keep: bool) -> dict[str, str]:
    report.write(names, lambda name: f"measured {name}\n", lambda: f"- date: {next(dates)}\n", path, keep=keep)
    return report.parse(path.read_text(encoding="utf-8"))[1]


def test_one_part_is_measured_again_and_the_others_are_kept_with_their_dates(
    tmp_path: Path, dates: Iterator[int]
) -> None:
    path = tmp_path / "RESULTS.md"
    before = measure(path, dates, list(PARTS), keep=False)
    assert list(before) == [part.heading for part in PARTS.values()]
    after = measure(path, dates, ["commands"], keep=True)
    changed = after.pop("Whole commands")
    assert f"- date: {len(PARTS) + 1}\n" in changed
    before.pop("Whole commands")
    assert after == before


def test_a_first_part_makes_the_page_and_a_whole_run_makes_it_anew(tmp_path: Path, dates: Iterator[int]) -> None:
    path = tmp_path / "RESULTS.md"
    assert list(measure(path, dates, ["images"], keep=True)) == ["Images per second"]
    assert list(measure(path, dates, ["epochs"], keep=True)) == ["Seconds per epoch", "Images per second"]
    assert list(measure(path, dates, ["company"], keep=False)) == ["Shared processors"]


def test_a_shortened_part_says_what_it_leaves_out(tmp_path: Path) -> None:
    whole, short = (Plan(False, rounds, None, tmp_path) for rounds in (PARTS["epochs"].rounds, 1))
    assert left_out("epochs", whole, "", "") == ""
    assert left_out("epochs", short, "without a peer") == (
        f"**Shortened measurement**: without a peer; 1 of {PARTS['epochs'].rounds} rounds.\n\n"
    )


def test_company_is_compared_with_one_alone_in_the_same_round() -> None:
    times = {each: [2.0, 4.0] for each in COMPANIES} | {COMPANIES[1]: [4.0, 12.0]}
    cells = [cell.strip() for cell in lay_out(times).splitlines()[3].strip("|").split("|")]
    assert cells == ["two runs", "8.00", "12.0", "2.50", "3.00"]


def test_the_targets_are_computed_from_the_rows_that_have_them() -> None:
    def measurement(row: Row, **seconds: float) -> Measurement:
        return Measurement(row, 1, 100, seconds={name.replace("_", " "): [each] for name, each in seconds.items()})

    measured = [
        measurement(Row((128,), 32), nncli=2.0, JAX_scan=1.0, limit=0.2),
        measurement(Row((1200, 1200), 128), nncli=1.0, JAX_scan=2.0, PyTorch=4.0, limit=0.8),
        measurement(Row(DEEP, 512), nncli=1.0, PyTorch=2.0, limit=0.7),
    ]
    deep = Row(DEEP, 512).network
    share = f"share of the limit, lowest of 784-1200-1200-10 and {deep} at batches of 128 and 512"
    assert targets(measured).splitlines() == [
        "- nncli / JAX scan, geometric mean of 2 rows: 1.00",
        "- nncli / JAX scan, highest: 2.00 (784-128-10, batch 32, sgd)",
        f"- nncli / PyTorch, highest: 0.50 ({deep}, batch 512, sgd)",
        f"- {share}: 70% ({deep}, batch 512, sgd)",
    ]
