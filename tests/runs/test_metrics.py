"""metrics.jsonl keeps every line it was given, as plain JSON."""

import dataclasses
import errno
import json
import math
import os
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.errors import RunError, WriteError
from nncli.runs import metrics
from nncli.training.events import EpochFinished

numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 1 << 53)
epochs = st.builds(
    EpochFinished,
    *(counts, counts, numbers, numbers, numbers | st.none(), numbers | st.none(), numbers, numbers, numbers),
    st.booleans(),
)


def epoch(number, **changes):
    """What is said of an epoch of ten steps."""
    said = EpochFinished(number, 10 * number, 1.5, 0.5, None, None, 0.1, 2.0, 30.0, improved=False)
    return dataclasses.replace(said, **changes)


def line(number, **more):
    """The same as a line of the file."""
    return json.dumps(dataclasses.asdict(epoch(number)) | more).encode() + b"\n"


def read(path):
    return list(metrics.read(path))


@given(st.lists(epochs, max_size=4))
def test_what_is_appended_is_read(tmp_path_factory, said):
    path = tmp_path_factory.mktemp("any") / "metrics.jsonl"
    for each in said:
        metrics.append(path, each)
    assert read(path) == said


@pytest.mark.parametrize("torn", [b'{"epoch": 3', b"{", b"\xff", line(3)[:-1], b"x" * 60_000])
def test_a_last_line_cut_short_is_dropped(tmp_path, torn):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(line(1) + line(2) + torn)
    assert read(path) == [epoch(1), epoch(2)]


def test_truncate_keeps_what_the_checkpoint_knows_as_it_is(tmp_path):
    path = tmp_path / "metrics.jsonl"
    before = [line(number, of_a_later_version=[1]) for number in (1, 2, 3)]
    path.write_bytes(b"".join(before) + b'{"epoch": 4, "st')
    assert read(path) == [epoch(1), epoch(2), epoch(3)]
    metrics.truncate(path, step=20)
    assert path.read_bytes() == b"".join(before[:2])
    metrics.append(path, epoch(3))
    assert path.read_bytes() == b"".join([*before[:2], line(3)])


def test_without_a_file_there_are_no_lines_and_nothing_to_truncate(tmp_path):
    metrics.truncate(tmp_path / "metrics.jsonl", step=5)
    assert read(tmp_path / "metrics.jsonl") == []
    assert list(tmp_path.iterdir()) == []


DAMAGED = {
    b"nonsense\n": "it is not JSON",
    b"[1]\n": "it should be an object",
    b"null\n": "it should be an object",
    b"\n": "it is not JSON",
    b"[" * 60_000 + b"\n": "it is not JSON",
    b"\xff\n": "it is not JSON",
    b'{"epoch": 2}\n': "step is missing",
    line(2, step="20"): "step should be a valid integer",
    line(2, step=None): "step should be a valid integer",
    line(2, step=[20]): "step should be a valid integer",
    line(2, epoch=True): "epoch should be a valid integer",
    line(2, step=-20): "step should be greater than or equal to 0",
    line(2, train_loss="0.5"): "train_loss should be a valid number",
    line(2, seconds=math.nan): "seconds should be a finite number",
    line(2, improved=1): "improved should be a valid boolean",
    line(2, more="x" * metrics.MAX_LINE): "it is not JSON",
}


@pytest.mark.parametrize("damaged", DAMAGED, ids=DAMAGED.values())
def test_a_damaged_line_is_named_and_nothing_is_written(tmp_path, damaged):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(line(1) + damaged + line(3))
    before = path.read_bytes()
    for attempt in (read, lambda path: metrics.truncate(path, step=30)):
        with pytest.raises(RunError) as caught:
            attempt(path)
        assert str(caught.value).startswith(f"{path}:2: corrupt: {DAMAGED[damaged]}")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"x", line(1), b"\n"])
def test_a_huge_file_is_refused_in_little_memory(tmp_path, content):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(content)
    os.truncate(path, 320_000_000)
    tracemalloc.start()
    with pytest.raises(RunError, match=r"metrics\.jsonl: larger than 33,554,432 bytes"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_long_file_is_read_in_little_memory(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(line(1) * 20_000)
    tracemalloc.start()
    assert sum(said.epoch for said in metrics.read(path)) == 20_000
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_failing_append_leaves_the_lines_before_it(tmp_path, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    metrics.append(path, epoch(1))

    def fail(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(WriteError, match=r"metrics\.jsonl: cannot be written: No space left"):
            metrics.append(path, epoch(2))
    metrics.append(path, epoch(3))
    assert path.read_bytes() == line(1) + line(3)


def test_a_folder_in_its_place_is_refused(tmp_path):
    with pytest.raises(RunError, match="cannot be read: Is a directory"):
        read(tmp_path)
    with pytest.raises(WriteError, match="cannot be written: Is a directory"):
        metrics.append(tmp_path, epoch(1))
