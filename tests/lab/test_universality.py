"""The universal construction: exact for random functions, and as large as it says."""

import pytest

from nncli.lab import universality
from nncli.lab.boolean.function import misclassified, of_bits, outputs


def test_exact_on_every_input_of_200_random_functions(random_bits):
    for bits in random_bits:
        values, table = universality.run(bits=bits).values, of_bits(bits)
        network = universality.build(table)
        assert outputs(network, table.inputs(), false=-1).tolist() == [1 if bit == "1" else -1 for bit in bits]
        assert values["hidden_units"] == min(bits.count("0"), bits.count("1"))
        assert (values["mistakes"], values["inputs"]) == (0, len(bits))


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
    monkeypatch.setattr("nncli.lab.boolean.function.BLOCK_VALUES", block)
    assert universality.run(bits="0110100110010110").values["mistakes"] == 0


def test_an_error_is_found():
    table = of_bits("0110")
    network = universality.build(table)
    network.parameters.value("hidden.weights")[0, 0] *= -1
    assert misclassified(network, table, false=-1).tolist() == [1, 3]


def test_the_figure_has_each_hidden_unit_with_its_weights_and_its_bias():
    figure = universality.run(bits="0010").draw()
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert shown == ["x1", "x2", "+1", "-1", "h1", "fires for (+1, -1)", "b = -1.5", "+2", "y", "b = -1"]
    many = universality.run(bits="01" * 32).draw()
    assert "the first 16 of 32 hidden units" in many.texts[1].get_text()
