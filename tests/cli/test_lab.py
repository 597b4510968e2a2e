"""`nncli lab`: the list of demonstrations, and what each command prints, writes and refuses."""

import json

import pytest

from nncli.cli.main import main
from nncli.lab.catalogue import DEMONSTRATIONS


def test_lab_lists_every_demonstration_with_its_slide(capsys):
    assert main(["lab", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {each["name"]: each["slide"] for each in listed} == {n: d.slide for n, d in DEMONSTRATIONS.items()}
    assert main(["lab"]) == 0
    shown = capsys.readouterr().out
    assert len(DEMONSTRATIONS) == 12
    assert all(name in shown for name in DEMONSTRATIONS)


def test_activations_prints_values_and_derivatives(capsys):
    assert main(["lab", "activations", "--at", "0.5", "--json"]) == 0
    by_name = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert by_name["relu"] == {"name": "relu", "formula": "y = max(0, z)", "z": [0.5], "y": [0.5], "dy_dz": [1.0]}
    assert main(["lab", "activations", "--at", "0.5"]) == 0
    assert "0.6225" in capsys.readouterr().out  # σ(1/2)


@pytest.mark.parametrize("number", ["nan", "inf", "1e9", "x"])
def test_activations_refuses_what_is_no_point(number, capsys):
    assert main(["lab", "activations", "--at", number]) == 2
    assert "--at" in capsys.readouterr().err
