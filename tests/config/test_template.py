"""The starter file: accepted as it stands, complete, and equal to the defaults."""

import re

from nncli.config import template
from nncli.config.layers import LayerConfig
from nncli.config.load import from_mapping, loads
from nncli.config.schema import Config
from nncli.config.sections import OPTIMIZER_SECTIONS
from nncli.config.template import starter
from nncli.optim.optimizers import OPTIMIZERS
from nncli.optim.schedules import SCHEDULES


def test_the_starter_file_is_accepted_and_holds_the_defaults():
    layers = [{"units": 128, "activation": "relu"}, {"units": 10}]
    assert loads(starter(), name="starter.yaml").config == from_mapping({"model": {"layers": layers}})


def test_every_choice_in_the_starter_file_can_be_taken():
    lines = starter().splitlines()
    choices = [line[2:] for line in lines if line.startswith(("# optimizer: {", "# schedule: {"))]
    assert len(choices) == len(OPTIMIZERS) + len(SCHEDULES) - 2
    for choice in choices:
        key = choice.partition(":")[0]
        text = f"model: {{layers: [{{units: 10}}]}}\n{choice}\n"
        name = getattr(loads(text, name="choice.yaml").config, key).name
        assert f"name: {name}" in choice


def test_the_starter_file_explains_every_key():
    words = starter().replace("#", " ").split()
    flat = " ".join(words)
    optimizers = [
        OPTIMIZER_SECTIONS["nesterov"].model_fields["momentum"],
        OPTIMIZER_SECTIONS["adamw"].model_fields["weight_decay"],
    ]
    for field in [*Config.model_fields.values(), *LayerConfig.model_fields.values(), *optimizers]:
        assert " ".join((field.description or "").split()) in flat


def test_no_word_is_broken_at_a_hyphen(monkeypatch):
    for width in range(30, 50):
        monkeypatch.setattr(template, "_WIDTH", width)
        assert not re.search(r"\w-$", starter(), re.MULTILINE)
