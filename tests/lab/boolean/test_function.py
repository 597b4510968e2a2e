"""Boolean functions from expressions, bits and files."""

import numpy as np
import pytest

from nncli.errors import DataError, OptionError
from nncli.lab.boolean import function
from nncli.lab.boolean.expression import parse


def test_inputs_count_in_binary_with_the_first_variable_in_front():
    table = function.of_bits("01101001")
    assert table.variables == ("x1", "x2", "x3")
    assert table.inputs().T.astype(int).tolist() == [
        [0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1],
    ]  # fmt: skip
    assert table.ones == 4


def test_an_expression_and_its_bits_are_one_table():
    table = function.of_expression(parse("x1 and not x2 or 0"))
    assert table.variables == ("x1", "x2")
    assert np.array_equal(table.outputs, function.of_bits("0010").outputs)


@pytest.mark.parametrize(
    ("text", "variables", "bits"),
    [
        ("a b | y\n0 0 | 0\n0 1 | 1\n1 0 | 1\n1 1 | 0\n", ("a", "b"), "0110"),
        ("a,b,y\n1,1,1\n0,0,0\n1,0,0\n0,1,0\n", ("a", "b"), "0001"),  # in any order
        ("# the lecture's\nx1 x2 t\n\n-1 -1 -1 # first\n-1 1 1\n1 -1 1\n+1 1 -1\n", ("x1", "x2"), "0110"),
        ("| a | y |\n| 0 | 1 |\n| 1 | 0 |", ("a",), "10"),
    ],
)
def test_files(tmp_path, text, variables, bits):
    path = tmp_path / "table.txt"
    path.write_text(text)
    table = function.read(path)
    assert table.variables == variables
    assert "".join(str(int(bit)) for bit in table.outputs) == bits


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "table.txt: empty; write a line of names"),
        (b"# nothing\n", "table.txt: empty; write a line of names"),
        (b"0 1 | 1\n", "table.txt:1: '0' is not a name"),
        (b"a a | y\n", "table.txt:1: number of names: 3; name 1 to 16 variables"),
        (b"y\n1\n", "table.txt:1: number of names: 1"),
        (b"a b | y\n0 0 0\n0 1\n", "table.txt:3: number of cells: 2; expected 3"),
        (b"a | y\n0 0\n1 2\n", "table.txt:3: '2' is neither 0"),
        (b"a | y\n0 0\n\n0 1\n", "table.txt:4: the input 0 is listed twice"),
        (b"a b | y\n0 0 0\n1 0 0\n", "2 of 4 inputs; the first missing one is 0 1"),
        (b"\xff\xfe", "table.txt: not a text file"),
    ],
)
def test_a_wrong_file_is_refused_at_its_line(tmp_path, content, says):
    path = tmp_path / "table.txt"
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        function.read(path)
    assert says in str(raised.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        function.read(tmp_path / "none.txt")


@pytest.mark.parametrize("bits", ["", "0", "011", "0120", "1" * (1 << 17)])
def test_bits_that_are_no_table(bits):
    with pytest.raises(OptionError, match=r"neither 0 nor 1|number of outputs") as raised:
        function.of_bits(bits)
    assert raised.value.option == "--bits"


@pytest.mark.parametrize("text", ["1 or 0", " or ".join(f"x{k}" for k in range(17))])
def test_an_expression_of_no_or_too_many_variables(text):
    with pytest.raises(OptionError, match="variables; a truth table needs 1 to 16"):
        function.of_expression(parse(text))


def test_a_function_is_given_in_one_way():
    assert function.of_options(None, None, None, default="b AND a").text == "b and a"
    assert function.of_options(None, None, "0110", default="a").text == "bits 0110"
    with pytest.raises(OptionError, match="use only one of them"):
        function.of_options("a", None, "01", default="a")
