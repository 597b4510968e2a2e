"""Circuits as networks: exact for random functions and expressions, unit by unit, and no larger than they need be."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.lab import circuit, truth_table
from nncli.lab.parser import parse


def compiled(text):
    expression = parse(text)
    return circuit.run(truth_table.of_expression(expression), expression)


def test_exact_on_every_input_of_200_random_functions(random_tables):
    for table in random_tables:
        report, network = circuit.run(table)
        columns = np.array(list(itertools.product([False, True], repeat=len(table.variables)))).T
        assert network.outputs(columns).tolist() == table.outputs.astype(int).tolist()
        assert (report.mistakes, report.inputs) == (0, len(table.outputs))
        assert report.size.units <= report.universal.units


operands = st.recursive(
    st.sampled_from(["a", "b", "c", "d", "0", "1"]),
    lambda inner: (
        inner.map("(1 - {})".format) | st.tuples(inner, st.sampled_from("&|^"), inner).map(lambda t: f"({' '.join(t)})")
    ),
    max_leaves=15,
)


@settings(deadline=None)
@given(operands)
def test_an_expression_computes_what_python_does(text):
    text = f"({text} & a) ^ b"
    report, network = compiled(text.replace("1 - ", "not "))
    rows = list(itertools.product([0, 1], repeat=len(report.variables)))
    expected = [eval(text, {}, dict(zip(report.variables, row, strict=True))) for row in rows]
    assert network.outputs(np.array(rows, bool).T).tolist() == expected
    assert report.mistakes == 0


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("a and b", [("y", "output", "a AND b", {"a": 1, "b": 1}, -1.5)]),
        ("a or b or c", [("y", "output", "a OR b OR c", {"a": 1, "b": 1, "c": 1}, -0.5)]),
        ("not a", [("y", "output", "NOT a", {"a": -1}, 0.5)]),
        ("a", [("y", "output", "a", {"a": 1}, -0.5)]),
        ("not (a and b)", [("y", "output", "NOT a OR NOT b", {"a": -1, "b": -1}, 1.5)]),
        ("a and not a", [("y", "output", "0", {}, -0.5)]),
        ("a or 1", [("y", "output", "1", {}, 0.5)]),
        ("(a xor a) xor not b", [("y", "output", "NOT b", {"b": -1}, 0.5)]),
        (
            "a xor b",  # the lecture's own network
            [
                ("h1", "hidden1", "a OR b", {"a": 1, "b": 1}, -0.5),
                ("h2", "hidden1", "a AND b", {"a": 1, "b": 1}, -1.5),
                ("y", "output", "h1 AND NOT h2", {"h1": 1, "h2": -1}, -0.5),
            ],
        ),
        (
            "(a and b) or not (a and b and c)",
            [
                ("h1", "hidden1", "a AND b", {"a": 1, "b": 1}, -1.5),
                ("h2", "hidden1", "a AND b AND c", {"a": 1, "b": 1, "c": 1}, -2.5),
                ("y", "output", "h1 OR NOT h2", {"h1": 1, "h2": -1}, 0.5),
            ],
        ),
        ("h1 and y", [("y__", "output", "h1 AND y", {"h1": 1, "y": 1}, -1.5)]),
    ],
)
def test_units_weights_and_biases(text, units):
    report, _ = compiled(text)
    assert [(u.name, u.layer, u.formula, u.weights, u.bias) for u in report.units] == units


def test_what_occurs_twice_is_one_unit():
    report, _ = compiled("((a or b) and c) xor ((a or b) and d)")
    assert [unit.formula for unit in report.units].count("a OR b") == 1


def test_parity_stays_small_where_one_hidden_layer_grows_exponentially():
    expression = parse(f"xor({', '.join(f'x{k}' for k in range(1, 11))})")
    table = truth_table.of_expression(expression)
    for report in (circuit.run(table, expression)[0], circuit.run(table)[0]):
        assert report.size.units == 27  # three for each of nine XORs
        assert report.universal.units == 513
        assert report.mistakes == 0


def test_sizes_written_out():
    report, network = compiled("a xor b xor c")
    assert (report.size.layers, report.size.units, report.size.weights) == (4, 6, 12)
    assert (report.universal.layers, report.universal.units, report.universal.weights) == (2, 5, 16)
    assert [layer.inputs for layer in network.network.layers] == [
        ("input",), ("hidden1",), ("input", "hidden2"), ("hidden3",),
    ]  # fmt: skip
