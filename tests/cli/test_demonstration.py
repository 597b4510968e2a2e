"""The command made of a demonstration's `run`: its options, what `run` receives, one thread, and how errors end."""

import json
import sys
import types
from pathlib import Path
from typing import Annotated, Literal

import pytest
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

from nncli.cli import lab
from nncli.cli.lazy import Entry
from nncli.errors import OptionError
from nncli.lab.catalogue import DEMONSTRATIONS, Demonstration
from nncli.lab.demonstration import DataDir, Option, Progress, Report, Seed, Strong, Table, Verbatim, numbers


def run(
    name: Annotated[str | None, Option(flag="NAME", choices=("one", "two"))] = None,
    count: Annotated[int, Option("How many.", minimum=1, maximum=9)] = 3,
    rates: Annotated[tuple[float, ...], Option("Rates; repeatable.", flag="--rate", minimum=0)] = (0.5, 1.0),
    pair: Annotated[tuple[int, int], Option("Two digits.", minimum=0, maximum=9)] = (4, 9),
    form: Annotated[Literal["plain", "fancy"], Option("The form.")] = "plain",
    words: Annotated[tuple[str, ...], Option("Words; repeatable.", flag="--word", metavar="TEXT")] = (),
    data_dir: DataDir = None,
    seed: Seed = 1,
    progress: Progress = lambda _: None,
) -> Report:
    """Give back what was given.

    More about it.

    Example:
      nncli lab toy --count 2
    """
    if count == 9:
        raise OptionError("9 is too many with this NAME")
    if words == ("wrong",):
        raise OptionError("'wrong' is no word", "--word")
    progress("half done")
    values = {key: str(value) if isinstance(value, Path) else value for key, value in locals().items()}
    values["progress"] = sorted({each["num_threads"] for each in threadpool_info()})
    return Report(
        ["given:", Strong("strong"), Verbatim("x" * 200), Table([*numbers("a"), "b"], [(1, "c")], "title")], values
    )


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    """Add the demonstration above: a module, and a row of the catalogue."""
    module = types.ModuleType("nncli_test_toy")
    vars(module)["run"] = run
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(DEMONSTRATIONS, "toy", Demonstration("A slide", "It gives back."))
    monkeypatch.setitem(lab.command.entries, "toy", Entry("nncli_test_toy:run", "It gives back."))


def test_without_options_run_receives_its_defaults_on_one_thread(nncli):
    ended = nncli("lab", "toy", "--json")
    assert json.loads(ended.out) == {
        "name": None, "count": 3, "rates": [0.5, 1.0], "pair": [4, 9], "form": "plain", "words": [],
        "data_dir": None, "seed": 1, "progress": [1],
    }  # fmt: skip
    assert ended.err == "half done\n"


def test_options_are_passed_in_the_types_declared(nncli, monkeypatch):
    monkeypatch.setenv("NNCLI_DATA_DIR", "somewhere")
    options = "two --count 2 --rate 2 --rate 0.25 --pair 0 1 --form fancy --word a --word b --seed 0 --json"
    document = json.loads(nncli("lab", "toy", *options.split()).out)
    assert list(document.values())[:8] == ["two", 2, [2.0, 0.25], [0, 1], "fancy", ["a", "b"], "somewhere", 0]


def test_the_report_stands_under_its_title_and_slide(nncli):
    lines = nncli("lab", "toy").out.splitlines()
    assert lines[:5] == ["It gives back.", 'Lecture slide: "A slide"', "", "given:", "strong"]
    assert "x" * 200 in lines


def test_the_help_has_the_summary_of_the_catalogue_and_the_rest_of_the_docstring(nncli):
    shown = nncli("lab", "toy", "--help").out
    for line in ("It gives back.", "More about it.", "    nncli lab toy --count 2", "[default: 3;", "NNCLI_DATA_DIR"):
        assert line in shown
    assert "Give back" not in shown
    assert "--output" not in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["three"], "'three' is not one of 'one', 'two'"),
        (["--count", "10"], "1<=x<=9"),
        (["--rate", "nan"], "not a finite number"),
        (["--pair", "1", "11"], "0<=x<=9"),
        (["--count", "9"], "9 is too many"),
        (["--word", "wrong"], "Invalid value for '--word': 'wrong' is no word"),
    ],
)
def test_wrong_options_end_with_2_and_point_to_the_help(arguments, says, nncli):
    ended = nncli("lab", "toy", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert "nncli lab toy --help" in ended.err


def test_a_status_says_what_takes_long(nncli, monkeypatch):
    said = []

    class Status:
        def __init__(self, console, text):
            said.append(text)

        def __enter__(self):
            return said.append

        def __exit__(self, *_):
            said.append("erased")

    monkeypatch.setattr("nncli.cli.demonstration.status", Status)
    nncli("lab", "toy")
    assert said == ["computing toy", "erased"]
