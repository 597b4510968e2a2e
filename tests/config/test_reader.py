"""Reading YAML: exact positions, scalars as a person means them, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.config.locations import MAX_PROBLEMS
from nncli.config.reader import MAX_DEPTH, MAX_NODES, read
from nncli.config.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100_000.0),
        (".5", 0.5),
        ("-3.", -3.0),
        ("+12", 12),
        ("0", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("0.25", 0.25),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2024-01-01", "2024-01-01"),
        ("-", "-"),
        ("1.2.3", "1.2.3"),
        ("e5", "e5"),
    ],
)
def test_a_plain_scalar_is_what_a_person_means(text, value):
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("010", "leading zero is ambiguous; write 10, or '010' for a string"),
        ("-007", "leading zero is ambiguous; write -7"),
        ("0" * 5_000, "too long"),
        (".nan", "not a finite"),
        ("-.Inf", "not a finite"),
        ("1e999", "too large"),
        ("9" * 5_000, "too long"),
        ("0x" + "f" * 5_000, "too long"),
    ],
)
def test_a_number_that_could_surprise_is_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        resolve(text)


def test_every_key_and_value_has_its_position():
    document = read("a: 1\nb:\n  - {c: x}\n  - [y,\n     z]\n")
    assert document.value == {"a": 1, "b": [{"c": "x"}, ["y", "z"]]}
    assert document.keys[("b", 0, "c")][:2] == (3, 6)
    assert document.values[("b", 0, "c")][:2] == (3, 9)
    assert document.values[("b", 1, 1)][:2] == (5, 6)
    assert document.values[("a",)][:2] == (1, 4)


def test_quotes_make_a_string():
    assert read("[\"1\", '2', \"on\", 'null']").value == ["1", "2", "on", "null"]


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("a: 1\na: 2", (2, 1), "duplicate key; it is already defined on line 1"),
        ("a: &x 1", (1, 4), "anchor"),
        ("a: *x", (1, 4), "alias"),
        ("a: !!int 1", (1, 4), "tag"),
        ("a: !!python/object/apply:os.getcwd []", (1, 4), "tag"),
        ("!x a: 1", (1, 1), "tag"),
        ("a: .inf", (1, 4), "finite"),
        ('a: "\\0"', (1, 4), "NUL"),
        ("a: 1\n---\nb: 2", (2, 1), "second document"),
        ("? [a]\n: 1", (1, 3), "plain name"),
        ("a: ]", (1, 4), "not valid YAML"),
        ("a: 1\n\tb: 2", (2, 1), "not valid YAML"),
        ('a: "\\Uffffffff"', (1, 7), "not valid YAML"),
        (f"%YAML 1.{'1' * 5_000}\n---\na: 1", (1, 9), "not valid YAML"),
        ("[" * 100_000, (1, MAX_DEPTH + 2), "nested deeper"),
        ("- " * 100_000, (1, 2 * MAX_DEPTH + 3), "nested deeper"),
        ("{a: " * 100_000, (1, 4 * MAX_DEPTH + 5), "nested deeper"),
    ],
)
def test_what_could_surprise_is_refused_with_its_position(text, position, reason):
    place, problem = read(text).problems[0]
    assert place[:2] == position
    assert reason in problem.text


def test_several_problems_are_found_in_one_reading():
    document = read("a: .nan\nb: *x\nc: 1\nc: 2\nd: 5\n")
    assert [problem.location for _, problem in document.problems] == [("a",), ("b",), ("c",)]
    assert document.complete
    assert document.value == {"a": None, "b": None, "c": 1, "d": 5}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[" + "*a," * 10_000 + "]", MAX_PROBLEMS),
        ("[" + "1," * (MAX_NODES + 10) + "]", 1),
        ("\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 1_000)), MAX_PROBLEMS),
    ],
)
def test_a_flood_is_cut_off(text, problems):
    document = read(text)
    assert not document.complete
    assert len(document.problems) == problems


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_but_never_fails(text):
    document = read(text)
    assert document.problems or document.complete


@given(st.text(st.sampled_from("ab:- \n[]{},&*!'\"#|>?%@`~01.e+-_\t"), max_size=60))
def test_any_play_of_indicators_is_read_or_refused(text):
    document = read(text)
    assert document.problems or document.complete
