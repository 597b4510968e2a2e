"""The schema: defaults that depend on place, variants, and every field described."""

import json
import re
from typing import get_args

import pytest
from pydantic import BaseModel

from nncli.config.layers import InitializerConfig
from nncli.config.load import from_mapping, to_mapping
from nncli.config.schema import Config
from nncli.config.sections import OPTIMIZER_SECTIONS, SCHEDULE_SECTIONS
from nncli.errors import ConfigError
from nncli.nn.activations import ACTIVATIONS
from nncli.nn.credit import RULES
from nncli.nn.initializers import INITIALIZERS
from nncli.nn.losses import LOSSES
from nncli.optim.optimizers import OPTIMIZERS
from nncli.optim.schedules import SCHEDULES


def build(*layers, **sections):
    return from_mapping({"model": {"layers": list(layers)}, **sections})


def refusal(mapping):
    with pytest.raises(ConfigError) as caught:
        from_mapping(mapping)
    return caught.value.problems


def sections_below(model):
    yield model
    for field in model.model_fields.values():
        pending = [field.annotation]
        while pending:
            annotation = pending.pop()
            pending += get_args(annotation)
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                yield from sections_below(annotation)


def test_layers_take_what_they_leave_out_from_their_place():
    hidden, second, output = build({"units": 5}, {"units": 4, "activation": "tanh"}, {"units": 10}).model.layers
    assert (hidden.name, second.name, output.name) == ("hidden1", "hidden2", "output")
    assert (hidden.inputs, second.inputs, output.inputs) == (("input",), ("hidden1",), ("hidden2",))
    assert (hidden.activation, second.activation, output.activation) == ("relu", "tanh", "linear")
    assert (hidden.initializer.name, second.initializer.name, output.initializer.name) == (
        "he",
        "glorot",
        "glorot",
    )


@pytest.mark.parametrize(("alias", "name"), [("softplus", "soft_relu"), ("sigmoid", "logistic")])
def test_an_alias_becomes_the_lectures_name(alias, name):
    assert build({"units": 5, "activation": alias}, {"units": 10}).model.layers[0].activation == name


@pytest.mark.parametrize(
    ("given", "initializer"),
    [
        ("zeros", InitializerConfig(name="zeros")),
        ("normal", InitializerConfig(name="normal", scale=0.01)),
        ({"name": "uniform"}, InitializerConfig(name="uniform", scale=0.05)),
        ({"name": "normal", "scale": 2}, InitializerConfig(name="normal", scale=2.0)),
    ],
)
def test_an_initializer_is_a_name_or_a_section(given, initializer):
    assert build({"units": 10, "initializer": given}).model.layers[0].initializer == initializer


def test_a_section_without_a_name_is_the_default_variant():
    config = build({"units": 10}, optimizer={"learning_rate": 0.5}, schedule={"warmup_epochs": 2})
    assert config.optimizer == OPTIMIZER_SECTIONS["adam"](learning_rate=0.5)
    assert config.schedule == SCHEDULE_SECTIONS["constant"](warmup_epochs=2.0)


def test_a_variant_is_chosen_by_name():
    assert build({"units": 10}, optimizer={"name": "momentum"}).optimizer == OPTIMIZER_SECTIONS["momentum"](
        name="momentum"
    )


def test_a_key_without_a_value_is_left_out():
    config = build({"units": 10, "activation": None}, training=None, seed=None, optimizer={"name": None})
    assert config == build({"units": 10})


def test_a_network_may_skip_layers_and_list_them_in_any_order():
    config = build(
        {"name": "b", "units": 3, "inputs": ["a", "input"]},
        {"name": "a", "units": 4, "inputs": ["input"]},
        {"units": 10, "inputs": ["a", "b"]},
    )
    assert config.model.layers[2].inputs == ("a", "b")


@pytest.mark.parametrize(
    ("layers", "line"),
    [
        ([], "model.layers: a network needs at least one layer"),
        ([{"units": 12}], "model.layers[0].units: the output layer (the last one) must have 10 units, not 12"),
        ([{"units": 10, "dropout_probability": 0.5}], "model.layers[0].dropout_probability: the output layer"),
        ([{"units": 5, "name": "input"}, {"units": 10}], "model.layers[0].name: 'input' is reserved"),
        (
            [{"units": 5, "name": "a"}, {"units": 5, "name": "a"}, {"units": 10}],
            "model.layers[1].name: 'a' is already the name of layers[0]",
        ),
        (
            [{"units": 5}, {"units": 10, "inputs": ["hiden1"]}],
            "model.layers[1].inputs[0]: no layer is named 'hiden1'; did you mean 'hidden1'?",
        ),
        ([{"units": 5}, {"units": 10, "inputs": ["input"]}], "model.layers[0]: no layer reads 'hidden1'"),
        ([{"units": 10, "inputs": []}], "model.layers[0].inputs: empty"),
        (
            [{"units": 5}, {"units": 10, "inputs": ["hidden1", "hidden1"]}],
            "model.layers[1].inputs[1]: 'hidden1' is listed twice",
        ),
        (
            [{"units": 5, "inputs": ["output"]}, {"units": 10}],
            "model.layers[0].inputs[0]: 'output' is the output layer",
        ),
        (
            [{"units": 5, "inputs": ["hidden2"]}, {"units": 5, "inputs": ["hidden1"]}, {"units": 10}],
            "model.layers[0].inputs: the layers form a cycle: hidden1 -> hidden2 -> hidden1",
        ),
        (
            [{"units": 5}, {"units": 10, "inputs": ["hidden1"] * 9}],
            "model.layers[1].inputs: 9 names, but there are only 3 layers to choose from",
        ),
        ([{"units": 3}] * 200 + [{"units": 10}], "model.layers: 201 layers, but at most 200"),
    ],
)
def test_layers_that_form_no_network_are_refused(layers, line):
    assert any(problem.startswith(line) for problem in refusal({"model": {"layers": layers}}))


def test_two_layers_of_the_same_name_are_one_error():
    problems = refusal({"model": {"layers": [{"units": 10, "name": "a"}, {"units": 10, "name": "a"}]}})
    assert problems == ["model.layers[1].name: 'a' is already the name of layers[0]; names must be unique"]


@pytest.mark.parametrize(
    ("sections", "line"),
    [
        ({"seed": True}, "seed: expected an integer, not true"),
        ({"seed": -1}, "seed: -1 is too small; it must be at least 0"),
        ({"seed": 2**63}, "seed: 9223372036854775808 is too large"),
        ({"seed": 10**5000}, "seed: a very long number is too large"),
        ({"seed": 1.0}, "seed: expected an integer, not 1.0"),
        ({"clip_norm": "1"}, "clip_norm: expected a number, not the string '1'"),
        ({"clip_norm": float("nan")}, "clip_norm: nan is not a finite number"),
        ({"clip_norm": 0}, "clip_norm: 0 is too small; it must be above 0"),
        ({"name": ".."}, "name: '..' is not a valid name; use at most 100 letters, digits, '.', '_' and '-'"),
        ({"name": "x y"}, "name: 'x y' is not a valid name; use"),
        ({"name": "数" * 101}, "name: '数"),
        ({"model": {"layers": [{"units": 10, "name": "é"}]}}, "model.layers[0].name: 'é' is not a valid name; use"),
        ({"name": "a/b"}, "name: 'a/b' is not a valid name"),
        ({"name": 5}, "name: expected a string, not 5; put it in quotes"),
        ({"dtype": "float16"}, "dtype: unknown 'float16'; did you mean"),
        ({"optimizer": {"name": "adma"}}, "optimizer.name: unknown 'adma'; did you mean 'adam'?"),
        ({"optimizer": {"name": "sgd", "momentum": 0.9}}, "optimizer.momentum: unknown key; it belongs to {name"),
        ({"optimizer": {"lr": 1}}, "optimizer.lr: unknown key; did you mean 'learning_rate'?"),
        (
            {"model": {"layers": [{"units": 10, "initializer": {"name": "uniform", "scale": 1e308}}]}},
            "model.layers[0].initializer.scale: 1e+308 is too large; it must be at most 1e+30",
        ),
        (
            {"model": {"layers": [{"units": 10, "dropout": 0.5}]}},
            "model.layers[0].dropout: unknown key; did you mean 'dropout_probability'?",
        ),
        ({"optimizer": {"beta1": 1}}, "optimizer.beta1: 1 is too large; it must be below 1"),
        ({"optimizer": {"name": [1]}}, "optimizer.name: expected one of sgd, momentum"),
        ({"optimizer": {"name": 5}}, "optimizer.name: expected one of sgd, momentum"),
        ({"schedule": "cosine"}, "schedule: expected a mapping such as {name: cosine}, not the string 'cosine'"),
        ({"optimizer": "Nestrov"}, "optimizer: expected a mapping such as {name: nesterov}, not the string 'Nestrov'"),
        ({"optimizer": 5}, "optimizer: expected a mapping such as {name: sgd}, not 5"),
        ({"epochs": 5}, "epochs: unknown key; did you mean training.epochs?"),
        ({"LR": 5}, "LR: unknown key; did you mean optimizer.learning_rate?"),
        ({"dropout": 0.5}, "dropout: unknown key; did you mean model.layers[0].dropout_probability?"),
        ({"training": {"batch_size": 5}}, "training.batch_size: unknown key; did you mean data.batch_size?"),
        ({"data": {"dir": ""}}, "data.dir: empty"),
        ({"training": {"epochs": 2, "average_weights": 3}}, "training: average_weights is 3, more than"),
        ({"data": {"validation": 0}, "training": {"early_stopping": {}}}, "training.early_stopping: requires"),
    ],
)
def test_a_wrong_value_is_refused_with_the_key_and_the_remedy(sections, line):
    problems = refusal({"model": {"layers": [{"units": 10}]}, **sections})
    assert len(problems) == 1
    assert problems[0].startswith(line)


def test_what_is_wrong_with_layers_and_with_their_graph_comes_at_once():
    problems = refusal({"model": {"layers": [{"units": "5", "inputs": ["x"]}, {"units": 11}]}})
    assert [problem.split(":")[0] for problem in problems] == [
        "model.layers[0].units",
        "model.layers[1].units",
        "model.layers[0].inputs[0]",
    ]


@pytest.mark.parametrize("mapping", [{}, {"model": 3}, {"model": {"layers": "x"}}, {"model": {"layers": [3, None]}}])
def test_what_is_no_configuration_at_all_is_refused(mapping):
    assert refusal(mapping)


def test_a_configuration_is_immutable():
    with pytest.raises(ValueError, match="frozen"):
        build({"units": 10}).seed = 2


def test_a_plain_mapping_builds_the_same_configuration_again():
    config = build({"units": 5, "activation": "sigmoid", "initializer": "normal"}, {"units": 10}, seed=7)
    assert from_mapping(json.loads(json.dumps(to_mapping(config)))) == config


def test_every_field_is_described():
    bare = [
        f"{section.__name__}.{name}"
        for section in sections_below(Config)
        for name, field in section.model_fields.items()
        if not field.description
    ]
    assert bare == []


def test_the_json_schema_asks_only_for_the_model_and_for_units():
    schema = Config.model_json_schema()
    assert schema["required"] == ["model"]
    assert schema["$defs"]["LayerConfig"]["required"] == ["units"]


@pytest.mark.parametrize(("name", "fits"), [("mlp-1.2", True), ("数字", True), ("a b", False), ("..", False)])
def test_the_json_schema_takes_names_of_any_script(name, fits):
    pattern = Config.model_json_schema()["properties"]["name"]["pattern"]
    assert bool(re.search(pattern, name, re.ASCII)) is fits


def test_the_json_schema_knows_aliases_and_plain_initializers():
    layer = Config.model_json_schema()["$defs"]["LayerConfig"]["properties"]
    assert "softplus" in json.dumps(layer["activation"])
    assert layer["initializer"]["anyOf"][0] == {"enum": ["he", "glorot", "normal", "uniform", "zeros"]}


def test_the_schema_offers_what_the_tables_hold():
    definitions = Config.model_json_schema()["$defs"]
    layer = definitions["LayerConfig"]["properties"]
    aliases = [each.alias for each in ACTIVATIONS.values() if each.alias]
    assert layer["activation"]["enum"] == [*ACTIVATIONS, *aliases]
    assert definitions["InitializerConfig"]["properties"]["name"]["enum"] == list(INITIALIZERS)
    assert definitions["TrainingConfig"]["properties"]["credit"]["enum"] == list(RULES)
    properties = Config.model_json_schema()["properties"]
    assert properties["loss"]["enum"] == list(LOSSES)
    assert set(properties["optimizer"]["discriminator"]["mapping"]) == set(OPTIMIZERS)
    assert set(properties["schedule"]["discriminator"]["mapping"]) == set(SCHEDULES)
    for name, optimizer in OPTIMIZERS.items():
        section = OPTIMIZER_SECTIONS[name](name=name)
        assert section.model_dump(exclude={"name"}) == {
            key: getattr(optimizer, key) for key in section.model_dump(exclude={"name"})
        }


LOCAL = {"units": 32, "local": {"grid": 4, "window": 10}}


def test_locally_connected_layers_read_windows_of_the_image_or_of_each_other():
    first, second, third, _ = build(
        LOCAL, {"units": 9, "local": {"grid": 3, "window": 2}}, {"units": 5}, {"units": 10}
    ).model.layers
    assert (first.local.grid, first.local.window) == (4, 10)
    assert (second.local.grid, second.local.window) == (3, 2)
    assert third.local is None


@pytest.mark.parametrize(
    ("layers", "size", "problem"),
    [
        (
            [{"units": 9, "local": {"grid": 3, "window": 29}}],
            None,
            "model.layers[0].local.window: 29 is larger than the plane below, which has 28 rows and columns",
        ),
        (
            [{"units": 100, "local": {"grid": 10, "window": 22}}],
            29,
            "model.layers[0].local.grid: at most 8 different windows of 22 fit in a row of 29, not 10",
        ),
        (
            [LOCAL, {"units": 9, "local": {"grid": 3, "window": 3}}],
            None,
            "model.layers[1].local.grid: at most 2 different windows of 3 fit in a row of 4, not 3",
        ),
        (
            [{"units": 30, "local": {"grid": 4, "window": 10}}],
            None,
            "model.layers[0].units: 30 units cannot be divided among 4x4 windows; use a multiple of 16",
        ),
        (
            [{"units": 30}, LOCAL],
            None,
            (
                "model.layers[1].inputs: a locally connected layer must read the input or one other locally connected "
                "layer, not 'hidden1'"
            ),
        ),
        (
            [LOCAL, LOCAL | {"inputs": ["hidden1", "input"]}],
            None,
            (
                "model.layers[1].inputs: a locally connected layer must read the input or one other locally connected "
                "layer, not 'hidden1', 'input'"
            ),
        ),
        ([LOCAL | {"local": {"grid": 4}}], None, "model.layers[0].local.window: missing; add it, as in `window: 9`"),
        ([LOCAL | {"local": 4}], None, "model.layers[0].local: expected a mapping of keys to values, not 4"),
    ],
)
def test_windows_that_do_not_fit_are_problems(layers, size, problem):
    given = {"model": {"layers": [*layers, {"units": 10}]}, "data": {"size": size}}
    assert [str(each) for each in refusal(given)] == [problem]
