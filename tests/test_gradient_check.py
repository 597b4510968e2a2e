"""Gradient checks of configured networks: right ones pass, and a mistake in any one node is traced to its layer."""

from pathlib import Path

import pytest

from nncli.config.load import from_mapping, load
from nncli.engine.graph import Graph
from nncli.gradient_check import check_gradient
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.affine import Affine, Concatenate
from nncli.nn.arithmetic import Add
from nncli.nn.dropout import Dropout
from nncli.nn.losses import LOSSES
from nncli.nn.regularizers import L1Penalty, L2Penalty

FOLDER = Path(__file__).parents[1] / "experiments"
EXPERIMENTS = sorted(set(FOLDER.glob("*.yaml")) - {FOLDER / "literature.yaml"})


def config(activation="tanh", loss="cross_entropy", **settings):
    """Give a network that holds every kind of node that a configuration can ask for."""
    layers = [
        {"name": "low", "units": 6, "activation": "tanh", "dropout_probability": 0.3},
        {"name": "high", "units": 5, "activation": activation, "inputs": ["low", "input"]},
        {"name": "top", "units": 10},
    ]
    penalties = {"l2": 0.01, "l1": 0.01}
    return from_mapping({"model": {"layers": layers}, "loss": loss, "regularization": penalties} | settings)


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.name)
def test_every_experiment_passes(path):
    report = check_gradient(load(path).config, samples=3)
    assert report.problems() == []
    assert report.passed


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_activation_and_loss_passes(activation, loss):
    report = check_gradient(config(activation, loss), samples=3)
    assert report.passed
    assert [f"{each.layer}.{each.parameter}" for each in report.parameters] == [
        f"{layer}.{parameter}" for layer in ("low", "high", "top") for parameter in ("weights", "bias")
    ]
    assert {each.compared for each in report.parameters} == {4}


@pytest.mark.parametrize("rule", ["feedback_alignment", "direct_feedback_alignment"])
def test_another_credit_rule_is_set_aside(rule):
    assert check_gradient(config(training={"credit": rule})).passed


# kind of node, which one, the layer to name, what is asked of the network
NODES = [
    (Affine, "low.z", "low", {}),
    (Affine, "high.z", "high", {}),
    (Affine, "top.z", "top", {}),
    (Concatenate, "high.inputs", "high", {}),
    (Dropout, "low.dropout", "low", {}),
    (L2Penalty, "L2Penalty", "L2Penalty", {}),
    (L1Penalty, "L1Penalty", "L1Penalty", {}),
    (Add, "loss+L2Penalty", "loss+L2Penalty", {}),
    *((node, "high.y", "high", {"activation": name}) for name, node in ACTIVATIONS.items()),
    *((node, "loss", "loss", {"loss": name}) for name, node in LOSSES.items()),
]


@pytest.mark.parametrize(
    ("kind", "name", "layer", "settings"), NODES, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_bug_in_one_node_is_traced_to_its_layer(monkeypatch, kind, name, layer, settings):
    right = kind.backward

    def wrong(self):
        right(self)
        if self.name == name:
            for parent, d_parent in zip(self.parents, self.d_parents, strict=True):
                if parent.needs_error:
                    d_parent += 0.01

    monkeypatch.setattr(kind, "backward", wrong)
    report = check_gradient(config(**settings))
    assert not report.passed
    assert {(fault.layer, fault.node, fault.kind) for fault in report.faults} == {(layer, name, kind.__name__)}
    assert any(f"layer {layer}: {kind.__name__} '{name}'" in line for line in report.problems())


@pytest.mark.parametrize(
    ("parent", "parameters"), [(0, {"high.weights"}), (1, {"low.weights", "low.bias"}), (2, {"high.bias"})]
)
def test_the_parameters_that_suffer_are_named(monkeypatch, parent, parameters):
    right = Affine.backward

    def wrong(self):
        right(self)
        if self.name == "high.z":
            self.d_parents[parent][...] *= 1.001

    monkeypatch.setattr(Affine, "backward", wrong)
    report = check_gradient(config())
    assert {f"{each.layer}.{each.parameter}" for each in report.parameters if each.disagreements} == parameters
    assert {fault.node for fault in report.faults} == {"high.z"}
    assert report.problems()[0].startswith(sorted(parameters)[-1])


def test_contributions_that_are_not_added_up_are_no_node_s_fault(monkeypatch):
    def first_child_only(self):
        self.loss.error[...] = 1
        for node in reversed(self.differentiated):
            node.backward()

    monkeypatch.setattr(Graph, "backward", first_child_only)
    report = check_gradient(config())
    assert not report.passed
    assert report.faults == ()
    assert "added up" in report.problems()[-1]


def test_a_report_is_plain_values_and_the_same_for_the_same_seed():
    one, same = check_gradient(config(), seed=3).to_dict(), check_gradient(config(), seed=3).to_dict()
    assert one == same
    assert one["passed"]


def test_zero_weights_do_not_hide_a_mistake_below_them(monkeypatch):
    right = Affine.backward

    def wrong(self):
        right(self)
        if self.name == "low.z":
            self.d_parents[0][...] *= 1.001

    layers = [{"name": "low", "units": 6}, {"units": 10, "initializer": "zeros"}]
    monkeypatch.setattr(Affine, "backward", wrong)
    assert not check_gradient(from_mapping({"model": {"layers": layers}})).passed
