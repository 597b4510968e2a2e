"""The same seed gives the same bytes, whatever surrounds it; what may change the last bits is said at --resume."""

import json
import os
import random

import pytest

from nncli.runs.folder import RunFolder

BOTH = """
import sys
from nncli.cli.main import main

*_, run = arguments = sys.argv[1:]
sys.exit(main(arguments) or main(["visualize-features", run]))
"""


@pytest.mark.long
def test_ten_runs_give_identical_bytes(rounds, finish, config_file, digits_dir, tmp_path, kept):
    path = config_file(
        model={"layers": [{"units": 12, "dropout_probability": 0.2}, {"units": 10}]},
        optimizer={"name": "adam"},
        training={"epochs": 3, "average_weights": 2},
    )
    results, chance = [], random.Random(9)
    for number in rounds(short=2, long=10):
        folder = tmp_path / f"somewhere else {number}"
        folder.mkdir()
        environment = {"PYTHONHASHSEED": str(number), "TZ": f"UTC{number}", "LANG": ("C", "C.UTF-8")[number % 2]}
        options = {"cwd": folder, "environment": environment, "umask": chance.choice([0o22, 0o77])}
        given = ["train", path, "--data-dir", digits_dir, "--run-dir", f"run {number}"]
        program = ("-m", "nncli") if rounds.short else ("-c", BOTH)
        assert finish(*given, program=program, **options).returncode == 0
        run = folder / f"run {number}"
        results.append((*kept(run), *(picture.read_bytes() for picture in run.glob("features.png"))))
    assert all(result == results[0] for result in results)


@pytest.mark.long
def test_another_blas_is_said_at_resume(nncli, finish, config_file, digits_dir, tmp_path):
    arguments = ["train", config_file(), "--data-dir", digits_dir, "--run-dir", "run"]
    assert nncli(*arguments).code == 0
    written = json.loads(RunFolder(tmp_path / "run").manifest.read_text())["environment"]["blas"]
    if written is None or written["name"] != "openblas":
        pytest.skip("NumPy's BLAS here is not OpenBLAS")
    if os.cpu_count() == 1:
        pytest.skip("one core has one thread")
    was = written["threads"]
    now = 2 if was == 1 else 1
    environment = {"OMP_NUM_THREADS": f"{now}", "OPENBLAS_CORETYPE": "Nehalem"}  # kernels that every x86-64 has
    said = finish(*arguments, "--resume", environment=environment).stderr
    assert f"note: blas threads: {now}, was {was}" in said
    assert "note: blas architecture: Nehalem, was " in said


@pytest.mark.parametrize("what", ["numpy", "nncli", "python"])
def test_another_version_is_said_at_resume(what, nncli, config_file, digits_dir, tmp_path):
    arguments = ["train", config_file(), "--data-dir", digits_dir, "--run-dir", "run"]
    assert nncli(*arguments).code == 0
    file = RunFolder(tmp_path / "run").manifest
    document = json.loads(file.read_text())
    now, document["environment"][what] = document["environment"][what], "1.2.3"
    file.write_text(json.dumps(document))
    assert f"note: {what}: {now}, was 1.2.3; results may differ in the last bits" in nncli(*arguments, "--resume").err
