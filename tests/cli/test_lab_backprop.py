"""`nncli lab backprop`: what it prints in each format, and what it refuses."""

import json

import pytest

from nncli.cli.labs.backprop import GRAPHS
from nncli.cli.main import main
from nncli.data.load import load
from nncli.lab.lecture_graphs import EXAMPLES

MODEL = "model: {layers: [{units: 5}, {units: 10}]}\n"


def test_the_graphs_are_the_lectures_examples():
    assert tuple(EXAMPLES) == GRAPHS


@pytest.mark.parametrize("graph", GRAPHS)
def test_each_graph_prints_both_passes(graph, capsys):
    assert main(["lab", "backprop", graph]) == 0
    shown = capsys.readouterr().out
    assert shown.index("Forward pass") < shown.index("Backward pass")
    assert EXAMPLES[graph].slide[:30] in shown


def test_without_a_graph_it_shows_a_fan_out_with_each_term(capsys):
    assert main(["lab", "backprop", "--value", "w=2", "--value", "x=3", "--value", "b=-6", "--value", "t=0"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["w̄", "z̄", "x", "+", "R̄", "w", "0.575", "0.575"] in lines
    assert ["from", "z:", "z̄", "x", "0.375"] in lines
    assert ["from", "R:", "R̄", "w", "0.2"] in lines


def test_json_has_every_digit(capsys):
    assert main(["lab", "backprop", "chain-rule", "--value", "t=0.5", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [step["name"] for step in document["steps"]] == ["t", "x", "y", "u", "v", "f"]
    # sympy: diff(t**2 + exp(t**2 * cos(t)), t) at 1/2
    assert document["steps"][0]["error"] == pytest.approx(1.9436145028373329, rel=1e-14)


@pytest.mark.parametrize(("form", "beginning"), [("markdown", "# softmax"), ("latex", r"\documentclass")])
def test_formats(form, beginning, capsys):
    assert main(["lab", "backprop", "softmax", "--format", form]) == 0
    assert capsys.readouterr().out.startswith(beginning)


def test_a_network_from_a_configuration(tmp_path, capsys, monkeypatch):
    digits = load("synthetic-digits", "test")
    monkeypatch.setattr("nncli.lab.digits.load_digits", lambda split, directory: digits)
    (tmp_path / "small.yaml").write_text(MODEL)
    assert main(["lab", "backprop", "--config", str(tmp_path / "small.yaml"), "--example", "7"]) == 0
    shown = capsys.readouterr().out
    assert "training example 7 of synthetic-digits" in shown
    assert "5 x 784" in shown
    assert main(["lab", "backprop", "--config", str(tmp_path / "small.yaml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["example"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--value", "w"], 2, "not NAME=NUMBERS"),
        (["--value", "w=a"], 2, "'a' is not a number"),
        (["--value", "w=nan"], 2, "'nan' is not a number"),
        (["--value", "w=1e400"], 2, "not a number"),
        (["--value", "q=1"], 2, "this example's are w, b, x, t, lambda"),
        (["--value", "w=1,2"], 2, "takes 1 number, not 2"),
        (["nothing"], 2, "nothing"),
        (["--config", "no.yaml", "--format", "latex"], 2, "not to --config"),
        (["softmax", "--config", "no.yaml"], 2, "not to --config"),
        (["regularized", "--config", "no.yaml"], 2, "not to --config"),
        (["softmax", "--example", "0"], 2, "--example belongs to --config"),
        (["--config", "no.yaml"], 3, "no.yaml"),
    ],
)
def test_what_is_refused(arguments, code, message, capsys):
    assert main(["lab", "backprop", *arguments]) == code
    assert message in capsys.readouterr().err
