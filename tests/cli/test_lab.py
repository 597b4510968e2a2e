"""`nncli lab`: the list of demonstrations, and what each command prints, draws and refuses."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import get_type_hints

import pytest

from nncli.cli import lab
from nncli.lab.catalogue import DEMONSTRATIONS
from nncli.lab.demonstration import Illustrated

QUICK = {  # options for the demonstrations that take long without
    "neuron": ["--examples", "200", "--l2", "1"],
    "xor": ["--seeds", "2", "--steps", "20"],
    "features": ["--units", "4", "--epochs", "2"],
    "linear-collapse": ["--epochs", "1", "--hidden-units", "8", "--hidden-layers", "1"],
    "cost": ["--width", "16", "--width", "32", "--depth", "1", "--depth", "2", "--seconds", "0"],
    "second-order": ["--units", "4", "--evaluations", "5"],
    "plausibility": ["--units", "6", "--epochs", "2"],
}
ILLUSTRATED = [
    name for name, entry in lab.command.entries.items() if get_type_hints(entry.load())["return"] is Illustrated
]


@pytest.fixture(autouse=True)
def few_digits(request, monkeypatch, digits):
    """Let the demonstration that is named look at 300 generated digits."""
    if "name" in request.fixturenames:
        few = replace(digits["train"], name="synthetic-digits")
        name = request.getfixturevalue("name").replace("-", "_")
        monkeypatch.setattr(f"nncli.lab.{name}.load_digits", lambda *_: few, raising=False)


def test_the_list_imports_nothing_heavy():
    code = (
        "import sys; from nncli.cli.main import main; main(['lab', '--help']); main(['lab', '--json']);"
        "print([m for m in ('numpy', 'scipy', 'matplotlib', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_lab_lists_every_demonstration_with_its_slide(nncli):
    listed = json.loads(nncli("lab", "--json").out)
    assert {each["name"]: each["slide"] for each in listed} == {n: d.slide for n, d in DEMONSTRATIONS.items()}
    assert set(QUICK) <= set(DEMONSTRATIONS)
    shown = nncli("lab").out
    assert all(name in shown for name in DEMONSTRATIONS)


@pytest.mark.parametrize("name", DEMONSTRATIONS)
def test_each_prints_its_slide_and_its_report_or_one_json_document(name, nncli):
    ended = nncli("lab", name, *QUICK.get(name, []))
    assert ended.code == 0
    assert f'Lecture slide: "{DEMONSTRATIONS[name].slide}"' in ended.out
    document = json.loads(nncli("lab", name, *QUICK.get(name, []), "--json").out)
    assert document
    if isinstance(document, dict) and "dataset" in document:
        assert document["dataset"] == "synthetic-digits"
        assert "synthetic-digits" in ended.out


@pytest.mark.parametrize("name", ["activations", "backprop"])  # tests/lab and tests/figures draw the others
def test_a_figure_is_there_even_if_nobody_reads_the_rest(name, nncli, tmp_path, monkeypatch):
    def gone(*_arguments, **_options):
        raise BrokenPipeError

    monkeypatch.setattr("nncli.cli.demonstration.results", gone)
    ended = nncli("lab", name, *QUICK.get(name, []), "--output", "a.svg")
    assert ended.code == 0
    assert "wrote a.svg" in ended.err
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("name", sorted(set(DEMONSTRATIONS) - set(ILLUSTRATED)))
def test_the_others_have_no_figure(name, nncli):
    assert nncli("lab", name, "--output", "a.png").code == 2


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("activations", ["--at", "0.5"], "0.6225"),  # σ(1/2)
        ("features", [*QUICK["features"], "--direction", "135"], "all units to strokes at 135 degrees"),
        ("features", QUICK["features"], "'=~-' below zero, '+*#' above"),
        ("plausibility", QUICK["plausibility"], "direct_feedback_alignment has an error of"),
        ("plausibility", QUICK["plausibility"], "backprop reaches this error"),
        ("second-order", QUICK["second-order"], "L-BFGS reaches this loss"),
        ("universality", [], "verified: the network's output equals the function's value for all 8 inputs"),
    ],
)
def test_what_is_said(name, options, says, nncli):
    assert says in nncli("lab", name, *options).out


def test_a_wrong_expression_is_pointed_at(nncli):
    for name in ("circuit", "universality", "threshold-limit"):
        ended = nncli("lab", name, "a and ?")
        assert ended.code == 2
        assert ended.err.splitlines() == [
            "error: expression, character 7: '?' is not allowed here; see nncli lab circuit --help",
            "error:   a and ?",
            "error:         ^",
        ]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["universality", "a", "--bits", "01"], 2, "use only one of them"),
        (["circuit", "--bits", "011"], 2, "'--bits': number of outputs: 3"),
        (["universality", "1 or 0"], 2, "the expression has 0 variables"),
        (["circuit", "--table", "none.txt"], 4, "none.txt: cannot be read"),
        (["threshold-limit", "--scale", "0"], 2, "--scale"),
        (["activations", "--at", "nan"], 2, "--at"),
        (["activations", "--at", "1e9"], 2, "--at"),
        (["activations", "--output", "a.jpg"], 2, "'a.jpg' must end in .png"),
        (["neuron", "--output", "a"], 2, "'a' must end in .png"),
        (["neuron", "--digits", "3", "3"], 2, "choose two different digits"),
        (["neuron", "--data-dir", "nowhere"], 4, "nowhere"),
        (["linear-collapse", "--checkpoint", "nowhere"], 5, "nowhere"),
        (["cost", "--width", "64"], 2, "repeat --width"),
        (["cost", "--seconds", "nan"], 2, "--seconds"),
        (["features", "--direction", "181"], 2, "--direction"),
        (["plausibility", "--epochs", "0"], 2, "--epochs"),
        (["second-order", "--evaluations", "1"], 2, "--evaluations"),
    ],
)
def test_refusals(arguments, code, says, nncli):
    ended = nncli("lab", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert says in ended.err
    assert "Traceback" not in ended.err


def test_no_number_is_broken_where_the_screen_is_narrow(monkeypatch, nncli):
    monkeypatch.setattr("nncli.cli.console._WIDTH_OFF_TERMINAL", 40)
    lines = nncli("lab", "xor", "--seeds", "1", "--steps", "5").out.splitlines()
    assert max(map(len, lines)) <= 40
    assert any(line.split()[-1:] == ["never"] for line in lines)
