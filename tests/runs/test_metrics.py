"""metrics.jsonl keeps every line it was given, as plain JSON."""

import errno
import json
import os
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.errors import RunError, WriteError
from nncli.runs import metrics

numbers = st.floats(allow_nan=False, allow_infinity=False)
lines = st.fixed_dictionaries(
    {"epoch": st.integers(0, 1 << 53), "step": st.integers(0, 1 << 53)},
    optional={
        "train_loss": numbers | st.none(),
        "improved": st.booleans(),
        "of a later version": st.none() | st.booleans() | st.integers() | st.text(max_size=9) | numbers,
    },
)


def read(path):
    return list(metrics.read(path))


@settings(max_examples=30)
@given(st.lists(lines, max_size=4))
def test_what_is_appended_is_read(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("any") / "metrics.jsonl"
    for record in records:
        metrics.append(path, record)
    assert [line.model_dump(exclude_unset=True) for line in metrics.read(path)] == records


def test_numbers_of_numpy_and_not_finite_ones_become_plain_json(tmp_path):
    path = tmp_path / "metrics.jsonl"
    values = [np.float32(0.5), np.int64(7), np.float64("nan"), float("inf"), np.float32("-inf"), np.bool_(True)]
    metrics.append(path, {str(index): value for index, value in enumerate(values)})

    def refuse(constant):
        raise AssertionError(constant)

    document = json.loads(path.read_text(), parse_constant=refuse)
    assert list(document.values()) == [0.5, 7, None, None, None, True]


@pytest.mark.parametrize("torn", [b'{"epoch": 3', b"{", b"\xff", b'{"epoch": 3, "step": 30}', b"x" * 60_000])
def test_a_last_line_cut_short_is_dropped(tmp_path, torn):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"epoch": 1, "step": 10}\n{"epoch": 2, "step": 20}\n' + torn)
    assert [line.epoch for line in metrics.read(path)] == [1, 2]


def test_truncate_keeps_what_the_checkpoint_knows(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for epoch in (1, 2, 3):
        metrics.append(path, {"epoch": epoch, "step": 10 * epoch, "of a later version": [1]})
    before = path.read_bytes()
    path.write_bytes(before + b'{"epoch": 4, "st')
    metrics.truncate(path, step=20)
    assert path.read_bytes() == b"".join(before.splitlines(keepends=True)[:2])
    metrics.append(path, {"epoch": 3, "step": 30, "of a later version": [1]})
    assert path.read_bytes() == before


def test_without_a_file_there_are_no_lines_and_nothing_to_truncate(tmp_path):
    metrics.truncate(tmp_path / "metrics.jsonl", step=5)
    assert read(tmp_path / "metrics.jsonl") == []
    assert list(tmp_path.iterdir()) == []


DAMAGED = {
    b"nonsense": "it is not JSON",
    b"[1]": "it should be an object",
    b"null": "it should be an object",
    b"": "it is not JSON",
    b"[" * 60_000: "it is not JSON",
    b"\xff": "it is not JSON",
    b'{"epoch": 2}': "step is missing",
    b'{"epoch": 2, "step": "20"}': "step should be a valid integer",
    b'{"epoch": 2, "step": null}': "step should be a valid integer",
    b'{"epoch": 2, "step": [20]}': "step should be a valid integer",
    b'{"epoch": true, "step": 20}': "epoch should be a valid integer",
    b'{"epoch": 2, "step": -20}': "step should be greater than or equal to 0",
    b'{"epoch": 2, "step": 20, "train_loss": "0.5"}': "train_loss should be a valid number",
    b'{"epoch": 2, "step": 20, "seconds": NaN}': "seconds should be a finite number",
    b"{" + b" " * metrics.MAX_LINE + b"}": "it is not JSON",
}


@pytest.mark.parametrize("line", DAMAGED, ids=DAMAGED.values())
def test_a_damaged_line_is_named_and_nothing_is_written(tmp_path, line):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"epoch": 1, "step": 10}\n' + line + b'\n{"epoch": 3, "step": 30}\n')
    before = path.read_bytes()
    for attempt in (read, lambda path: metrics.truncate(path, step=30)):
        with pytest.raises(RunError) as caught:
            attempt(path)
        assert str(caught.value).startswith(f"{path}:2: is damaged: {DAMAGED[line]}")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"x", b'{"epoch": 1, "step": 1}\n', b"\n"])
def test_a_huge_file_is_refused_in_little_memory(tmp_path, content):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(content)
    os.truncate(path, 320_000_000)
    tracemalloc.start()
    with pytest.raises(RunError, match=r"metrics\.jsonl: is longer than 67,108,864 bytes"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_long_file_is_read_in_little_memory(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"epoch": 1, "step": 1}\n' * 100_000)
    tracemalloc.start()
    assert sum(line.epoch for line in metrics.read(path)) == 100_000
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


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
        read(tmp_path)
    with pytest.raises(WriteError, match="cannot be written: it is a folder"):
        metrics.append(tmp_path, {})
