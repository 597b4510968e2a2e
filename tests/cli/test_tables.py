"""Tables on wide and narrow screens."""

import io

import pytest
from rich.console import Console

from nncli.cli.tables import print_table
from nncli.lab.demonstration import numbers

MATRIX = "   0.5  -0.25\n-1e-09      2"


def printed(width, *arguments, **options):
    output = io.StringIO()
    console = Console(file=output, width=width, markup=False, highlight=False, emoji=False)
    print_table(console, *arguments, **options)
    return [line.rstrip() for line in output.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize("width", [30, 200])
def test_a_cell_of_several_lines_stays_aligned_in_a_table(width):
    lines = printed(width, ["W", *numbers("value")], [("W1", MATRIX), ("b", "7")])
    first = next(line for line in lines if "0.5" in line)
    second = lines[lines.index(first) + 1]
    assert first.index("-0.25") + len("-0.25") == second.index("2") + 1
    assert max(map(len, lines)) <= 30


def test_a_cell_of_several_lines_stays_aligned_in_a_list():
    lines = printed(20, ["name", *numbers("value", "numeric")], [("W1", MATRIX, MATRIX)])
    assert lines == [
        "name: W1",
        "value:",
        "     0.5  -0.25",
        "  -1e-09      2",
        "numeric:",
        "     0.5  -0.25",
        "  -1e-09      2",
    ]


def test_an_empty_cell_has_no_line_in_a_list():
    assert printed(12, ["a long header", *numbers("other")], [("", "1234567890")]) == ["other:", "1234567890"]


def test_columns_that_do_not_fit_follow_below_beside_the_first():
    rows = [(k, f"{k}.000000", f"{k}.111111", f"{k}.222222") for k in (1, 2)]
    lines = printed(26, numbers("z", "first", "second", "third"), rows, "title", split=True)
    assert lines[0] == "title"
    assert [line.split() for line in lines if "─" not in line][1:] == [
        ["z", "first", "second"],
        ["1", "1.000000", "1.111111"],
        ["2", "2.000000", "2.111111"],
        ["z", "third"],
        ["1", "1.222222"],
        ["2", "2.222222"],
    ]
