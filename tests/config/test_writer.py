"""Writing YAML: every scalar reads back as itself, for YAML 1.1 readers as well."""

import pytest
import yaml

from nncli.config.reader import read
from nncli.config.writer import commented, scalar

STRINGS = ["relu", "on", "null", "1e-3", "1e3", "010", "0o7", "1:", "12:30", "", "~", "a: b", "#x", "- a", "é", "\x85"]
OTHERS = ["a\nb", "😀", 1e-8, 1e300, 0.1, 5.0, 3, -2, True, None, ["input", "a b", "1"], []]


@pytest.mark.parametrize("value", STRINGS + OTHERS)
def test_a_scalar_reads_back_as_itself(value):
    text = f"key: {scalar(value)}\n"
    assert read(text).value == {"key": value}
    assert yaml.safe_load(text) == {"key": value}


def test_comments_stand_in_one_column_behind_the_leaves():
    text = commented({"a": 1, "b": {"list": [{"c": "x", "dd": [1]}]}}, lambda where, _: str(where[-1]))
    assert text.splitlines() == [
        "a: 1           # a",
        "b:",
        "  list:",
        "    - c: x     # c",
        "      dd: [1]  # dd",
    ]
