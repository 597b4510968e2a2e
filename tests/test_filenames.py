"""Names as bytes and names as text, in any encoding of the system."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.filenames import as_path, as_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"run", "run"),
        ("rün".encode(), "rün"),
        (b"r\xffn", r"r\xffn"),
        ("數字".encode(), "數字"),
        (b"\xc3", r"\xc3"),
    ],
)
def test_a_name_as_text(name, text):
    assert as_text(os.fsdecode(name)) == text


@given(st.binary(max_size=20).filter(lambda name: b"\0" not in name))
def test_whatever_the_name_a_file_in_utf_8_can_hold_its_text(name):
    as_text(os.fsdecode(name)).encode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20))
def test_a_text_names_one_file_and_comes_back(text):
    assert as_text(str(as_path(text))) == str(as_path(text))


@pytest.mark.parametrize(
    "environment", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_the_bytes_of_a_path_are_utf_8_in_every_encoding_of_the_system(environment):
    program = (
        "import os; from nncli.filenames import as_path, as_text; p = as_path('r\\xfcn'); "
        "print(os.fsencode(p).hex(), as_text(str(p)).encode('utf-8').hex())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["rün".encode().hex()] * 2
