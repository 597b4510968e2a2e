"""Loading a file: located errors all at once, overrides, origins, and the round trip through YAML."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.config.load import from_mapping, load, loads, to_mapping, to_yaml
from nncli.config.sections import OPTIMIZER_SECTIONS
from nncli.errors import ConfigError

MODEL = "model: {layers: [{units: 10}]}\n"


def refusal(text, *overrides):
    with pytest.raises(ConfigError) as caught:
        loads(text, name="f.yaml", overrides=overrides)
    return caught.value.problems


def test_every_problem_of_a_file_comes_at_once_in_its_order():
    assert refusal(
        "seed: one\n"
        "epochs: 5\n"
        "model:\n"
        "  layers:\n"
        "    - units: 100\n"
        "      activation: rellu\n"
        "      initializer: hee\n"
        "    - {units: 12, unts: 3}\n"
        "optimizer: {learning_rate: .nan}\n"
        "training: {epochs: 1.5, epochs: 2}\n"
    ) == [
        "f.yaml:1:7: seed: expected an integer, not the string 'one'",
        "f.yaml:2:1: epochs: unknown key; did you mean training.epochs?",
        "f.yaml:6:19: model.layers[0].activation: unknown 'rellu'; did you mean 'relu'?",
        "f.yaml:7:20: model.layers[0].initializer: unknown 'hee'; did you mean 'he'?",
        "f.yaml:8:15: model.layers[1].units: the output layer (the last one) must have 10 units, not 12",
        "f.yaml:8:19: model.layers[1].unts: unknown key; did you mean 'units'?",
        "f.yaml:9:28: optimizer.learning_rate: .nan is not a finite number",
        "f.yaml:10:25: training.epochs: duplicate key; it is already defined on line 10",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "base: mlp.yaml\nspace: {}",
            "f.yaml:1:1: the file of a sweep, not a configuration; `nncli sweep` runs it",
        ),
        ("", "f.yaml:1:1: empty; a minimal configuration is `model: {layers: [{units: 10}]}`"),
        ("# nothing\n", "f.yaml:1:1: empty"),
        ("- 1\n", "f.yaml:1:1: not a mapping of keys to values"),
        ("text\n", "f.yaml:1:1: not a mapping of keys to values"),
        ("seed: 1\n", "f.yaml:1:1: model: missing; add it, as in `model: {layers: [{units: 10}]}`"),
        ("model: {}\n", "f.yaml:1:8: model.layers: missing; add it, as in `layers: [{units: 10}]`"),
        ("model: {layers: [{}]}\n", "f.yaml:1:18: model.layers[0].units: missing; add it, as in `units: 10`"),
        (
            "model: {layers: [{units: 10, initializer: {scale: 1}}]}\n",
            "f.yaml:1:43: model.layers[0].initializer.name: missing; add it, as in `name: he`",
        ),
        ("seed: 010\n" + MODEL, "f.yaml:1:7: seed: a number with a leading zero is ambiguous; write 10, or '010'"),
        (
            MODEL + "data: {validation: 0}\ntraining:\n  early_stopping: {patience: 2}\n",
            "f.yaml:4:19: training.early_stopping: requires data.validation above 0",
        ),
        (
            MODEL + "data: {augment: {elastic: {alpha: 1.0e+39}}}\n",
            "f.yaml:2:35: data.augment.elastic.alpha: 1e+39 is too large; it must be at most 1000",
        ),
        (MODEL + "'': 1\n", "f.yaml:2:1: '': unknown key"),
        (MODEL + "<<: {seed: 1}\n", "f.yaml:2:1: <<: unknown key"),
        (MODEL + '"a\\nb": 1\n', "f.yaml:2:1: 'a\\nb': unknown key"),
    ],
)
def test_a_problem_is_named_with_its_place(text, problem):
    assert refusal(text)[0].startswith(problem)


def test_a_flood_of_problems_is_summed_up():
    problems = refusal(MODEL + "".join(f"key{number}: 1\n" for number in range(200)))
    assert len(problems) == 51
    assert problems[-1] == "and more; fix these first"


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("seed=7", "seed", 7),
        ("optimizer.learning_rate=1e-2", "optimizer.learning_rate", 0.01),
        ("model.layers[0].units=300", "model.layers[0].units", 300),
        ("model.layers[0].initializer={name: normal, scale: 2}", "model.layers[0].initializer.scale", 2.0),
        ("training.early_stopping.patience=3", "training.early_stopping.patience", 3),
        ("name=a=b", None, None),
    ],
)
def test_an_override_is_laid_over_the_file(override, key, value):
    text = "model: {layers: [{units: 5}, {units: 10}]}\noptimizer: {name: sgd, learning_rate: 0.5}\n"
    if key is None:
        assert refusal(text, override)[0].startswith(f"--set {override}: name: 'a=b' is not a valid name")
        return
    resolved = loads(text, name="f.yaml", overrides=[override])
    flat = json.dumps(to_mapping(resolved.config))
    assert f'"{key.rpartition(".")[2]}": {value}' in flat
    assert resolved.origins[key] == "--set"


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("seed", "--set seed: expected KEY=VALUE, as in optimizer.learning_rate=0.05"),
        ("seed=", "--set seed=: seed: no value after the =; write null for the default"),
        ("seed=  ", "--set seed=  : seed: no value"),
        ("model=null", "--set model=null: model: missing; add it, as in `model: {layers: [{units: 10}]}`"),
        ("optimizer=adam", "--set optimizer=adam: optimizer: expected a mapping such as {name: adam}, not the string"),
        ("=3", "--set =3: '' is not a valid key"),
        ("a..b=3", "--set a..b=3: 'a..b' is not a valid key"),
        ("seed=x", "--set seed=x: seed: expected an integer, not the string 'x'"),
        ("seed=&a 1", "--set seed=&a 1: seed: an anchor"),
        ("seed=[1", "--set seed=[1: seed: not valid YAML"),
        ("lr=1", "--set lr=1: lr: unknown key; did you mean optimizer.learning_rate?"),
        ("sed=1", "--set sed=1: sed: unknown key; did you mean 'seed'?"),
        (
            "model.layers[3].units=1",
            "--set model.layers[3].units=1: model.layers has no [3] (number of entries, counted from [0]: 1)",
        ),
        ("model.layers.units=1", "--set model.layers.units=1: model.layers is a list, not a mapping"),
        ("seed.x=1", "--set seed.x=1: seed is 1, not a mapping"),
        (f"model{'.a' * 4_000}=1", f"--set model{'.a' * 36}...: the key has 4001 parts, but at most 64 are allowed"),
        ("training.x[0]=1", "--set training.x[0]=1: training.x is not in the file"),
        ("optimizer.name=adam", "f.yaml:3:13: optimizer.momentum: unknown key; it belongs to"),
    ],
)
def test_an_override_that_does_not_fit_is_refused(override, problem):
    text = f"seed: 1\n{MODEL}optimizer: {{momentum: 0.9, name: momentum}}\n"
    assert refusal(text, override)[0].startswith(problem)


def test_keys_left_over_from_another_variant_come_with_the_way_to_drop_them():
    text = MODEL + "optimizer: {name: momentum, momentum: 0.8}\n"
    assert refusal(text, "optimizer.name=sgd")[0].endswith(
        "it belongs to {name: momentum} and {name: nesterov}; or replace the section: --set 'optimizer={name: sgd}'"
    )
    for problems in (
        refusal(MODEL + "optimizer: {name: sgd, momentum: 0.8}\n"),
        refusal(text, "optimizer={name: sgd, momentum: 1}"),
        refusal(text, "data.name=idx", "data.x=1"),
    ):
        assert "replace the section" not in problems[0]


def test_an_override_without_a_value_changes_nothing_and_null_takes_the_default():
    text = MODEL + "seed: 7\n"
    assert loads(text, name="f.yaml", overrides=["seed=null"]).config.seed == 1
    assert refusal(text, "seed=", "loss=x")[1].startswith("--set loss=x: loss: unknown 'x'")


def test_an_override_of_a_whole_section_replaces_it():
    text = MODEL + "optimizer: {name: momentum, momentum: 0.8}\n"
    assert (
        loads(text, name="f.yaml", overrides=["optimizer={name: adam}"]).config.optimizer
        == OPTIMIZER_SECTIONS["adam"]()
    )


def test_the_last_override_of_a_key_holds_and_mends_the_file():
    resolved = loads(MODEL + "seed: one\n", name="f.yaml", overrides=["seed=2", "seed=3"])
    assert resolved.config.seed == 3


def test_every_value_knows_its_origin():
    text = "model:\n  layers:\n    - {units: 5, activation: sigmoid, initializer: uniform}\n    - units: 10\nseed:\n"
    origins = loads(text, name="f.yaml", overrides=["data.batch_size=32"]).origins
    assert origins["model.layers[0].units"] == "f.yaml:3:15"
    assert origins["model.layers[0].activation"] == "f.yaml:3:30, alias sigmoid"
    assert origins["model.layers[0].initializer.name"] == "f.yaml:3:52"
    assert origins["model.layers[0].initializer.scale"] == "default"
    assert origins["model.layers[0].inputs"] == "default"
    assert origins["data.batch_size"] == "--set"
    assert origins["data.name"] == "default"
    assert origins["seed"] == "default"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("mlp.yaml", "mlp"),
        ("my first net.yaml", "my-first-net"),
        ("..yaml", "run"),
        ("x", "x"),
        ("ä.yaml", "ä"),
        ("数字.yaml", "数字"),
        ("mein Netz é.yaml", "mein-Netz-é"),
        ("हिन्दी.yaml", "हिन्दी"),
        ("-. net (2) .yaml", "net-2"),
        ("½ ².yaml", "run"),
        (f"{'ab-' * 40}.yaml", ("ab-" * 40)[:100]),
        (f"{'abc-' * 40}.yaml", ("abc-" * 40)[:99]),
    ],
)
def test_a_run_is_named_after_its_file(tmp_path, file, name):
    path = tmp_path / file
    path.write_text(MODEL, encoding="utf-8")
    assert load(path).config.name == name


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", ":1:1: not UTF-8"),
        (b"seed: 1\nname: caf\xe9\n", ":2:10: not UTF-8"),
        ("ä: \0".encode(), ":1:4: a NUL byte"),
        (b"#" * (1 << 20) + b"\n", ": larger than 1 MiB"),
    ],
)
def test_a_file_that_is_no_small_text_is_refused(tmp_path, content, reason):
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.problems[0].startswith(f"{path}{reason}")


def test_a_huge_file_is_refused_from_its_size(tmp_path):
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load(path)


def test_a_file_that_is_not_there_is_refused_with_its_neighbour(tmp_path):
    (tmp_path / "quickstart.yaml").write_text(MODEL)
    with pytest.raises(ConfigError, match=r"quikstart\.yaml: no such file; did you mean .*quickstart\.yaml"):
        load(tmp_path / "quikstart.yaml")
    (tmp_path / "s.yaml").write_text(MODEL)
    with pytest.raises(ConfigError, match=r"nosuch\.yaml: no such file; create one"):  # the suffix is no similarity
        load(tmp_path / "nosuch.yaml")
    with pytest.raises(ConfigError, match="a folder"):
        load(tmp_path)
    with pytest.raises(ConfigError, match="no folder"):
        load(tmp_path / "nowhere" / "f.yaml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MODEL.encode())
    assert load(path).config.model.layers[0].units == 10


finite: dict[str, Any] = {"allow_nan": False, "allow_infinity": False}
rates = st.floats(min_value=1e-300, max_value=1e300, **finite)
names = st.from_regex(r"[A-Za-z0-9_é数][A-Za-z0-9._é数-]{0,20}", fullmatch=True)
layers = st.fixed_dictionaries(
    {"units": st.integers(1, 1_000_000)},
    optional={
        "activation": st.sampled_from(["linear", "relu", "softplus", "sigmoid", "tanh", "hard_threshold"]),
        "dropout_probability": st.floats(0, 0.999),
        "initializer": st.sampled_from(["he", "normal", "zeros"])
        | st.builds(lambda scale: {"name": "uniform", "scale": scale}, st.floats(1e-300, 1e30)),
    },
)
configurations = st.fixed_dictionaries(
    {"model": st.lists(layers, max_size=3).map(lambda hidden: {"layers": [*hidden, {"units": 10}]})},
    optional={
        "name": names,
        "seed": st.integers(0, 2**63 - 1),
        "clip_norm": st.none() | rates,
        "data": st.fixed_dictionaries(
            {"dir": st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: "\0" not in text)}
        ),
        "optimizer": st.builds(lambda rate: {"name": "nesterov", "learning_rate": rate}, rates),
        "schedule": st.sampled_from([{"name": "cosine"}, {"name": "step", "every": 3}]),
        "training": st.builds(lambda patience: {"early_stopping": {"patience": patience}}, st.integers(1, 99)),
    },
)


@given(configurations)
def test_a_configuration_survives_the_way_through_yaml(mapping):
    config = from_mapping(mapping)
    assert loads(to_yaml(config), name="f.yaml").config == config


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["model", "layers", "units", "name", "inputs", "optimizer", "x"]), inner)
    ),
    max_leaves=20,
)


@given(plain, plain)
def test_any_values_in_place_of_sections_are_refused_as_configuration_errors(layers, optimizer):
    with pytest.raises(ConfigError) as caught:
        from_mapping({"model": {"layers": layers}, "optimizer": optimizer, "x": 1})
    assert all("\n" not in problem for problem in caught.value.problems)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_loaded_or_refused_as_a_configuration_error(text, override):
    with pytest.raises(ConfigError):
        loads(text, name="f.yaml", overrides=[override])
