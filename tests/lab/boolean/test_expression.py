"""Boolean expressions: what is read, against Python's own operators, and where errors point."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.errors import ExpressionError
from nncli.lab.boolean.expression import Operation, evaluate, parse, variables, write

NAMES = ("a", "b", "x2", "x10", "_y")


def truth(text, names):
    """Evaluate an expression for every input, in the order of a truth table."""
    rows = np.array(list(itertools.product([False, True], repeat=len(names))))
    return evaluate(parse(text), dict(zip(names, rows.T, strict=True))).astype(int).tolist()


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("a and not (b or c)", lambda a, b, c: a and not (b or c)),
        ("a or b and c", lambda a, b, c: a or (b and c)),
        ("a xor b and c", lambda a, b, c: a ^ (b and c)),
        ("a or b xor c", lambda a, b, c: a or (b ^ c)),
        ("not a or b and c", lambda a, b, c: (not a) or (b and c)),
        ("xor(a, b, c)", lambda a, b, c: (a + b + c) % 2),
        ("AND(a, OR(b, c), 1)", lambda a, b, c: a and (b or c)),
        ("or(a) xor (b) | c & False", lambda a, b, c: a ^ b),
        ("~a & b | !c ^ b", lambda a, b, c: ((not a) and b) or ((not c) ^ b)),
        ("a && b || c", lambda a, b, c: (a and b) or c),
        (" \t(a\n) and b and c ", lambda a, b, c: a and b and c),
    ],
)
def test_precedence_and_forms(text, python):
    expected = [int(python(*row)) for row in itertools.product([False, True], repeat=3)]
    names = ("a", "b", "c")
    assert truth(text, names) == expected


@pytest.mark.parametrize(
    ("text", "character", "says"),
    [
        ("", 1, "incomplete"),
        ("   ", 4, "incomplete"),
        ("not", 4, "incomplete"),
        ("a and (b", 7, "'(' was never closed"),
        ("a b", 3, "invalid syntax"),
        ("  a b", 5, "invalid syntax"),
        ("a)", 2, "unmatched ')'"),
        ("a and or b", 7, "invalid syntax"),
        ("a ? b", 3, "'?' is not allowed"),
        ("a and ÿ", 7, "'\\xff' is not allowed"),
        ("a + b", 3, "'+' is not allowed"),
        ("a or 12", 6, "expected a name"),
        ("a and b(c)", 7, "expected a name"),
        ("xor()", 1, "expected a name"),
        ("a or (b, c)", 6, "expected a name"),
        ("a or is", 6, "Python keyword"),
        ("not " * 70 + "a", 245, "nested operations"),
        ("a or " * 3000, 4_001, "at most 4,000 characters"),
    ],
)
def test_errors_point_at_the_character(text, character, says):
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    message, shown, caret = raised.value.lines
    assert message.startswith(f"expression, character {character}: ")
    assert says in message
    position = len(caret) - 1
    assert caret == " " * position + "^"
    assert position - 2 == (character - 1 if shown.startswith("  ") else 35)
    if shown.startswith("  "):
        assert shown[2:] == text[:70]


def test_variables_stand_in_natural_order():
    assert variables(parse("x10 and x2 or b xor a and x02 and a")) == ("a", "b", "x02", "x2", "x10")


def test_as_many_operators_as_an_expression_may_have():
    longest = parse("&".join("a" * 2000))
    assert isinstance(longest, Operation)
    assert len(longest.operands) == 2000


@pytest.mark.parametrize(
    ("text", "operands"),
    [
        ("a and b and c", ("a", "b", "c")),
        ("(a and b) and c", (Operation("and", ("a", "b")), "c")),
        ("a and (b and c)", ("a", Operation("and", ("b", "c")))),
    ],
)
def test_brackets_are_kept(text, operands):
    assert parse(text) == Operation("and", operands)


expressions = st.recursive(
    st.sampled_from(NAMES) | st.booleans(),
    lambda inner: (
        inner.map(lambda x: Operation("not", (x,)))
        | st.builds(
            Operation, st.sampled_from(["and", "or", "xor"]), st.lists(inner, min_size=1, max_size=3).map(tuple)
        )
    ),
    max_leaves=12,
)


def in_python(expression):
    """Write an expression with Python's operators on 0 and 1, every pair in brackets."""
    match expression:
        case bool():
            return str(int(expression))
        case str():
            return expression
        case Operation("not", (x,)):
            return f"(1 - {in_python(x)})"
    symbol = {"and": "&", "or": "|", "xor": "^"}[expression.operator]
    return f"({f' {symbol} '.join(map(in_python, expression.operands))})"


@given(expressions)
def test_what_is_written_is_read_again(expression):
    assert parse(write(expression)) == expression


@given(expressions)
def test_evaluation_is_pythons(expression):
    rows = list(itertools.product([0, 1], repeat=len(NAMES)))
    code = compile(in_python(expression), "expression", "eval")
    expected = [eval(code, dict(zip(NAMES, row, strict=True))) for row in rows]
    assert truth(write(expression), NAMES) == expected


@given(st.text(st.sampled_from("ab01 ()&|^~!,xornt\n?é") | st.characters(), max_size=80))
def test_any_text_is_read_or_refused_at_a_character_of_it(text):
    try:
        parse(text)
    except ExpressionError as error:
        message, _, caret = error.lines
        character = int(message.removeprefix("expression, character ").partition(":")[0])
        assert 1 <= character <= len(text) + 1
        assert caret.endswith("^")
