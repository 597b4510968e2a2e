"""`nncli compare`: groups, settings that differ, McNemar's test, and what cannot be compared."""

import base64
import hashlib
import html
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats

WIDE = {"model": {"layers": [{"units": 40}, {"units": 10}]}, "training": {"epochs": 8}}
POOR = {"model": {"layers": [{"units": 10}]}, "optimizer": {"name": "sgd", "learning_rate": 1e-4}}


@pytest.fixture
def train(nncli, config_file, digits_dir):
    def train(name, *options, **changes):
        arguments = (config_file(f"{name}.yaml", **changes), "--run-dir", f"runs/{name}", "--data-dir", digits_dir)
        ended = nncli("train", *arguments, "-q", *options)
        assert ended.code == 0, ended.err
        return f"runs/{name}"

    return train


def predictions(nncli, run):
    assert nncli("evaluate", run, "--predictions", "p.npz").code == 0
    return np.load("p.npz")


def test_two_seeds_cannot_be_told_apart_and_form_a_group(nncli, train):
    """The second run has another name, number of threads and data folder, which make no other configuration."""
    first = train("first", "--threads", "1", **WIDE)
    second = train("second", "--seed", "7", "--set", "training.checkpoint_every_steps=2", **WIDE)
    moved = shutil.copytree(yaml.safe_load(Path(second, "config.yaml").read_text())["data"]["dir"], "elsewhere")
    third = train("third", "--seed", "8", "--data-dir", moved, **WIDE)
    document = json.loads(nncli("compare", first, second, third, "--json").out)
    (group,) = document["groups"]
    errors = [run["test_error"] for run in group["runs"]]
    assert [run["seed"] for run in group["runs"]] == [5, 7, 8]
    assert group["test_error"]["mean"] == pytest.approx(np.mean(errors))
    assert group["test_error"]["standard_deviation"] == pytest.approx(np.std(errors, ddof=1))
    assert document["differences"] == {}
    assert len(document["pairs"]) == 3
    assert not any(pair["differ"] for pair in document["pairs"])
    ended = nncli("compare", first, second)
    assert ended.err == ""
    assert "mean of 2 seeds" in ended.out
    assert "The configurations differ in nothing but the seed." in ended.out
    assert "- first and second cannot be told apart: " in ended.out
    assert "\x1b" not in ended.out


def test_a_linear_network_can_be_told_from_a_better_one(nncli, train):
    wide, poor = train("wide", **WIDE), train("poor", **POOR)
    document = json.loads(nncli("compare", wide, poor, "--json").out)
    wrong = [found["predictions"] != found["labels"] for found in (predictions(nncli, run) for run in (wide, poor))]
    b, c = np.sum(wrong[0] & ~wrong[1]), np.sum(wrong[1] & ~wrong[0])
    (pair,) = document["pairs"]
    assert (pair["only_first_wrong"], pair["only_second_wrong"], pair["differ"]) == (b, c, True)
    expected = stats.binomtest(b, b + c).pvalue if b + c < 25 else stats.chi2.sf((abs(b - c) - 1) ** 2 / (b + c), 1)
    assert pair["p_value"] == pair["adjusted_p_value"] == pytest.approx(expected)
    assert pair["sentence"].startswith("wide and poor can be told apart: of 60 test images, only wide misclassifies ")
    assert pair["sentence"].endswith(", so wide is better.")
    assert document["differences"] == {
        "model.layers": [[{"name": "hidden1", "inputs": ["input"], "units": 40, "activation": "relu",
                           "initializer": {"name": "he", "scale": None}, "batch_norm": False,
                           "dropout_probability": 0.0, "local": None}, *document["differences"]["model.layers"][0][1:]],
                         document["differences"]["model.layers"][1]],
        "optimizer.name": ["adam", "sgd"],
        "optimizer.learning_rate": [0.001, 0.0001],
        "training.epochs": [8, 3],
    }  # fmt: skip
    table = nncli("compare", wide, poor).out
    assert [line.split() for line in table.splitlines() if "model.layers" in line] == [["model.layers", "40-10", "10"]]
    assert json.loads(nncli("runs", "--json").out)[0]["test_error"] is not None


def test_many_runs_are_summarized_by_group(nncli, train):
    runs = [train(f"wide-{seed}", "--seed", seed, "--set", "name=wide", **WIDE) for seed in (1, 2)]
    runs += [train(f"poor-{seed}", "--seed", seed, "--set", "name=poor", **POOR) for seed in (1, 2)]
    lines = nncli("compare", *runs).out.splitlines()
    assert "- wide and poor can be told apart in 4 of 4 pairs of runs; wide is better in 4 of them." in lines
    assert sum(line.startswith("- ") for line in lines) == 3
    assert any("the conclusions allow for the number of tests, 6 (Holm's method, 5%" in line for line in lines)
    assert any(line.split()[:3] == ["setting", "wide", "poor"] for line in lines)


def test_runs_on_other_test_images_are_not_tested(nncli, train, digits_dir, tmp_path):
    first = train("first")
    changed = shutil.copytree(digits_dir, tmp_path / "changed")
    labels = changed / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\0")
    second = train("second", "--seed", "7", "--data-dir", changed)
    ended = nncli("compare", first, second)
    assert ended.code == 0
    assert "1 pair of runs was not tested: McNemar's test needs the predictions of both runs for the" in ended.out
    assert "told apart" not in ended.out


def test_equal_configurations_on_other_data_are_told_apart(nncli, train, digits_dir, tmp_path):
    changed = shutil.copytree(digits_dir, tmp_path / "changed")
    images = changed / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1] + b"\1")
    ended = nncli("compare", train("first"), train("second", "--data-dir", changed))
    assert "The configurations do not differ, but the runs were trained on different data." in ended.out


def test_without_test_images_the_rest_is_compared(nncli, train, digits_dir, tmp_path):
    (tmp_path / "gone").mkdir()
    runs = [train("first"), train("second", "--seed", "7")]
    ended = nncli("compare", *runs, "--data-dir", tmp_path / "gone", "--json")
    document = json.loads(ended.out)
    assert ended.err.startswith(f"warning: no test errors for runs on idx: {tmp_path / 'gone'}")
    assert (document["pairs"], document["groups"][0]["test_error"]) == ([], None)
    assert document["groups"][0]["validation_error"] is not None


def test_what_cannot_be_compared(nncli, train):
    run = train("one")
    for arguments, code, said in (
        ([run], 2, "name at least two runs to compare"),
        ([run, Path(run).absolute()], 5, f"{run}: given twice; name each run once"),
        ([run, "nowhere"], 5, "nowhere: no such run or checkpoint"),
        ([run, "--output", "x.gif"], 2, "must end in"),
    ):
        ended = nncli("compare", *arguments)
        assert (ended.code, ended.out) == (code, "")
        assert said in ended.err


def test_a_figure_is_written(nncli, train):
    runs = [train("first"), train("second", "--seed", "7")]
    ended = nncli("compare", *runs, "--output", "figure.svg", "--style", "slide")
    assert ended.err == "wrote figure.svg\n"
    assert "first (2 seeds)" in Path("figure.svg").read_text()


def test_a_page_shows_the_comparison_and_escapes_names(nncli, train):
    runs = [train("wide", **WIDE), train("poor", **POOR), train("again", "--seed", "7", **POOR)]
    named = str(Path(runs[0]).rename("runs/<b>wide"))
    sentences = [line[2:] for line in nncli("compare", named, *runs[1:]).out.splitlines() if line.startswith("- ")]
    assert nncli("compare", named, *runs[1:], "--output", "page.html").err == "wrote page.html\n"
    page = Path("page.html").read_text()
    assert "<b>wide" not in page
    assert page.count("&lt;b&gt;wide") > 2
    assert "mean of 2 seeds" in page
    assert "<code>optimizer.learning_rate</code>" in page
    assert html.escape(sentences[1].split(" can")[0]) in page
    values = json.loads(page.split('id="values">')[1].split("</script>")[0])
    assert [len(group["validation"]["seeds"]) for group in values["groups"]] == [0, 2]
    policy = page.split('Content-Security-Policy" content="')[1].split('"')[0]
    script = page.rsplit("<script>", 1)[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{html.escape(digest)}&#39;" in policy
    assert set(re.findall(r"https?://[^\"]*", page)) == {"http://www.w3.org/2000/svg"}
