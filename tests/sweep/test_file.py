"""A sweep's file is checked as a whole before anything starts: one line for each problem, with line and column."""

from pathlib import Path

import pytest

from nncli.errors import ConfigError
from nncli.sweep.file import load

BASE = """\
data: {name: synthetic-digits, validation: 100}
model: {layers: [{units: 8}, {units: 10}]}
training: {epochs: 3}
"""
RATE = "space: {optimizer.learning_rate: {choices: [0.1, 0.01]}}"

BAD = {
    "nothing": ("", "sweep.yaml:1:1: expected a mapping"),
    "a list": ("- base: base.yaml\n", "sweep.yaml:1:1: expected a mapping"),
    "not YAML": ("base: base.yaml\nspace: {", "sweep.yaml:2:"),
    "a configuration": (BASE, "sweep.yaml:1:1: a configuration, not the file of a sweep"),
    "no base": (f"{RATE}\n", "sweep.yaml:1:1: base: missing"),
    "a base that does not exist": (f"base: bases.yaml\n{RATE}\n", "sweep.yaml:1:7: base: "),
    "no space": ("base: base.yaml\n", "sweep.yaml:1:1: space: missing"),
    "an empty space": ("base: base.yaml\nspace: {}\n", "sweep.yaml:2:8: space: empty"),
    "a space that is a list": ("base: base.yaml\nspace: [1]\n", "sweep.yaml:2:8: space: expected a mapping"),
    "an unknown key": (f"base: base.yaml\n{RATE}\nsamplr: grid\n", "sweep.yaml:3:1: samplr: unknown key; did you mean"),
    "a duplicate key": (f"base: base.yaml\n{RATE}\nbase: base.yaml\n", "sweep.yaml:3:1: base: duplicate key"),
    "an unknown sampler": (f"base: base.yaml\n{RATE}\nsampler: bayes\n", "sweep.yaml:3:10: sampler: unknown 'bayes'"),
    "an unknown pruner": (f"base: base.yaml\n{RATE}\npruner: mean\n", "sweep.yaml:3:9: pruner: unknown 'mean'"),
    "an unknown objective": (
        f"base: base.yaml\n{RATE}\nobjective: test_error\n",
        "sweep.yaml:3:12: objective: unknown",
    ),
    "no trials": (f"base: base.yaml\n{RATE}\nsampler: tpe\n", "sweep.yaml:3:10: sampler: tpe needs a number of trials"),
    "trials of a grid": (f"base: base.yaml\n{RATE}\ntrials: 4\n", "sweep.yaml:3:9: trials: a grid has"),
    "no trial at all": (
        f"base: base.yaml\n{RATE}\nsampler: qmc\ntrials: 0\n",
        "sweep.yaml:4:9: trials: 0 is too small",
    ),
    "seeds that are not a number": (
        f"base: base.yaml\n{RATE}\nseeds: many\n",
        "sweep.yaml:3:8: seeds: expected an integer",
    ),
    "a scalar dimension": ("base: base.yaml\nspace:\n  seed: 3\n", "sweep.yaml:3:9: space.seed: expected {choices"),
    "two kinds": (
        "base: base.yaml\nspace:\n  seed: {choices: [1], log: [1, 2]}\n",
        "sweep.yaml:3:9: space.seed: choices and log",
    ),
    "no kind": ("base: base.yaml\nspace:\n  seed: {points: 3}\n", "sweep.yaml:3:9: space.seed: neither choices"),
    "an unknown kind": (
        "base: base.yaml\nspace:\n  seed: {choice: [1]}\n",
        "sweep.yaml:3:10: space.seed.choice: unknown key",
    ),
    "no choices": ("base: base.yaml\nspace:\n  seed: {choices: []}\n", "sweep.yaml:3:9: space.seed: choices: empty"),
    "a choice twice": (
        "base: base.yaml\nspace:\n  seed: {choices: [1, 1]}\n",
        "sweep.yaml:3:9: space.seed: choices: 1 is listed twice",
    ),
    "a logarithm of 0": (
        "base: base.yaml\nspace:\n  optimizer.learning_rate: {log: [0, 1], points: 3}\n",
        "sweep.yaml:3:28: space.optimizer.learning_rate: log: 0 has no logarithm",
    ),
    "ends in reverse": (
        "base: base.yaml\nspace:\n  optimizer.learning_rate: {uniform: [1, 0.1], points: 3}\n",
        "sweep.yaml:3:28: space.optimizer.learning_rate: uniform: the low end 1 must be below",
    ),
    "three ends": (
        "base: base.yaml\nspace:\n  seed: {integers: [1, 2, 3]}\n",
        "sweep.yaml:3:9: space.seed: integers: expected [low, high]",
    ),
    "fractional integers": (
        "base: base.yaml\nspace:\n  seed: {integers: [1, 2.5]}\n",
        "sweep.yaml:3:9: space.seed: integers: expected an integer",
    ),
    "a grid of a range": (
        "base: base.yaml\nspace:\n  optimizer.learning_rate: {log: [0.1, 1]}\n",
        "sweep.yaml:3:28: space.optimizer.learning_rate: a grid needs",
    ),
    "a key that is none": ("base: base.yaml\nspace:\n  model..layers: {choices: [1]}\n", "sweep.yaml:3:3: "),
    "an unknown key of the configuration": (
        "base: base.yaml\nspace:\n  optimizer.rate: {choices: [1]}\n",
        "sweep.yaml:3:30: optimizer.rate: unknown key; did you mean 'learning_rate'?",
    ),
    "an unknown key with several values": (
        "base: base.yaml\nspace:\n  optimizer.rate: {choices: [1, 2]}\n",
        "sweep.yaml:3:30: optimizer.rate: unknown key; did you mean 'learning_rate'?",
    ),
    "a layer that does not exist": (
        "base: base.yaml\nspace:\n  model.layers[2].units: {choices: [4]}\n",
        "sweep.yaml:3:37: model.layers has no [2]",
    ),
    "a learning rate of 0": (
        "base: base.yaml\nspace:\n  optimizer.learning_rate: {choices: [0.1, 0]}\n",
        "sweep.yaml:3:44: optimizer.learning_rate: 0 is too small; it must be above 0",
    ),
    "the end of a range": (
        "base: base.yaml\nspace:\n  model.layers[0].dropout_probability: {uniform: [0, 1], points: 2}\n",
        "sweep.yaml:3:54: model.layers[0].dropout_probability: 1.0 is too large; it must be below 1",
    ),
    "a combination": (
        "base: base.yaml\nspace:\n  training.epochs: {choices: [2]}\n  training.average_weights: {choices: [1, 4]}\n",
        "training: average_weights is 4, more than the number of epochs",
    ),
    "no held-out examples": (
        "base: base.yaml\nspace:\n  data.validation: {choices: [0, 9]}\nobjective: validation_loss\n",
        "sweep.yaml:4:12: objective: validation_loss needs held-out examples",
    ),
    "the seed twice": (
        "base: base.yaml\nspace:\n  seed: {choices: [1]}\nseeds: 2\n",
        "sweep.yaml:4:8: seeds: seed is also in the space",
    ),
    "a bad name": (f"base: base.yaml\n{RATE}\nname: a/b\n", "sweep.yaml:3:7: name: 'a/b' is not a valid name"),
}


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE, encoding="utf-8")

    def write(text: str) -> Path:
        Path("sweep.yaml").write_text(text, encoding="utf-8")
        return Path("sweep.yaml")

    return write


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_a_bad_file_gets_one_clear_message(written, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(text))
    (message,) = caught.value.problems
    assert expected in message


def test_the_problems_of_the_base_are_its_own(written) -> None:
    Path("base.yaml").write_text("model: {layers: [{units: 0}, {units: 10}]}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^base\.yaml:1:26: model\.layers\[0\]\.units: 0 is too small"):
        load(written(f"base: base.yaml\n{RATE}\n"))


def test_values_of_any_kind_reach_the_configuration(written) -> None:
    sweep = load(
        written("base: base.yaml\nspace:\n  optimizer: {choices: [{name: adam}, {name: sgd, learning_rate: 1}]}\n")
    )
    (dimension,) = sweep.space
    assert [dimension.decode(each) for each in dimension.grid()] == [
        {"name": "adam"},
        {"name": "sgd", "learning_rate": 1},
    ]
    assert (sweep.trials, sweep.name, sweep.sampler) == (2, "sweep", "grid")


@pytest.mark.parametrize(
    "path", sorted(Path(__file__).parents[2].glob("experiments/sweeps/*.yaml")), ids=lambda path: path.stem
)
def test_the_examples_are_valid(path: Path) -> None:
    assert load(path).trials > 0


def test_in_a_large_space_each_value_is_checked(written) -> None:
    rates = ", ".join(f"0.{i}" for i in range(1, 10))
    text = f"base: base.yaml\nspace:\n  optimizer.learning_rate: {{choices: [{rates}]}}\n"
    text += f"  optimizer.beta1: {{choices: [{rates}]}}\n  optimizer.beta2: {{choices: [{rates}, 1]}}\n"
    with pytest.raises(ConfigError, match=r"^sweep\.yaml:5:76: optimizer\.beta2: 1 is too large") as caught:
        load(written(text))
    assert len(caught.value.problems) == 1
