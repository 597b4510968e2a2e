"""The page is one file that refers to nothing else, and whatever a run contains stays text."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from importlib.resources import files

import pytest

from nncli.nn.activations import ACTIVATIONS
from nncli.nn.losses import LOSSES
from nncli.report.page import render


@pytest.fixture
def page(findings):
    """Return a page about a run with a hostile name."""
    return render(replace(findings, run="runs/<script>alert(1)</script>"))


def contents(page, element):
    """Return the contents of all elements of this name, with the attributes of each."""
    return re.findall(rf"<{element}([^>]*)>(.*?)</{element}>", page, re.DOTALL)


def test_the_name_of_a_run_stays_text(page):
    assert "<script>alert" not in page
    assert "runs/&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_policy_allows_its_own_style_and_script_and_no_connection(page):
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    policy = policy.replace("&#39;", "'")
    (_, style), *_ = contents(page, "style")
    scripts = [text for attributes, text in contents(page, "script") if not attributes]
    for directive, texts in (("style-src", [style]), ("script-src", scripts)):
        digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        assert f"; {directive} " + " ".join(f"'sha256-{digest}'" for digest in digests) + ";" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert len(scripts) == 1


def test_it_refers_to_nothing_outside(page):
    outside = re.sub(r'xmlns="[^"]*"|createElementNS\("[^"]*"', "", page)
    assert not re.search(r"https?:|url\((?!#)|@import|\bfetch\(|XMLHttpRequest|importScripts|\bon\w+=\"", outside)
    for link in re.findall(r'\b(?:src|href)="([^"]*)"', outside):
        assert link == "data:," or link[1:] in re.findall(r'\bid="([^"]*)"', page)


def test_its_data_are_those_of_the_run(page, findings):
    values = json.loads(next(text for attributes, text in contents(page, "script") if 'id="values"' in attributes))
    assert values["confusion"] == findings.tested.summary.confusion.tolist()
    assert [epoch["validation_error"] for epoch in values["epochs"]] == [0.3, 0.3]
    assert values["schedule"][0] == [0, 0.001]
    assert values["schedule"][-1][0] == 3
    assert [each["kind"] for each in values["network"]["operations"]] == ["affine", "activation"] * 2
    assert values["network"]["tensors"]["output.weights"] == {"shape": [10, 12], "offset": 12 * 784 + 12}


def test_a_checkpoint_without_a_run_folder_has_a_page(findings):
    page = render(replace(findings, manifest=None, epochs=[]))
    assert "There is no manifest beside this checkpoint." in page
    assert "there are no learning curves" in page


def test_the_page_can_run_every_activation_and_loss():
    script = files("nncli.report").joinpath("scripts/network.js").read_text(encoding="utf-8")
    for table, names in (("ACTIVATIONS", ACTIVATIONS), ("LOSSES", LOSSES)):
        body = re.findall(rf"^const {table} = {{$(.*?)^}};$", script, re.DOTALL | re.MULTILINE)[0]
        assert set(re.findall(r"^  (\w+): {", body, re.MULTILINE)) == set(names)
