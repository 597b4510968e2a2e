"""`nncli lab backprop`: what it prints in each format and on each screen, and what it refuses."""

import re
from dataclasses import replace

import pytest

from nncli.lab.lecture_graphs import EXAMPLES


@pytest.mark.parametrize("graph", EXAMPLES)
def test_each_graph_prints_both_passes(graph, nncli):
    shown = nncli("lab", "backprop", graph).out
    assert shown.index("\n\nForward pass") < shown.index("\nBackward pass")
    assert EXAMPLES[graph]["slide"][:30] in shown


def test_without_a_graph_it_shows_a_fan_out_with_each_term(nncli):
    values = [option for value in ("w=2", "x=3", "b=-6", "t=0") for option in ("--value", value)]
    lines = [line.split() for line in nncli("lab", "backprop", *values).out.splitlines()]
    assert ["w̄", "z̄", "x", "+", "R̄", "w", "0.575", "0.575"] in lines
    assert ["from", "z:", "z̄", "x", "0.375"] in lines
    assert ["from", "R:", "R̄", "w", "0.2"] in lines


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("graph", ["softmax", "mlp-vectorized"])
def test_matrices_stay_aligned_on_every_screen(graph, width, nncli, monkeypatch):
    monkeypatch.setattr("nncli.cli.console._WIDTH_OFF_TERMINAL", width)
    lines = nncli("lab", "backprop", graph).out.splitlines()
    start = lines.index("Backward pass")
    assert max(map(len, lines[start:])) <= width + 6  # a bar over a letter takes no room
    if width >= 80:
        assert re.match(r" error signal +formula +value +numerical derivative", lines[start + 2])
    rows = [line for line in lines[start:] if len(re.findall(r"-?\d\.\d+", line)) >= 2]
    ends = {match.end() for line in rows for match in re.finditer(r"-?\d\.\d+(?= |$)", line.replace("\u0304", ""))}
    assert len(ends) <= 8  # of the columns of all matrices together


@pytest.mark.parametrize(("form", "beginning"), [("markdown", "# softmax"), ("latex", r"\documentclass")])
def test_formats(form, beginning, nncli):
    assert nncli("lab", "backprop", "softmax", "--format", form).out.startswith(beginning)


def test_a_network_from_a_configuration(tmp_path, nncli, monkeypatch, digits):
    few = replace(digits["train"], name="synthetic-digits")
    monkeypatch.setattr("nncli.lab.backprop.load_digits", lambda *_, **named: few)
    (tmp_path / "small.yaml").write_text("model: {layers: [{units: 5}, {units: 10}]}\n")
    shown = nncli("lab", "backprop", "--config", "small.yaml", "--example", "7").out
    assert "training example 7 of synthetic-digits" in shown
    assert "5 x 784" in shown
    assert '"example": 0' in nncli("lab", "backprop", "--config", "small.yaml", "--json").out


def test_a_network_walks_on_the_data_of_its_configuration(nncli, config_file, digits_dir, monkeypatch):
    path = config_file(data={"dir": str(digits_dir)})
    assert "on training example 0 of idx (label " in nncli("lab", "backprop", "--config", path).out
    monkeypatch.setenv("NNCLI_DATA_DIR", "elsewhere")
    assert "elsewhere" in nncli("lab", "backprop", "--config", path).err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--value", "w"], 2, "not NAME=NUMBERS"),
        (["--value", "w=a"], 2, "'a' is not a number"),
        (["--value", "w=nan"], 2, "'nan' is not a number"),
        (["--value", "w=1e400"], 2, "not a number"),
        (["--value", "q=1"], 2, "the inputs of this graph are w, b, x, t, lambda"),
        (["--value", "w=1,2"], 2, "takes 1 number, not 2"),
        (["nothing"], 2, "nothing"),
        (["--config", "no.yaml", "--format", "latex"], 2, "cannot be used with --config"),
        (["softmax", "--config", "no.yaml"], 2, "cannot be used with --config"),
        (["regularized", "--config", "no.yaml"], 2, "cannot be used with --config"),
        (["softmax", "--example", "0"], 2, "--example requires --config"),
        (["--config", "no.yaml"], 3, "no.yaml"),
    ],
)
def test_what_is_refused(arguments, code, message, nncli):
    ended = nncli("lab", "backprop", *arguments)
    assert ended.code == code
    assert message in ended.err
