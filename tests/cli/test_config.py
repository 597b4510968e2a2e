"""`nncli config`: what its commands print, write and refuse."""

import json

import pytest

from nncli.cli.main import main

GOOD = "model: {layers: [{units: 10}]}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(GOOD + "sed: 1\nloss: x\n")
    return tmp_path


def test_check_prints_ok_for_each_good_file(folder, capsys):
    assert main(["config", "check", "good.yaml", "good.yaml"]) == 0
    assert capsys.readouterr().out == "good.yaml: ok\ngood.yaml: ok\n"


def test_check_goes_on_after_a_bad_file_and_exits_3(folder, capsys):
    assert main(["config", "check", "bad.yaml", "none.yaml", "good.yaml"]) == 3
    captured = capsys.readouterr()
    assert captured.out == "good.yaml: ok\n"
    errors = captured.err.splitlines()
    assert [line.split(": ")[1] for line in errors] == ["bad.yaml:2:1", "bad.yaml:3:7", "none.yaml"]


def test_check_as_json_lists_the_problems_of_each_file(folder, capsys):
    assert main(["config", "check", "good.yaml", "bad.yaml", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    good, bad = document["files"]
    assert (document["ok"], good) == (False, {"path": "good.yaml", "problems": [], "remarks": []})
    assert [problem.partition(": ")[0] for problem in bad["problems"]] == ["bad.yaml:2:1", "bad.yaml:3:7"]
    assert main(["config", "check", "good.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "files": [good]}


def test_check_remarks_on_what_cannot_be_trained(folder, capsys):
    layers = "[{units: 5}, {units: 4, activation: hard_threshold}, {units: 10}]"
    (folder / "steps.yaml").write_text(f"model: {{layers: {layers}}}\n")
    assert main(["config", "check", "steps.yaml", "good.yaml"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "steps.yaml: ok\ngood.yaml: ok\n"
    [remark] = captured.err.splitlines()
    rejected = "steps.yaml: valid, but `nncli train` would reject it"
    assert remark.startswith(f"{rejected}: steps.yaml:1:53: model.layers[1].activation: layer")


def test_check_takes_overrides(folder, capsys):
    assert main(["config", "check", "good.yaml", "--set", "seed=-1"]) == 3
    assert capsys.readouterr().err.startswith("error: --set seed=-1: seed: -1 is too small")


def test_show_prints_a_configuration_that_is_its_own_resolution(folder, capsys):
    assert main(["config", "show", "good.yaml", "--set", "seed=5"]) == 0
    shown = capsys.readouterr().out
    (folder / "shown.yaml").write_text(shown)
    assert main(["config", "show", "shown.yaml"]) == 0
    again = capsys.readouterr().out
    assert [line.split(" # ")[0].rstrip() for line in again.splitlines()] == [
        line.split(" # ")[0].rstrip() for line in shown.splitlines()
    ]
    origins = {line.split(":")[0].strip(): line.partition("# ")[2] for line in shown.splitlines()}
    assert origins["seed"] == "--set"
    assert origins["units"] == "good.yaml:1:26"
    assert origins["loss"] == "default"


def test_show_as_json_gives_the_configuration_and_the_origin_of_each_value(folder, capsys):
    assert main(["config", "show", "good.yaml", "--set", "seed=5", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["config"]["model"]["layers"][0]["units"] == 10
    origins = document["origins"]
    assert (origins["seed"], origins["model.layers[0].units"], origins["loss"]) == (
        "--set",
        "good.yaml:1:26",
        "default",
    )


def test_schema_is_one_json_document(capsys):
    assert main(["config", "schema"]) == 0
    assert "layers" in json.loads(capsys.readouterr().out)["$defs"]["ModelConfig"]["properties"]


def test_new_prints_the_starter_file(folder, capsys):
    assert main(["config", "new"]) == 0
    (folder / "starter.yaml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["config", "check", "starter.yaml"]) == 0


def test_new_writes_a_file_and_overwrites_it_only_by_force(folder, capsys):
    assert main(["config", "new", "mine.yaml"]) == 0
    starter = (folder / "mine.yaml").read_text(encoding="utf-8")
    (folder / "mine.yaml").write_text("edited")
    assert main(["config", "new", "mine.yaml"]) == 1
    assert (folder / "mine.yaml").read_text() == "edited"
    assert "--force" in capsys.readouterr().err
    assert main(["config", "new", "mine.yaml", "--force"]) == 0
    assert (folder / "mine.yaml").read_text(encoding="utf-8") == starter
    assert sorted(path.name for path in folder.iterdir()) == ["bad.yaml", "good.yaml", "mine.yaml"]


def test_new_in_a_folder_that_is_not_there_says_so(folder, capsys):
    assert main(["config", "new", "nowhere/mine.yaml"]) == 5
    assert (
        "nowhere/mine.yaml: cannot be written: the folder nowhere does not exist; create it" in capsys.readouterr().err
    )
