"""What a fuzzer feeds: each target takes any bytes and lets out whatever is not one of nncli's own exceptions."""

import atexit
import contextlib
import hashlib
import io
import os
import shutil
import tempfile
from pathlib import Path

from hostile.checkpoints import signed
from nncli import build
from nncli.config.load import from_mapping, loads, to_mapping, to_yaml
from nncli.config.reader import read as read_yaml
from nncli.data import idx
from nncli.data.folder import read_split
from nncli.data.picture import read as read_picture
from nncli.errors import CheckpointError, ConfigError, DataError, PictureError
from nncli.runs import checkpoint

_FOLDER = Path(tempfile.mkdtemp(prefix="nncli-fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)


def yaml(data: bytes) -> None:
    """Read a configuration; one that is accepted comes back from its own text and mapping."""
    text = data.decode("utf-8", "replace")
    document = read_yaml(text)
    assert document.complete or document.problems
    try:
        config = loads(text, name="fuzzed.yaml").config
    except ConfigError:
        return
    assert loads(to_yaml(config), name="again.yaml").config == config
    assert from_mapping(to_mapping(config)) == config


def idx_file(data: bytes) -> None:
    """Read bytes as an IDX file in memory, and as the compressed or plain files of a folder."""
    for dimensions in (1, 3):
        stream = io.BytesIO(data)
        with contextlib.suppress(DataError):
            shape = idx.read_shape(stream, dimensions, "fuzzed", len(data))
            assert idx.digest(idx.read_array(stream, shape, "fuzzed")) == hashlib.sha256(data).hexdigest()
    for images in ("train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"):
        (_FOLDER / images).write_bytes(data)
        (_FOLDER / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\x02\x01\x09")
        with contextlib.suppress(DataError):
            assert len(read_split(_FOLDER, "idx", "train", None).images) == 2
        (_FOLDER / images).unlink()


def checkpoint_file(data: bytes) -> None:
    """Load a checkpoint and rebuild its network; the same bytes under a right digest too."""
    path = _FOLDER / "fuzzed.safetensors"
    for content in (data, signed(data)):
        path.write_bytes(content)
        with contextlib.suppress(CheckpointError):
            kept = checkpoint.load(path)
            assert sum(tensor.nbytes for tensor in kept.tensors.values()) <= len(content)
            build.trained(kept, "fuzzed")


def picture(data: bytes) -> None:
    """Read a picture as a digit."""
    path = _FOLDER / "fuzzed.png"
    path.write_bytes(data)
    with contextlib.suppress(PictureError):
        assert read_picture(path).pixels.shape == (28, 28)


TARGETS = {"yaml": yaml, "idx": idx_file, "checkpoint": checkpoint_file, "picture": picture}
