"""Circuits as networks: exact for random functions and expressions, unit by unit, and no larger than they need be."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.lab import circuit
from nncli.lab.boolean.function import of_options, outputs
from nncli.lab.boolean.gates import compiled


def values_of(text):
    return circuit.run(text).values


def test_exact_on_every_input_of_200_random_functions(random_bits):
    for bits in random_bits:
        values, function = circuit.run(bits=bits).values, of_options(None, None, bits, default="")
        computed = outputs(compiled(function).network(), function.inputs())
        assert computed.tolist() == list(map(int, bits))
        assert (values["mistakes"], values["inputs"]) == (0, len(bits))
        assert values["size"]["units"] <= values["universal"]["units"]


operands = st.recursive(
    st.sampled_from(["a", "b", "c", "d", "0", "1"]),
    lambda inner: (
        inner.map("(1 - {})".format) | st.tuples(inner, st.sampled_from("&|^"), inner).map(lambda t: f"({' '.join(t)})")
    ),
    max_leaves=15,
)


@given(operands)
def test_an_expression_computes_what_python_does(text):
    text = f"({text} & a) ^ b"
    function = of_options(text.replace("1 - ", "not "), None, None, default="")
    names = function.variables
    rows = list(itertools.product([0, 1], repeat=len(names)))
    expected = [eval(text, {}, dict(zip(names, row, strict=True))) for row in rows]
    assert outputs(compiled(function).network(), np.array(rows, bool).T).tolist() == expected
    assert circuit.run(function.text).values["mistakes"] == 0


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
    assert [tuple(unit.values()) for unit in values_of(text)["units"]] == units


def test_what_occurs_twice_is_one_unit():
    units = values_of("((a or b) and c) xor ((a or b) and d)")["units"]
    assert [unit["formula"] for unit in units].count("a OR b") == 1


def test_parity_stays_small_where_one_hidden_layer_grows_exponentially():
    by_expression = circuit.run(f"xor({', '.join(f'x{k}' for k in range(1, 11))})").values
    by_bits = circuit.run(bits="".join("01"[k.bit_count() % 2] for k in range(1 << 10))).values
    for values in (by_expression, by_bits):
        assert values["size"]["units"] == 27  # three for each of nine XORs
        assert values["universal"]["units"] == 513
        assert values["mistakes"] == 0


def test_sizes_written_out():
    values = values_of("a xor b xor c")
    assert values["size"] == {"layers": 4, "units": 6, "weights": 12}
    assert values["universal"] == {"layers": 2, "units": 5, "weights": 16}
    network = compiled(of_options("a xor b xor c", None, None, default="")).network()
    assert [layer.inputs for layer in network.layers] == [
        ("input",), ("hidden1",), ("input", "hidden2"), ("hidden3",),
    ]  # fmt: skip


def test_units_beyond_the_first_forty_are_counted():
    parts = circuit.run(f"xor({', '.join(f'x{k}' for k in range(15))})").parts
    assert "and 2 more" in parts


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_figure_has_each_unit_with_its_weights_and_its_bias():
    shown = texts(circuit.run("a and not b").draw())
    assert sorted(shown) == ["+1", "-1", "a", "b", "b = -0.5", "y = a AND NOT b"]
    many = circuit.run(f"xor({', '.join(f'x{k}' for k in range(15))})").draw()
    assert "the first 40 of 42 units" in many.texts[1].get_text()
    long = texts(circuit.run(f"and({', '.join(f'x{k}' for k in range(9))})").draw())
    assert "x0 AND x1 AND x2 AND x3…" in long
