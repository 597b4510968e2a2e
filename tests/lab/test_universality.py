"""The universal construction: exact for random functions, and as large as it says."""

import pytest

from nncli.lab import universality
from nncli.lab.boolean.network import mistakes, outputs


def test_exact_on_every_input_of_200_random_functions(random_functions):
    for function in random_functions:
        table = function.table
        values = universality.report(function).values
        network = universality.build(table)
        assert outputs(network, table.inputs(), false=-1).tolist() == [1 if bit else -1 for bit in table.outputs]
        zeros = table.outputs.tolist().count(False)
        assert values["hidden_units"] == min(zeros, len(table.outputs) - zeros)
        assert (values["mistakes"], values["inputs"]) == (0, len(table.outputs))


@pytest.mark.parametrize(
    ("bits", "output_weight", "output_bias"),
    [("0010", 2.0, -1.0), ("1101", -2.0, 1.0)],  # x1 AND NOT x2, and its negation
)
def test_the_units_of_a_function_written_out(bits, output_weight, output_bias):
    values = universality.run(bits=bits).values
    assert values["listed"] == [{"weights": [1, -1], "bias": -1.5, "output_weight": output_weight}]
    assert (values["output_bias"], values["responds_to"], values["weights"]) == (output_bias, -output_bias, 3)


@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_the_size_of_blocks_changes_nothing(monkeypatch, block):
    monkeypatch.setattr("nncli.lab.boolean.network.BLOCK_VALUES", block)
    assert universality.run(bits="0110100110010110").values["mistakes"] == 0


def test_a_mistake_is_counted():
    table = universality.of_options(None, None, "0110", default="").table
    network = universality.build(table)
    network.parameters.value("hidden.weights")[0, 0] *= -1
    assert mistakes(network, table, false=-1).tolist() == [1, 3]
