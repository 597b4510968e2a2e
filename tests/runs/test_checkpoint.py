"""A checkpoint comes back exactly, and any damage to it is noticed."""

import json
import os
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hostile.checkpoints import FORGERIES, Bomb, archives, entry, forged
from nncli.errors import CheckpointError, WriteError
from nncli.runs.checkpoint import Checkpoint, load, save


def small():
    return Checkpoint(
        tensors={
            "hidden1.weights": np.arange(6, dtype=np.float32).reshape(2, 3),
            "hidden1.bias": np.array([-0.0, 1.5], np.float32),
        },
        config={"name": "é"},
        state={"epoch": 3, "random": 2**127 + 1},
    )


def assert_same(one, other):
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        assert other.tensors[name].dtype == tensor.dtype
        assert other.tensors[name].shape == tensor.shape
        assert other.tensors[name].tobytes() == np.ascontiguousarray(tensor).tobytes()
    assert (one.config, one.state) == (other.config, other.state)


types: list[np.dtype[Any]] = [np.dtype("f4"), np.dtype("f8"), np.dtype("i8"), np.dtype(">f4")]
tensors = hnp.arrays(
    st.sampled_from(types),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    elements={"allow_nan": False, "allow_infinity": False},
    fill=st.nothing(),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), tensors, max_size=4), plain, plain)
def test_everything_comes_back(tmp_path_factory, arrays, config, state):
    path = tmp_path_factory.mktemp("any") / "a.safetensors"
    native = {name: tensor.astype(tensor.dtype.newbyteorder("=")) for name, tensor in arrays.items()}
    save(path, Checkpoint(arrays, {"c": config}, {"s": state}))
    assert_same(load(path), Checkpoint(native, {"c": config}, {"s": state}))


def test_any_safetensors_reader_opens_it(tmp_path):
    path = tmp_path / "a.safetensors"
    transposed = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    save(path, Checkpoint({"odd": np.ones(3, np.float32), "w": transposed, "d": np.ones(1)}, {"seed": 1}))
    opened = safetensors.numpy.load_file(path)
    assert np.array_equal(opened["w"], transposed)
    with safetensors.safe_open(path, framework="numpy") as file:
        assert json.loads(file.metadata()["nncli"])["config"] == {"seed": 1}


def test_equal_checkpoints_give_equal_bytes_and_loading_keeps_them(tmp_path):
    first, second, again = (tmp_path / name for name in "abc")
    save(first, small())
    save(second, Checkpoint(dict(reversed(small().tensors.items())), small().config, small().state))
    save(again, load(first))
    assert first.read_bytes() == second.read_bytes() == again.read_bytes()


def test_loaded_tensors_can_be_trained_on(tmp_path):
    save(tmp_path / "a", small())
    weights = load(tmp_path / "a").tensors["hidden1.weights"]
    weights += 1
    assert weights[0, 0] == 1


def test_every_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "a.safetensors"
    save(path, small())
    content = path.read_bytes()
    with path.open("r+b", buffering=0) as file:  # in place: writing the whole file thousands of times takes long
        for bit in range(8 * len(content)):
            place, byte = bit // 8, content[bit // 8]
            os.pwrite(file.fileno(), bytes([byte ^ 1 << bit % 8]), place)
            with pytest.raises(CheckpointError):
                load(path)
            os.pwrite(file.fileno(), bytes([byte]), place)
    assert_same(load(path), small())


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "a.safetensors"
    save(path, small())
    for length in reversed(range(path.stat().st_size)):
        os.truncate(path, length)
        with pytest.raises(CheckpointError):
            load(path)


@pytest.mark.parametrize("appended", [b"\0", b" ", b"\n", b"x" * 1000])
def test_appended_bytes_are_noticed(tmp_path, appended):
    path = tmp_path / "a.safetensors"
    save(path, small())
    path.write_bytes(path.read_bytes() + appended)
    with pytest.raises(CheckpointError, match=r"a\.safetensors: corrupt"):
        load(path)


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_forger_of_these_tests_makes_files_that_load(version, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(
        forged({"w": entry([2], 0, 8), "e": entry([0, 5], 8, 8)}, bytes(8), config='{"a": 1}', version=version)
    )
    assert load(path).tensors["w"].tolist() == [0, 0]
    assert load(path).config == {"a": 1}


def test_what_is_no_parameter_in_version_1_has_its_present_name(tmp_path):
    path = tmp_path / "a"
    vectors = {"optimizer.velocity": entry([1], 0, 4), "training.weights": entry([1], 4, 8)}
    path.write_bytes(forged(vectors | {"training.bias": entry([1], 8, 12)}, bytes(12), version="1"))
    assert load(path).tensors.keys() == {"state/optimizer.velocity", "state/weights", "training.bias"}
    path.write_bytes(forged({"training.weights": entry([1, 1], 0, 4)}, bytes(4), version="1"))
    assert load(path).tensors.keys() == {"training.weights"}


@pytest.mark.parametrize("content", FORGERIES.values(), ids=FORGERIES.keys())
def test_forged_files_are_refused_in_one_short_line(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < len(str(path)) + 400
    message.encode()


@pytest.mark.parametrize("content", list(archives()))
def test_a_pickle_or_archive_is_said_to_be_no_checkpoint(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="corrupt, or not a checkpoint"):
        load(path)


def test_weights_that_are_not_finite_are_named(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(FORGERIES["NaN weights"])
    with pytest.raises(CheckpointError, match="tensor 'w' contains a number that is not finite"):
        load(path)


def test_what_is_no_readable_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, words in [("none", "No such file"), (".", "not a regular file"), ("pipe", "not a regular file")]:
        with pytest.raises(CheckpointError, match=words):
            load(tmp_path / name)
    for name in ("loop", "x" * 300, "nul\0"):
        with pytest.raises(CheckpointError):
            load(tmp_path / name)


@pytest.mark.parametrize(
    ("checkpoint", "words"),
    [
        (Checkpoint({"w": np.array([1, np.nan])}), "tensor 'w' contains a number that is not finite"),
        (Checkpoint({"w": np.array([1j])}), "complex128"),
        (Checkpoint({"w": np.array([1], np.int32)}), "tensor 'w' is not of type F32, F64 or I64"),
        (Checkpoint({"w": np.array([Bomb()])}), "object"),
        (Checkpoint({"__metadata__": np.ones(1)}), "cannot be saved"),
        (Checkpoint({}, {}, {"best": float("inf")}), "cannot be saved"),
        (Checkpoint({}, {"path": object()}), "cannot be saved"),
        (Checkpoint({}, {"text": "x" * (1 << 21)}), "header .* is longer"),
    ],
)
def test_what_could_not_be_loaded_is_not_saved(tmp_path, checkpoint, words):
    path = tmp_path / "a.safetensors"
    save(path, small())
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=words):
        save(path, checkpoint)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_checkpoint_replaced_stays_as_previous(tmp_path):
    last, previous = tmp_path / "last.safetensors", tmp_path / "previous.safetensors"
    for epoch in range(4):
        save(last, Checkpoint({}, {}, {"epoch": epoch}), previous=previous)
        assert load(last).state == {"epoch": epoch}
        assert previous.exists() == (epoch > 0)
        if epoch:
            assert load(previous).state == {"epoch": epoch - 1}
    assert sorted(tmp_path.iterdir()) == [last, previous]


def test_a_folder_that_is_gone_is_reported(tmp_path):
    with pytest.raises(WriteError, match=r"gone does not exist; create it"):
        save(tmp_path / "gone" / "a", small())
