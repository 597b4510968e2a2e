"""The number of threads: where it comes from, what records it, and that a resumed run keeps it."""

import pytest

from nncli.cores import Cores
from nncli.runs import manifest
from nncli.training import threads


@pytest.fixture(autouse=True)
def _large_on_two_cores(monkeypatch, tmp_path):
    """Let the small networks of these tests count as large, on a machine of two cores that does nothing else."""
    monkeypatch.setattr("nncli.cores._STATISTICS", tmp_path / "missing")
    monkeypatch.setattr(threads, "WORTH_THREADS", 1)
    monkeypatch.setattr(threads, "usable", lambda: 2)
    monkeypatch.setattr("nncli.cores.usable", lambda: 2)
    for name in threads.SET_BY_USER:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def train(nncli, config_file, digits_dir, tmp_path, monkeypatch):
    """Train a small network, and return the number of threads in its manifest and what was printed."""
    config = config_file(training={"epochs": 2})

    def run(*options, variable=None):
        monkeypatch.delenv("NNCLI_THREADS", raising=False)
        if variable:
            monkeypatch.setenv("NNCLI_THREADS", variable)
        ended = nncli("train", config, *options, "--data-dir", digits_dir)
        assert ended.code == 0, ended.err
        return manifest.read(tmp_path / "runs/small/manifest.json").environment.threads, ended.err

    return run


@pytest.mark.parametrize(
    ("options", "variable", "expected"),
    [
        ([], None, 2),
        (["--threads", "auto"], "1", 2),
        (["--threads", "1"], None, 1),
        (["--threads", "1"], "2", 1),
        (["--set", "training.threads=1"], "2", 1),
        ([], "1", 1),
    ],
)
def test_an_option_beats_the_variable_and_that_the_rule(train, options, variable, expected):
    assert train(*options, variable=variable)[0] == expected


def test_another_training_takes_its_share_which_is_said_and_kept(train, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Cores():
        count, printed = train("--set", "training.epochs=1")
    assert count == 1
    assert printed.splitlines()[0] == "using 1 of 2 cores, because another run is training"
    count, printed = train("--resume")
    assert count == 1
    assert "results may differ in the last bits" not in printed


@pytest.mark.parametrize("given", ["0", "many", "1.5"])
def test_other_numbers_are_refused(given, nncli, config_file, monkeypatch):
    ended = nncli("train", config_file(), "--threads", given)
    assert ended.code == 2
    assert "--threads" in ended.err
    ended = nncli("train", config_file(), "--set", f"training.threads={given}")
    assert ended.code == 3
    assert "training.threads: expected auto or an integer of at least 1" in ended.err
