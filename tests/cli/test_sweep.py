"""`nncli sweep` runs a file, and `show` and `best` look at what it left."""

import json
from pathlib import Path

import pytest

from nncli.sweep.trial import STORAGE, FatalError, Outcome

SWEEP = "base: small.yaml\nspace: {optimizer.learning_rate: {choices: [0.1, 0.2]}}\n"


@pytest.fixture
def trained(monkeypatch):
    """Replace the trainings, and list their folders and options."""
    runs = []

    def train(process, folder, config, settings, common, objective, after_epoch):
        runs.append((str(folder), [*settings, *common]))
        return Outcome("completed", 0.1 * len(runs), 1.0)

    monkeypatch.setattr("nncli.sweep.worker.train", train)
    return runs


def test_a_sweep_from_its_file_to_the_best_configuration(nncli, config_file, trained, monkeypatch):
    config_file()
    Path("sweep.yaml").write_text(SWEEP, encoding="utf-8")
    ended = nncli("sweep", "sweep.yaml", "--workers", "1")
    assert ended.code == 0, ended.err
    assert trained == [
        (f"runs/sweep/trial-000{index}", [f"optimizer.learning_rate={rate}", "--threads", "1"])
        for index, rate in enumerate((0.1, 0.2))
    ]
    assert "2/2  trial 1" in ended.err
    assert "2 of 2 trials" in ended.out
    ended = nncli("sweep", "show", "runs/sweep", "--json", "--output", "sweep.html")
    assert ended.err == "wrote sweep.html\n"
    shown = json.loads(ended.out)
    assert [each["mean"] for each in shown["entries"]] == pytest.approx([0.1, 0.2])
    assert Path("sweep.html").is_file()
    assert nncli("sweep", "best", "runs/sweep", "--output", "best.yaml").code == 0
    assert "learning_rate: 0.1" in nncli("config", "show", "best.yaml").out
    assert "already exists" in nncli("sweep", "best", "runs/sweep", "--output", "best.yaml").err
    assert "is the folder of a sweep, not its file" in nncli("sweep", "runs/sweep").err
    for where in ("runs/sweeep", "sqlite:///none.db"):
        assert f"{where}: no such folder or database" in nncli("sweep", "show", where).err
    assert not Path("none.db").exists()
    assert nncli("sweep", "show").err.startswith("error: Missing argument 'DIR_OR_URL'")
    monkeypatch.setenv(STORAGE, "sqlite:///runs/sweep/sweep.db")
    assert json.loads(nncli("sweep", "show", "--json").out) == shown


def test_a_full_disk_ends_the_sweep_with_one_line(nncli, config_file, monkeypatch, caplog):
    def train(*_):
        raise FatalError("trial-0000: No space left on device; free up disk space", 5)

    monkeypatch.setattr("nncli.sweep.worker.train", train)
    config_file()
    Path("sweep.yaml").write_text(SWEEP, encoding="utf-8")
    ended = nncli("sweep", "sweep.yaml", "--workers", "1")
    assert (ended.code, ended.err) == (5, "error: trial-0000: No space left on device; free up disk space\n")
    assert not caplog.records


def test_a_bad_file_leaves_nothing_behind(nncli, config_file):
    config_file()
    Path("sweep.yaml").write_text(SWEEP.replace("0.2", "0"), encoding="utf-8")
    before = sorted(Path.cwd().iterdir())
    ended = nncli("sweep", "sweep.yaml")
    assert ended.code == 3
    assert ended.err == ("error: sweep.yaml:2:50: optimizer.learning_rate: 0 is too small; it must be above 0\n")
    assert sorted(Path.cwd().iterdir()) == before


def test_a_run_folder_is_not_a_sweep(nncli, config_file):
    config_file()
    Path("runs/sweep").mkdir(parents=True)
    Path("runs/sweep/manifest.json").write_text("{}", encoding="utf-8")
    Path("sweep.yaml").write_text(SWEEP, encoding="utf-8")
    assert "choose another --sweep-dir" in nncli("sweep", "sweep.yaml").err
    assert "no sweep.db in this folder" in nncli("sweep", "show", "runs/sweep").err
