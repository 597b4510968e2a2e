"""Checkpoints that lie: forged headers under a right digest, and pickles in every shape."""

import hashlib
import io
import json
import os
import pickle
import struct

import numpy as np
import safetensors.numpy

BLANK = "0" * 64


def forged(tensors, data=b"", *, config="{}", state="{}", version="2"):
    """A file with a right digest over a header of our own: a mapping, or JSON text to stand after the metadata."""
    if version == "1":
        metadata = {"sha256": BLANK, "format_version": version, "config": config, "state": state}
    else:
        about = f'"sha256": "{BLANK}", "format_version": {version}, "config": {config}, "state": {state}'
        metadata = {"nncli": "{" + about + "}"}
    opening = json.dumps({"__metadata__": metadata}, separators=(",", ":"))[:-1]
    body = tensors if isinstance(tensors, str) else json.dumps(tensors)[1:-1]
    header = (opening + ("," + body if body else "") + "}").encode()
    return signed(struct.pack("<Q", len(header)) + header + data)


def signed(content):
    """The same bytes with the right digest where a checkpoint keeps its own."""
    openings = (b'{"__metadata__":{"sha256":"', b'{"__metadata__":{"nncli":"{\\"sha256\\": \\"')
    start = 8 + max(len(opening) for opening in openings if content.startswith(opening, 8) or opening == openings[0])
    blank = content[:start] + BLANK.encode() + content[start + len(BLANK) :]
    return content[:start] + hashlib.sha256(blank).hexdigest().encode() + content[start + len(BLANK) :]


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


HUGE = 1 << 40
MANY = 1_000_000 if os.environ.get("NNCLI_TORTURE") else 50_000
EMPTY = json.dumps(entry([0], 0, 0))
FORGERIES = {
    "huge shape": forged({"w": entry([HUGE], 0, 4 * HUGE)}, bytes(8)),
    "shape whose product overflows": forged({"w": entry([1 << 32, 1 << 32], 0, 0)}),
    "huge shape of no elements": forged({"w": entry([1 << 47, 1 << 47, 0], 0, 0)}),
    "number of 5,000 digits": forged('"w":{"dtype":"F32","shape":[%s],"data_offsets":[0,0]}' % ("9" * 5000)),
    "thousand dimensions": forged({"w": entry([1] * 1000, 0, 4)}, bytes(4)),
    "very many tensors": forged(",".join(f'"{index}":{EMPTY}' for index in range(MANY))),
    "as many tensors as fit": forged({str(index): entry([0], 0, 0) for index in range(15_000)}, b"x"),
    "overlap": forged({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)),
    "same bytes twice": forged({"a": entry([2], 0, 8), "b": entry([2], 0, 8)}, bytes(8)),
    "gap": forged({"a": entry([1], 0, 4), "b": entry([1], 8, 12)}, bytes(12)),
    "out of range": forged({"a": entry([2], 0, 8)}, bytes(4)),
    "bytes nobody owns": forged({"a": entry([2], 0, 8)}, bytes(12)),
    "negative offset": forged({"a": entry([1], -4, 0)}, bytes(4)),
    "negative shape": forged({"a": entry([-1, -1], 0, 4)}, bytes(4)),
    "true as a number": forged({"a": entry([True], 0, 4)}, bytes(4)),
    "float as a number": forged({"a": entry([1.0], 0, 4)}, bytes(4)),
    "shape and offsets disagree": forged({"a": entry([3], 0, 8)}, bytes(8)),
    "unknown type": forged({"a": entry([1], 0, 4, "BF16")}, bytes(4)),
    "type that is no text": forged({"a": entry([1], 0, 4, ["F32"])}, bytes(4)),
    "entry that is no mapping": forged({"a": [1]}, bytes(4)),
    "entry with more": forged({"a": entry([1], 0, 4) | {"more": 1}}, bytes(4)),
    "name twice": forged(f'"a":{json.dumps(entry([1], 0, 4))},"a":{json.dumps(entry([1], 4, 8))}', bytes(8)),
    "key twice in an entry": forged('"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}', bytes(4)),
    "metadata twice": forged('"__metadata__":{"x":"y"}'),
    "deep nesting": forged('"a":' + "[" * 200_000 + "]" * 200_000),
    "NaN in the header": forged('"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}', bytes(4)),
    "name that is half a character": forged({"\ud800": entry([1], 0, 4)}, bytes(4)),
    "config that is no JSON": forged({}, config="config"),
    "config that is a list": forged({}, config="[]"),
    "deep state": forged({}, state='{"a":' * 50_000 + "1" + "}" * 50_000),
    "state with NaN": forged({}, state='{"a": NaN}'),
    "NaN weights": forged({"w": entry([1], 0, 4)}, struct.pack("<f", float("nan"))),
    "infinite weights": forged({"w": entry([1], 0, 8, "F64")}, struct.pack("<d", float("-inf"))),
    "later version": forged({}, version="3"),
    "version that is a list": forged({}, version="[2]"),
    "version 1, config that is no JSON": forged({}, config="config", version="1"),
    "version 1, config that is a list": forged({}, config="[]", version="1"),
    "version 1, deep state": forged({}, state='{"a":' * 50_000 + "1" + "}" * 50_000, version="1"),
    "type that NumPy has not": forged({"a": entry([1], 0, 2, "BF16")}, bytes(2)),
    "type that no training uses": forged({"a": entry([1], 0, 2, "F16")}, bytes(2)),
    "metadata that is null": struct.pack("<Q", 21) + b'{"__metadata__":null}',
    "no metadata": safetensors.numpy.save({"w": np.ones(2, np.float32)}),
    "metadata of another program": safetensors.numpy.save({"w": np.ones(2, np.float32)}, {"format": "pt"}),
    "nothing": b"",
    "a length and no header": struct.pack("<Q", 100),
    "a header of length 0": struct.pack("<Q", 0),
    "JSON that is no object": struct.pack("<Q", 2) + b"[]",
    "header that is no UTF-8": struct.pack("<Q", 4) + b"\xff\xfe\xff\xfe",
    "zeros": bytes(4096),
    "text": b"not a checkpoint at all, only text",
}


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("executed",)


def archives():
    """Pickles in every protocol, and NumPy's files with a pickle inside."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.dumps(Bomb(), protocol)
    for write in (np.save, np.savez, np.savez_compressed):
        file = io.BytesIO()
        write(file, np.array([Bomb()], dtype=object))
        yield file.getvalue()
