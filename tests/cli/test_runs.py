"""`nncli runs`: the table, its order, its JSON document, and what it cannot read."""

import json
from pathlib import Path

import pytest

from nncli.cli.runs import duration


@pytest.fixture
def two_runs(nncli, config_file, digits_dir):
    for name, changes in (("wide", {}), ("narrow", {"model": {"layers": [{"units": 4}, {"units": 10}]}})):
        ended = nncli("train", config_file(f"{name}.yaml", **changes), "--data-dir", digits_dir, "-q")
        assert ended.code == 0
    assert nncli("evaluate", "runs/narrow", "--data-dir", digits_dir).code == 0


def test_the_table_has_a_row_for_each_run(two_runs, nncli):
    ended = nncli("runs")
    lines = [line.split() for line in ended.out.splitlines() if line.strip()]
    assert ended.out.startswith("2 runs in runs, trained on idx\n")
    assert [line[:3] for line in lines[3:]] == [["wide", "completed", "3/3"], ["narrow", "completed", "3/3"]]
    assert [line[4] for line in lines[3:]] == ["-", lines[4][4]]
    assert lines[4][4].endswith("%")
    assert lines[4][-4:] == ["4-10", "relu", "adam", "0.001"]
    assert (ended.err, "\x1b" in ended.out) == ("", False)
    by_name = nncli("runs", "--sort", "run").out
    assert by_name.index("narrow") < by_name.index("wide")


def test_the_json_document_has_the_configuration(two_runs, nncli):
    measured = json.loads(nncli("evaluate", "runs/narrow", "--json").out)
    first, second = json.loads(nncli("runs", "--json", "--sort", "run", "--reverse").out)
    assert (first["path"], second["path"]) == (str(Path("runs/wide")), str(Path("runs/narrow")))
    assert (first["test_error"], second["test_error"]) == (None, measured["error"])
    assert [layer["units"] for layer in second["config"]["model"]["layers"]] == [4, 10]
    assert {first["status"], first["dataset"], first["seed"], first["epochs"]} == {"completed", "idx", 5, 3}


def test_a_damaged_run_is_left_out_with_a_warning(two_runs, nncli):
    Path("runs/wide/manifest.json").write_text("{")
    Path("runs/narrow/config.yaml").unlink()
    ended = nncli("runs")
    assert ended.code == 0
    assert ended.out.startswith("1 run in runs,")
    assert "(no config.yaml)" in ended.out
    assert ended.err.startswith("warning: runs/wide/manifest.json: not a manifest that nncli can read")


def test_a_folder_without_runs(nncli):
    ended = nncli("runs", ".")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "no runs in .; train one with: nncli train CONFIG\n"
    assert json.loads(nncli("runs", ".", "--json").out) == []
    ended = nncli("runs")  # on the first day
    advice = "name the folder with your runs, or train one with: nncli train CONFIG"
    assert (ended.code, ended.err) == (5, f"error: runs: no such folder; {advice}\n")


def test_a_run_is_one_line_off_a_terminal(two_runs, nncli, monkeypatch):
    monkeypatch.setattr("nncli.cli.console._WIDTH_OFF_TERMINAL", 40)
    assert [line.split()[-1] for line in nncli("runs").out.splitlines() if "completed" in line] == ["0.001", "0.001"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.21, "4.2 s"), (59.99, "60.0 s"), (205.4, "3:25 min"), (3723, "1:02:03 h")]
)
def test_a_duration_is_short(seconds, shown):
    assert duration(seconds) == shown
