"""The format of numbers and tables."""

import pytest

from experiments.benchmarks import tables
from experiments.benchmarks.comparison import Measurement
from experiments.benchmarks.rows import DEEP, Row


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_throughput_says_what_a_round_was_and_leaves_out_what_is_absent() -> None:
    measurement = Measurement(Row(DEEP, 128), 36, 50_000, seconds={"nncli": [30.0, 31.0, 29.0]})
    head, _, row = cells(tables.throughput([measurement], ["nncli", "PyTorch"]))
    assert dict(zip(head, row, strict=True)) == {
        "network": "784-2500-2000-1500-1000-500-10",
        "batch": "128",
        "optimizer": "sgd",
        "round": "36 steps (9%)",
        "nncli": "30.0",
        "PyTorch": "–",
    }


@pytest.mark.parametrize(("loss", "text"), [(1.00001, "1e-05"), (1.5, "**5e-01: not the same work**")])
def test_ratios_name_unequal_work(loss: float, text: str) -> None:
    measurement = Measurement(
        Row((128,), 128),
        391,
        50_000,
        seconds={"nncli": [1.0], "PyTorch": [2.0]},
        losses={"nncli": [1.0], "PyTorch": [loss]},
        products=[102.4e9],
    )
    head, _, row = cells(tables.ratios([measurement], ["nncli", "PyTorch"]))
    named = dict(zip(head, row, strict=True))
    assert (named["/ PyTorch"], named["GFLOP/s"], named["losses differ by"]) == ("0.50", "20", text)
    assert named["of sgemm"] == "20%"
