"""`nncli lab` cost, features, plausibility and second-order: what they print, draw and refuse, on drawn digits."""

import json
import sys
from dataclasses import replace
from importlib.util import find_spec

import pytest

from nncli.cli.main import main
from nncli.data.load import load

PNG = b"\x89PNG\r\n"
SMALL = {
    "cost": ["--width", "16", "--width", "32", "--depth", "1", "--depth", "2", "--seconds", "0"],
    "features": ["--units", "4", "--epochs", "2"],
    "plausibility": ["--units", "6", "--epochs", "2"],
    "second-order": ["--units", "4", "--evaluations", "5"],
}
NEEDS = {
    "second-order": pytest.mark.skipif(find_spec("scipy") is None, reason="the extra second-order is not installed")
}
ALL = [pytest.param(name, marks=NEEDS.get(name, ())) for name in SMALL]


@pytest.fixture(autouse=True)
def few_digits(monkeypatch):
    digits = load("synthetic-digits", "test")
    few = replace(digits, images=digits.images[:300], labels=digits.labels[:300])
    monkeypatch.setattr("nncli.lab.digits.load_digits", lambda split, directory=None: few)


@pytest.mark.parametrize("name", ALL)
def test_prints_tables_and_draws_a_picture(name, tmp_path, capsys):
    picture = tmp_path / "picture.png"
    assert main(["lab", name, *SMALL[name], "--output", str(picture)]) == 0
    captured = capsys.readouterr()
    assert "Lecture slide:" in captured.out
    assert name == "cost" or "synthetic-digits" in captured.out
    assert picture.read_bytes().startswith(PNG)
    assert str(picture) in captured.err


@pytest.mark.parametrize("name", ALL)
def test_the_picture_is_drawn_even_if_nobody_reads_the_tables(name, tmp_path, monkeypatch):
    def gone(*_arguments, **_options):
        raise BrokenPipeError

    monkeypatch.setattr("nncli.cli.pipes.Results.print", gone)
    picture = tmp_path / "picture.png"
    assert main(["lab", name, *SMALL[name], "--output", str(picture)]) == 0
    assert picture.read_bytes().startswith(PNG)


@pytest.mark.parametrize("name", ALL)
def test_json_is_one_document(name, capsys):
    assert main(["lab", name, *SMALL[name], "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.get("dataset", "synthetic-digits") == "synthetic-digits"


def test_features_names_the_unit_and_its_direction(capsys):
    assert main(["lab", "features", *SMALL["features"], "--direction", "135"]) == 0
    assert "prefers strokes at 135 degrees" in capsys.readouterr().out


def test_plausibility_says_how_much_more_slowly(capsys):
    assert main(["lab", "plausibility", *SMALL["plausibility"]]) == 0
    shown = capsys.readouterr().out
    assert "direct_feedback_alignment ends at" in shown
    assert "backprop is there" in shown


def test_second_order_without_scipy_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    assert main(["lab", "second-order", *SMALL["second-order"]]) == 1
    assert "pip install 'nncli[second-order]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cost", "--width", "64"], "give --width twice"),
        (["cost", "--depth", "2", "--depth", "2"], "give --depth twice"),
        (["cost", "--seconds", "nan"], "--seconds"),
        (["features", "--direction", "181"], "--direction"),
        (["features", "--units", "1"], "--units"),
        (["plausibility", "--epochs", "0"], "--epochs"),
        (["second-order", "--evaluations", "1"], "--evaluations"),
    ],
)
def test_what_is_refused(arguments, message, capsys):
    assert main(["lab", *arguments]) == 2
    assert message in capsys.readouterr().err
