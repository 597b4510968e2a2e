"""Planted mistakes: the gradient check that the real nodes pass must see each of them."""

import numpy as np
import pytest

from nncli.engine.graph import Graph
from nncli.engine.parameters import Parameter
from nncli.nn.activations import ACTIVATIONS, HardThreshold, Linear, Logistic, ReLU, SoftReLU, Tanh
from nncli.nn.affine import Affine, Concatenate
from nncli.nn.arithmetic import Add, Cosine, Exp, Log, Multiply, Scale, Square, Subtract, Sum
from nncli.nn.dropout import Dropout
from nncli.nn.losses import CrossEntropy, LogisticCrossEntropy, SquaredError
from nncli.nn.regularizers import L1Penalty, L2Penalty

DROPOUT_FORWARD, BIND_ERRORS = Dropout.forward, Graph._bind_errors  # what two of the mutants build on


def everything(new_trial):
    """Give a trial and an objective that every node in nncli.nn has a part in."""
    trial = new_trial(first=(4, 3), bias=(4,), wide=(4, 3 + 4 * len(ACTIVATIONS)), square=(4, 4))
    x = trial.examples(3)
    z = trial.add(Affine(trial.leaf["first"], x, trial.leaf["bias"]))
    hidden = [trial.add(activation(z)) for activation in ACTIVATIONS.values()]
    joined = trial.add(Concatenate(x, *hidden))
    u = trial.add(Affine(trial.leaf["wide"], joined, trial.leaf["bias"]))
    v = trial.add(Dropout(u, 0.3, trial.dropout_rng))
    half_square = trial.add(Scale(trial.add(Square(v)), 0.5))
    wave = trial.add(Multiply(trial.add(Exp(trial.add(Scale(v, 0.3)))), trial.add(Cosine(v))))
    bent = trial.add(Log(trial.add(SoftReLU(u))))
    mixed = trial.add(Subtract(trial.add(Add(half_square, wave)), bent))
    logits = trial.add(Affine(trial.leaf["square"], mixed, trial.leaf["bias"]))
    outputs = trial.add(Affine(trial.leaf["square"], logits, trial.leaf["bias"]))
    targets = trial.targets(4)
    weights = [trial.leaf[name] for name in ("first", "wide", "square")]
    terms = [
        trial.add(CrossEntropy(outputs, targets)),
        trial.add(LogisticCrossEntropy(logits, targets)),
        trial.add(SquaredError(mixed, targets)),
        trial.add(Sum(trial.add(Square(outputs)))),
        trial.add(L2Penalty(0.3, *weights)),
        trial.add(L1Penalty(0.2, *weights)),
    ]
    objective = terms[0]
    for term in terms[1:]:
        objective = trial.add(Add(objective, trial.add(Scale(term, 0.7))))
    return trial, objective


def single(contribution):
    """Make a backward of one parent from a formula of the node and its parent's value."""

    def backward(self):
        self.d_parents[0][...] = contribution(self, self.parents[0].value)

    return backward


def pair(*contributions):
    """Make a backward of two parents from two formulas."""

    def backward(self):
        for parent, d_parent, contribution in zip(self.parents, self.d_parents, contributions, strict=True):
            if parent.needs_error:
                d_parent[...] = contribution(self)

    return backward


def affine(d_weights=None, d_x=None, d_bias=None):
    """Make a backward of Affine with one of its three formulas replaced."""

    def backward(self):
        e, W, x = self.error, self.weights.value, self.x.value
        self.d_parents[0][...] = (d_weights or (lambda e, W, x: e @ x.T))(e, W, x)
        self.d_parents[1][...] = (d_x or (lambda e, W, x: W.T @ e))(e, W, x)
        self.d_parents[2][...] = (d_bias or (lambda e, W, x: e.sum(axis=1)))(e, W, x)

    return backward


def square(matrix):
    return matrix.shape[0] == matrix.shape[1]


def penalty(contribution):
    """Make a backward of a penalty from a formula of the node and one weight matrix."""

    def backward(self):
        for weights, d_weights in zip(self.parents, self.d_parents, strict=True):
            d_weights[...] = contribution(self, weights.value)

    return backward


def affine_forward_without_bias(self):
    np.matmul(self.weights.value, self.x.value, out=self.value)


def concatenate_to(rows_of):
    """Make a backward of Concatenate that hands part k the rows that `rows_of` says, or 0 for None."""

    def backward(self):
        for k, (part, d_part) in enumerate(zip(self.parents, self.d_parents, strict=True)):
            if part.needs_error:
                rows = rows_of(self, k)
                d_part[...] = 0 if rows is None else self.error[rows]

    return backward


def logistic(z):
    return 1 / (1 + np.exp(-z))


def first_batch_size(self):
    """Give the size of the first batch this loss met: stale after a rebinding."""
    self.__dict__.setdefault("first_size", self.batch_size)
    return self.first_size


def dropout_backward_with_a_new_mask(self):
    kept = self.rng.random(self.mask.shape) >= self.drop_probability
    self.d_parents[0][...] = kept * self.error / (1 - self.drop_probability)


def dropout_forward_unscaled(self):
    DROPOUT_FORWARD(self)
    np.multiply(self.mask != 0, self.x.value, out=self.value)


def cosine_with_a_stale_sine(self):
    """Take the sine of the first batch only, through the view of the buffer."""
    if not hasattr(self, "computed"):
        np.sin(self.x.value, out=self.sine)
        self.computed = True
    self.d_parents[0][...] = -self.error * self.sine


def backward_pass(accumulate, seed=1.0):
    """Make a Graph.backward with another treatment of fan-out."""

    def backward(self):
        self.loss.error[...] = seed
        for node in reversed(self.differentiated):
            accumulate(node)
            node.backward()

    return backward


def overwrite(node):
    for contribution in node.fan_out:
        node.error[...] = contribution


def add_twice(node):
    for contribution in node.fan_out:
        node.error += 2 * contribution


def add_first_only(node):
    for contribution in node.fan_out[:1]:
        node.error += contribution


def average(node):
    for contribution in node.fan_out:
        node.error += contribution
    node.error /= 1 + len(node.fan_out)


def backward_accumulating_too_late(self):
    self.loss.error[...] = 1
    for node in reversed(self.differentiated):
        node.backward()
        for contribution in node.fan_out:
            node.error += contribution


def bind_errors_last_writer_wins(self):
    BIND_ERRORS(self)
    for child, k, parent in self._contributions:
        child.d_parents[k] = parent.error


def bind_errors_keeping_old_fan_out(self):
    old = {node: node.fan_out for node in self.differentiated if isinstance(node, Parameter)}
    BIND_ERRORS(self)
    for node, fan_out in old.items():
        node.fan_out = fan_out + node.fan_out


MUTANTS = {
    "linear: sign": (Linear, "backward", single(lambda s, z: -s.error)),
    "relu: lets everything through": (ReLU, "backward", single(lambda s, z: s.error)),
    "relu: mask of the error signal": (ReLU, "backward", single(lambda s, z: s.error * (s.error > 0))),
    "relu: negative side": (ReLU, "backward", single(lambda s, z: s.error * (z < 0))),
    "soft relu: derivative at y, not z": (SoftReLU, "backward", single(lambda s, z: s.error * logistic(s.value))),
    "soft relu: no chain rule": (SoftReLU, "backward", single(lambda s, z: logistic(z))),
    "hard threshold: straight through": (HardThreshold, "backward", single(lambda s, z: s.error)),
    "logistic: z for y": (Logistic, "backward", single(lambda s, z: s.error * z * (1 - z))),
    "logistic: forgot 1 - y": (Logistic, "backward", single(lambda s, z: s.error * s.value)),
    "tanh: z for y": (Tanh, "backward", single(lambda s, z: s.error * (1 - z**2))),
    "tanh: forgot the square": (Tanh, "backward", single(lambda s, z: s.error * (1 - s.value))),
    "affine: forgot the bias": (Affine, "backward", affine(d_bias=lambda e, W, x: 0)),
    "affine: bias averaged": (Affine, "backward", affine(d_bias=lambda e, W, x: e.mean(axis=1))),
    "affine: bias over the wrong axis": (
        Affine,
        "backward",
        affine(d_bias=lambda e, W, x: np.resize(e.sum(axis=0), len(e))),
    ),
    "affine: W for its transpose": (
        Affine,
        "backward",
        affine(d_x=lambda e, W, x: (W if square(W) else W.T) @ e),
    ),
    "affine: transposed product": (
        Affine,
        "backward",
        affine(d_weights=lambda e, W, x: x @ e.T if square(W) else e @ x.T),
    ),
    "affine: missing 1/N": (Affine, "backward", affine(d_weights=lambda e, W, x: e @ x.T / x.shape[1])),
    "affine: first example only": (Affine, "backward", affine(d_weights=lambda e, W, x: e[:, :1] @ x[:, :1].T)),
    "affine: bias not added": (Affine, "forward", affine_forward_without_bias),
    "concatenate: order of the parts": (
        Concatenate,
        "backward",
        concatenate_to(lambda s, k: s.rows[0 if k == 0 else -k]),
    ),
    "concatenate: first part only": (
        Concatenate,
        "backward",
        concatenate_to(lambda s, k: s.rows[0] if k == 0 else None),
    ),
    "add: sign": (Add, "backward", pair(lambda s: s.error, lambda s: -s.error)),
    "add: halves": (Add, "backward", pair(lambda s: s.error / 2, lambda s: s.error / 2)),
    "subtract: sign": (Subtract, "backward", pair(lambda s: s.error, lambda s: s.error)),
    "multiply: derivative of the wrong variable": (
        Multiply,
        "backward",
        pair(lambda s: s.error * s.a.value, lambda s: s.error * s.b.value),
    ),
    "scale: forgot the factor": (Scale, "backward", single(lambda s, x: s.error)),
    "square: forgot the 2": (Square, "backward", single(lambda s, x: s.error * x)),
    "exp: x for v": (Exp, "backward", single(lambda s, x: s.error * x)),
    "log: 1/v for 1/x": (Log, "backward", single(lambda s, x: s.error / s.value)),
    "cosine: sign": (Cosine, "backward", single(lambda s, x: s.error * np.sin(x))),
    "cosine: stale workspace after rebinding": (Cosine, "backward", cosine_with_a_stale_sine),
    "sum: averaged": (Sum, "backward", single(lambda s, x: s.error / x.size)),
    "cross entropy: missing 1/N": (
        CrossEntropy,
        "backward",
        single(lambda s, z: s.error * (s.work - s.targets.value)),
    ),
    "cross entropy: sign": (
        CrossEntropy,
        "backward",
        single(lambda s, z: s.error * (s.targets.value - s.work) / s.batch_size),
    ),
    "cross entropy: forgot the targets": (
        CrossEntropy,
        "backward",
        single(lambda s, z: s.error * s.work / s.batch_size),
    ),
    "cross entropy: softmax over the batch": (
        CrossEntropy,
        "backward",
        single(lambda s, z: s.error * (np.exp(z) / np.exp(z).sum(axis=1)[:, None] - s.targets.value) / s.batch_size),
    ),
    "cross entropy: N of an earlier batch": (
        CrossEntropy,
        "backward",
        single(lambda s, z: s.error * (s.work - s.targets.value) / first_batch_size(s)),
    ),
    "squared error: forgot the 1/2": (
        SquaredError,
        "backward",
        single(lambda s, y: 2 * s.error * (y - s.targets.value) / s.batch_size),
    ),
    "squared error: averaged over units too": (
        SquaredError,
        "backward",
        single(lambda s, y: s.error * (y - s.targets.value) / y.size),
    ),
    "squared error: its own error signal": (
        SquaredError,
        "backward",
        single(lambda s, y: (y - s.targets.value) / s.batch_size),
    ),
    "logistic cross entropy: z for y": (
        LogisticCrossEntropy,
        "backward",
        single(lambda s, z: s.error * (z - s.targets.value) / s.batch_size),
    ),
    "logistic cross entropy: y' twice": (
        LogisticCrossEntropy,
        "backward",
        single(lambda s, z: s.error * (y := logistic(z)) * (1 - y) * (y - s.targets.value) / s.batch_size),
    ),
    "l2: forgot λ": (L2Penalty, "backward", penalty(lambda s, w: s.error * w)),
    "l2: forgot the 1/2": (L2Penalty, "backward", penalty(lambda s, w: 2 * s.error * s.strength * w)),
    "l1: forgot λ": (L1Penalty, "backward", penalty(lambda s, w: s.error * np.sign(w))),
    "l1: |w| for its sign": (L1Penalty, "backward", penalty(lambda s, w: s.error * s.strength * np.abs(w))),
    "dropout: mask not applied": (Dropout, "backward", single(lambda s, x: s.error)),
    "dropout: another mask": (Dropout, "backward", dropout_backward_with_a_new_mask),
    "dropout: mask not scaled": (Dropout, "backward", single(lambda s, x: s.error * (s.mask != 0))),
    "dropout: values not scaled": (Dropout, "forward", dropout_forward_unscaled),
    "graph: first child only": (Graph, "backward", backward_pass(lambda node: None)),
    "graph: second child and no more": (Graph, "backward", backward_pass(add_first_only)),
    "graph: last child only": (Graph, "backward", backward_pass(overwrite)),
    "graph: children counted twice": (Graph, "backward", backward_pass(add_twice)),
    "graph: children averaged": (Graph, "backward", backward_pass(average)),
    "graph: children added too late": (Graph, "backward", backward_accumulating_too_late),
    "graph: starts from 2": (
        Graph,
        "backward",
        backward_pass(lambda node: [np.add(node.error, further, out=node.error) for further in node.fan_out], seed=2.0),
    ),
    "graph: children share one array": (Graph, "_bind_errors", bind_errors_last_writer_wins),
    "graph: fan-out kept over a rebinding": (Graph, "_bind_errors", bind_errors_keeping_old_fan_out),
}


def test_everything_passes_unmutated(new_trial):
    trial, objective = everything(new_trial)
    assert trial.disagreements(objective, 5, 3, 5) == []


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_mistake_is_caught(new_trial, monkeypatch, mutant):
    owner, method, mistake = MUTANTS[mutant]
    monkeypatch.setattr(owner, method, mistake)
    trial, objective = everything(new_trial)
    assert trial.disagreements(objective, 5, 3)


@pytest.mark.parametrize("leaf", ["first", "wide", "square", "bias", "x"])
def test_the_report_names_the_leaf_that_disagrees(new_trial, monkeypatch, leaf):
    trial, objective = everything(new_trial)
    real_backward = Graph.backward

    def backward(self):
        real_backward(self)
        next(node for node in self.nodes if node.name == leaf).error[...] *= 1.01

    monkeypatch.setattr(Graph, "backward", backward)
    found = trial.disagreements(objective, 3)
    assert {disagreement.name for disagreement in found} == {leaf}
    assert all(0.009 < disagreement.relative_error < 0.011 for disagreement in found)
