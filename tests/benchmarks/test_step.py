"""The breakdown of a training step, and the page that it is written to."""

import time
from pathlib import Path

import pytest

from experiments.benchmarks import breakdown, costs, peers, step, step_plot
from experiments.benchmarks.breakdown import BACKWARD, CATEGORIES, FORWARD, UPDATE, Clock
from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rows import Row
from nncli.data import synthetic
from nncli.engine import blas
from nncli.nn import affine


def test_a_call_within_another_counts_for_its_own_category_only(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 1.0, 5.0, 7.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    clock = Clock(inside=0.25, outside=0.5)
    clock.timed(clock.timed(lambda: None, FORWARD), UPDATE)()
    assert clock.seconds[FORWARD] == 4 - 0.25
    assert clock.seconds[UPDATE] == 7 - (4 + 0.5) - 0.25
    assert clock.nested == 7 + 0.5


@pytest.mark.parametrize("optimizer", ["adam"])
def test_every_category_of_a_step_is_reached_and_nncli_is_left_as_it_was(
    optimizer: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(breakdown, "CALLS", 100)
    row = Row((16, 12), 32, optimizer)
    found = breakdown.measure(row, Examples(*synthetic.generate(200, 1)), rounds=1)
    assert vars(affine)["matmul"] is blas.matmul
    assert set(found.parts) == set(CATEGORIES)
    assert all(found.parts[name] for name in CATEGORIES)
    assert found.total > found.parts[FORWARD] + found.parts[BACKWARD]
    step_plot.draw(tmp_path / "step.png", [found], {row.name: {"PyTorch": 0.8, "JAX scan": 1.1}})
    assert (tmp_path / "step.png").exists()


def test_the_page_has_a_place_for_every_table() -> None:
    names = ["facts", "step", *costs.SERIES]
    page = step.with_blocks(step.PAGE.read_text(encoding="utf-8"), {name: f"new {name}\n" for name in names})
    for name in names:
        assert f"<!-- make performance: {name} -->\n\nnew {name}\n\n<!-- end -->" in page
    with pytest.raises(ValueError, match="no place for 'speed'"):
        step.with_blocks(page, {"speed": ""})


def test_the_peers_are_read_from_the_table_of_ratios() -> None:
    page = (
        "| network | batch | optimizer | round | PyTorch |\n| --- | --: | --: | --: | --: |\n"
        "| 784-128-10 | 32 | sgd | epoch | 1.12 |\n\n"
        "| network | batch | optimizer | / PyTorch | / JAX scan | GFLOP/s |\n| --- | --: | --: | --: | --: | --: |\n"
        "| 784-128-10 | 32 | sgd | 0.52 | – | 34 |\n\ntext\n\n"
        "| network | / PyTorch |\n| --- | --: |\n| 784-128-10 | 2 |\n"
    )
    assert peers.parse(page) == {"784-128-10, batch 32, sgd": {"PyTorch": 0.52}}
