"""metrics.jsonl keeps every line it was given, as plain JSON."""

import errno
import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.errors import RunError, WriteError
from nncli.runs import metrics

records = st.dictionaries(
    st.text(max_size=5),
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.floats(allow_nan=False, allow_infinity=False),
    max_size=4,
)


@settings(max_examples=30)
@given(st.lists(records, max_size=4))
def test_what_is_appended_is_read(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("any") / "metrics.jsonl"
    for line in lines:
        metrics.append(path, line)
    assert metrics.read(path) == lines


def test_numbers_of_numpy_and_not_finite_ones_become_plain_json(tmp_path):
    path = tmp_path / "metrics.jsonl"
    values = [np.float32(0.5), np.int64(7), np.float64("nan"), float("inf"), np.float32("-inf"), np.bool_(True)]
    metrics.append(path, {str(index): value for index, value in enumerate(values)})

    def refuse(constant):
        raise AssertionError(constant)

    document = json.loads(path.read_text(), parse_constant=refuse)
    assert list(document.values()) == [0.5, 7, None, None, None, True]


@pytest.mark.parametrize("torn", [b'{"epoch": 3', b"{", b"\xff", b'{"epoch": 3, "step": 30}'])
def test_a_last_line_cut_short_is_dropped(tmp_path, torn):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"epoch": 1, "step": 10}\n{"epoch": 2, "step": 20}\n' + torn)
    assert [record["epoch"] for record in metrics.read(path)] == [1, 2]


def test_truncate_keeps_what_the_checkpoint_knows(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for epoch in (1, 2, 3):
        metrics.append(path, {"epoch": epoch, "step": 10 * epoch})
    before = path.read_bytes()
    path.write_bytes(before + b'{"epoch": 4, "st')
    metrics.truncate(path, step=20)
    assert path.read_bytes() == b"".join(before.splitlines(keepends=True)[:2])
    metrics.append(path, {"epoch": 3, "step": 30})
    assert path.read_bytes() == before


def test_truncate_without_a_file_makes_an_empty_one(tmp_path):
    metrics.truncate(tmp_path / "metrics.jsonl", step=5)
    assert metrics.read(tmp_path / "metrics.jsonl") == []


@pytest.mark.parametrize("line", [b"nonsense", b"[1]", b"", b"[" * 200_000, b"\xff"])
def test_a_damaged_line_in_the_middle_is_named(tmp_path, line):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"epoch": 1}\n' + line + b'\n{"epoch": 3}\n')
    with pytest.raises(RunError, match=r"metrics\.jsonl:2: is damaged"):
        metrics.read(path)


def test_a_failing_append_leaves_the_lines_before_it(tmp_path, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    metrics.append(path, {"epoch": 1})

    def fail(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(WriteError, match=r"metrics\.jsonl: cannot be written: No space left"):
            metrics.append(path, {"epoch": 2})
    metrics.append(path, {"epoch": 3})
    assert path.read_text() == '{"epoch": 1}\n{"epoch": 3}\n'


def test_a_folder_in_its_place_is_refused(tmp_path):
    with pytest.raises(RunError, match="cannot be read: Is a directory"):
        metrics.read(tmp_path)
    with pytest.raises(WriteError, match="cannot be written: it is a folder"):
        metrics.append(tmp_path, {})
