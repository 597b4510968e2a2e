"""The manifest comes back as written, and a damaged one is refused in one line."""

import json
import platform

import numpy as np
import pytest

import nncli
from nncli.errors import RunError
from nncli.runs import manifest
from nncli.runs.manifest import Blas, Data, Environment, Manifest


def begun():
    return Manifest(
        command=["nncli", "train", "mlp.yaml"],
        seed=1,
        data=Data(name="mnist", sha256={"train-images-idx3-ubyte.gz": "ab"}),
    )


def environment(**changes):
    blas = Blas(name="openblas", version="0.3.30", architecture="Zen", threads=2)
    return Environment(nncli="1", python="3.12", numpy="2.1", platform="Linux", blas=blas).model_copy(update=changes)


def test_a_new_manifest_says_where_it_runs(tmp_path):
    manifest.write(tmp_path / "manifest.json", begun())
    document = json.loads((tmp_path / "manifest.json").read_text())
    assert document["format_version"] == 1
    assert document["status"] == "running"
    assert document["environment"]["nncli"] == nncli.__version__
    assert document["environment"]["numpy"] == np.__version__
    assert document["environment"]["python"] == platform.python_version()
    assert document["data"] == {
        "name": "mnist", "sha256": {"train-images-idx3-ubyte.gz": "ab"}, "fallback": False,
    }  # fmt: skip
    assert document["finished"] is None


def test_it_comes_back_as_written(tmp_path):
    ended = begun().later(1.5, 3.0, {"epoch": 3, "validation_error": 0.02}).ended("completed")
    manifest.write(tmp_path / "manifest.json", ended)
    assert manifest.read(tmp_path / "manifest.json") == ended


def test_a_resumed_run_adds_its_seconds_and_keeps_its_start():
    stopped = begun().later(2.0, 4.0, None).ended("interrupted")
    running = stopped.resumed(["nncli", "train", "--resume"])
    assert (running.status, running.finished) == ("running", None)
    ended = running.later(3.0, 6.0, {"epoch": 1, "validation_error": 0.5}).ended("completed")
    assert (ended.seconds, ended.processor_seconds) == (5.0, 10.0)
    assert ended.started == stopped.started
    assert ended.finished >= ended.started
    assert ended.command == ["nncli", "train", "--resume"]


def test_differences_name_what_changed_and_ignore_the_kernel():
    now = environment(numpy="2.2", platform="Linux later")
    assert now.differences(environment()) == ["numpy: 2.2, was 2.1"]
    more_threads = Blas(name="openblas", version="0.3.30", architecture="Zen", threads=8)
    assert environment(blas=more_threads).differences(environment()) == ["blas threads: 8, was 2"]
    assert "blas name: None, was openblas" in environment(blas=None).differences(environment())
    assert Environment.current().differences(Environment.current()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is not JSON: EOF"),
        (b"\xff", "it is not JSON"),
        (b"[]", "it should be an object"),
        (b"{}", "command is missing"),
        (b"[" * 100_000, "it is not JSON"),
        (b" " * (1 << 21), "it is not JSON"),
        (begun().model_dump_json().replace('"running"', '"dreaming"').encode(), "status should be 'running', "),
        (
            begun().model_dump_json().replace('"format_version":1', '"format_version":2').encode(),
            "format_version should be 1",
        ),
        (begun().model_dump_json().replace('"seed"', '"seeds"').encode(), "seed is missing"),
        (begun().model_dump_json()[:-1].encode() + b', "more": 1}', "more is unknown"),
        (begun().model_dump_json()[:-20].encode(), "it is not JSON"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path, content, words):
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(RunError, match=words) as caught:
        manifest.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_manifest_is_refused(tmp_path):
    with pytest.raises(RunError, match="check that its folder is a run folder"):
        manifest.read(tmp_path / "manifest.json")
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="file: a file, not a run folder; name the folder of a run"):
        manifest.read(tmp_path / "file" / "manifest.json")
