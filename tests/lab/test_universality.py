"""The universal construction: exact for random functions, and as large as it says."""

import itertools

import numpy as np
import pytest

from nncli.lab import universality
from nncli.lab.truth_table import of_bits


def test_exact_on_every_input_of_200_random_functions(random_tables):
    for table in random_tables:
        report, network = universality.run(table)
        columns = np.array(list(itertools.product([False, True], repeat=len(table.variables)))).T
        assert network.outputs(columns).tolist() == [1 if bit else -1 for bit in table.outputs.tolist()]
        zeros = table.outputs.tolist().count(False)
        assert report.hidden_units == min(zeros, len(table.outputs) - zeros)
        assert (report.mistakes, report.inputs) == (0, len(table.outputs))


def test_the_units_of_a_function_written_out():
    report, _ = universality.run(of_bits("0010"))  # x1 AND NOT x2
    assert [(unit.weights, unit.bias, unit.output_weight) for unit in report.listed] == [([1, -1], -1.5, 2.0)]
    assert (report.output_bias, report.responds_to, report.weights) == (-1.0, 1, 3)
    report, _ = universality.run(of_bits("1101"))
    assert [(unit.weights, unit.bias, unit.output_weight) for unit in report.listed] == [([1, -1], -1.5, -2.0)]
    assert (report.output_bias, report.responds_to) == (1.0, -1)


@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_the_size_of_blocks_changes_nothing(monkeypatch, block):
    monkeypatch.setattr("nncli.lab.boolean_network.BLOCK_VALUES", block)
    assert universality.run(of_bits("0110100110010110"))[0].mistakes == 0


def test_a_mistake_is_counted():
    table = of_bits("0110")
    _, network = universality.run(table)
    network.network.parameters.value("hidden.weights")[0, 0] *= -1
    assert network.mistakes(table).tolist() == [1, 3]
