"""The table of a sweep has every column on any terminal, and intervals of errors end at 100%."""

import io

import pytest
from rich.console import Console

from nncli.cli.sweep_table import table
from nncli.sweep.space import Dimension
from nncli.sweep.summary import Entry, Summary


@pytest.fixture
def summary():
    rate = Dimension("optimizer.learning_rate", ("optimizer", "learning_rate"), "choices", ("0.1", "0.2"))
    entry = Entry({rate.key: 0.1}, [0], [0.1, 0.4], 0.25, 0.2, (-1.5, 2.0), "completed", 1.0, ["host"], ["folder"])
    return Summary("sweep", "validation_error", "grid", 2, 1, [], [entry], {}, 1.0, 1.0, [rate])


@pytest.mark.parametrize("width", [40, 60, 110])
def test_a_narrow_terminal_shows_the_settings_too(summary, width):
    output = io.StringIO()
    console = Console(file=output, width=width)
    console.print(table(summary, console))
    shown = output.getvalue()
    assert all(cell in shown for cell in ("25.00%", " 0.00% to 100.00% ", "learning_rate", " 0.1 "))
    assert max(map(len, shown.splitlines())) <= width
