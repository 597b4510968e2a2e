"""Texts of unknown origin before they reach a terminal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.cli.boundary import on_one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (Path("a b/ä 数.png"), "a b/ä 数.png"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31mred\x9b0m", "\\x1b[31mred\\x9b0m"),
        ("right\u202eleft\u2028", "right\\u202eleft\\u2028"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_what_cannot_be_printed_is_shown(text, shown):
    assert on_one_line(text) == shown


@given(st.text(st.characters()))
def test_any_text_becomes_printable(text):
    shown = on_one_line(text)
    assert shown.isprintable()
    assert on_one_line(shown) == shown
