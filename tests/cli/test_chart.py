"""Charts of learning curves: on one scale, side by side, and within the terminal."""

import io

import pytest
from rich.console import Console

from nncli.cli.chart import print_charts

FALLING = ("falling", [1, 2, 3], [0.1, 0.03, 0.01])
FLAT = ("a flat curve with a name that is too long for its chart", [1, 2, 3], [0.1, 0.1, 0.1])


def shown(*curves, width=80, encoding="utf-8"):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    print_charts(Console(file=stream, width=width, legacy_windows=False), "errors", curves)
    stream.seek(0)
    title, blank, *lines = stream.read().splitlines() or ["errors", ""]
    assert (title, blank) == ("errors", "")
    return lines


def test_curves_share_a_scale_from_the_largest_to_the_smallest_error():
    lines = shown(FALLING, FLAT)
    assert lines[0].startswith("falling")
    assert lines[0].endswith("…")
    assert lines[1].split()[0] == lines[1].split()[2] == "10.00%"
    assert lines[6].split()[0] == "1.00%"
    assert lines[1].count("⠉") > 30
    assert lines[7].split() == ["epoch", "1", "3", "epoch", "1", "3"]


@pytest.mark.parametrize(("width", "blocks"), [(20, 6), (60, 3), (80, 3), (200, 1)])
def test_as_many_as_fit_are_side_by_side(width, blocks):
    lines = shown(*[FALLING] * 6, width=width)
    assert sum("falling" in line for line in lines) == blocks
    assert max(map(len, lines)) <= max(width, 27)


def test_a_terminal_without_unicode_gets_stars():
    lines = shown(FALLING, encoding="ascii")
    assert [line.count("*") > 0 for line in lines[1:7]] == [True] * 6


def test_nothing_but_zeros_has_no_logarithm():
    assert shown(("perfect", [1], [0.0]), ("none", [], [])) == []
    assert len(shown(("one", [1], [0.5]), ("none", [], []))) == 9
