"""`nncli gradcheck`: what it prints, its exit code, and the layer it names."""

import json
import re

import pytest

from nncli.cli.main import main
from nncli.nn.activations import Tanh

MODEL = "model: {layers: [{name: low, units: 6, activation: tanh}, {name: top, units: 10}]}\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "small.yaml").write_text(MODEL)
    return str(tmp_path / "small.yaml")


@pytest.fixture
def wrong_tanh(monkeypatch):
    right = Tanh.backward

    def wrong(self):
        right(self)
        self.d_parents[0][...] *= 1.01

    monkeypatch.setattr(Tanh, "backward", wrong)


def test_a_right_gradient_exits_0(path, capsys):
    assert main(["gradcheck", path]) == 0
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    (row,) = (line for line in lines if line[:2] == ["low", "weights"])
    assert (row[2:6], row[7]) == (["6", "x", "784", "6"], "agree")
    assert "the gradient agrees" in shown
    largest, place = re.findall(r"largest relative error: (\S+) at (.*)", shown.splitlines()[-1])[0]
    assert float(largest) == max(float(line[-2]) for line in lines if line[-1:] == ["agree"]) < 1e-6
    assert re.fullmatch(r"(low|top)\.(weights\[\d+, \d+\]|bias\[\d+\]|\w+ along a random direction)", place)


def test_a_wrong_gradient_exits_1_and_names_layer_parameter_and_node(path, capsys, wrong_tanh):
    assert main(["gradcheck", path]) == 1
    captured = capsys.readouterr()
    assert "6 DISAGREE" in captured.out
    assert captured.err.splitlines()[-1].startswith(
        f"error: {path}: the gradient with respect to low.weights, low.bias"
    )
    assert "low.bias: disagreements in 6 of 6 derivatives; the worst is at low.bias" in captured.err
    assert "layer low: Tanh 'low.y' passes the wrong error signal to 'low.z'" in captured.err
    assert "top" not in captured.err


def test_json_is_one_document_either_way(path, capsys, wrong_tanh):
    assert main(["gradcheck", path, "--json", "--samples", "2"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert not document["passed"]
    assert document["faults"][0]["layer"] == "low"
    assert document["largest"]["relative_error"] == pytest.approx(0.0099, abs=1e-4)
    assert document["largest"]["name"].startswith("low.")
    assert document["parameters"][0]["largest"]["name"] == "low.weights"


def test_another_credit_rule_is_said_to_be_no_gradient(path, capsys):
    assert main(["gradcheck", path, "--set", "training.credit=feedback_alignment", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["passed"]
    assert "feedback_alignment, but gradcheck always checks backprop" in captured.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--samples", "0"], 2, "--samples"),
        (["--tolerance", "nan"], 2, "--tolerance"),
        (["--set", "loss=x"], 3, "--set loss=x"),
        (["--set", "regularization.l2=1e308"], 1, "error: the loss is not finite"),
    ],
)
def test_what_is_refused(path, arguments, code, message, capsys):
    assert main(["gradcheck", path, *arguments]) == code
    assert message in capsys.readouterr().err
