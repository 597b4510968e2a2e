"""Completion, by calling the program as the shells do, and typed into bash, zsh and fish."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nncli.cli import completion
from nncli.cli.main import COMMANDS
from nncli.config.schema import TrainingConfig


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with configurations and run folders."""
    monkeypatch.chdir(tmp_path)
    for run in ("runs/mlp", "runs/mlp-2", "runs/literature/simard", "my runs/one"):
        (tmp_path / run / "checkpoints").mkdir(parents=True)
        for file in ("manifest.json", "config.yaml"):
            (tmp_path / run / file).touch()
    for file in ("mlp.yaml", "experiments/skip.yml", ".hidden/a.yaml", "picture.png", "sweeps/search/sweep.db"):
        (tmp_path / file).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / file).touch()
    return tmp_path


@pytest.fixture
def completions(folder, monkeypatch, nncli):
    """Return the completions of a command line, as type and value."""

    def complete(line, shell="bash"):
        words = line.split(" ")
        monkeypatch.setenv("_NNCLI_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
        ended = nncli()
        assert ended.code == 0
        return [tuple(each.split(",", 1)) for each in ended.out.splitlines()]

    return complete


def plain(*values):
    return [("plain", value) for value in values]


RUNS = ["runs/literature/simard", "runs/mlp", "runs/mlp-2"]
CONFIGS = ["experiments/skip.yml", "mlp.yaml"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nncli eva", ["evaluate"]),
        ("nncli evaluate ", ["my\\ runs/one", *RUNS]),
        ("nncli evaluate runs/m", ["runs/mlp", "runs/mlp-2"]),
        ("nncli evaluate runs/", RUNS),
        ("nncli evaluate --json -q ./runs/mlp-", ["./runs/mlp-2"]),
        ("nncli evaluate --split test runs/mlp runs/lit", ["runs/literature/simard"]),
        ("nncli train ", CONFIGS),
        ("nncli train exp", ["experiments/skip.yml"]),
        ("nncli train --resume runs/lit", ["runs/literature/simard"]),
        ("nncli train --run-dir runs/lit", ["runs/literature/simard"]),
        ("nncli graph m", ["mlp.yaml"]),
        ("nncli sweep ", ["best", "show", *CONFIGS]),
        ("nncli sweep sh", ["show"]),
        ("nncli sweep -q m", ["mlp.yaml"]),
        ("nncli sweep mlp.yaml ", CONFIGS),
        ("nncli sweep show ", ["sweeps/search"]),
        ("nncli sweep best --force sweeps/s", ["sweeps/search"]),
        ("nncli sweep show --lim", ["--limit"]),
        ("nncli lab univ", ["universality"]),
        ("nncli evaluate --max", ["--max-error"]),
        ("nncli train mlp.yaml --set training.ep", ["training.epochs="]),
        ("nncli train mlp.yaml --set clip", ["clip_norm="]),
        ("nncli config check mlp.yaml --set model.layers[0].un", ["model.layers[0].units="]),
        ("nncli evaluate --checkpoint ", ["best", "last"]),
    ],
)  # fmt: skip
def test_what_is_completed(line, expected, completions):
    found = completions(line)
    assert found == plain(*(value.replace("[", "\\[").replace("]", "\\]") for value in expected))


@pytest.mark.parametrize("line", ["nncli evaluate runs/mlp/checkpoints/b", "nncli evaluate none/", "nncli train pic"])
def test_other_files_are_left_to_the_shell(line, completions):
    assert completions(line) == [("file", line.split(" ")[-1])]


def test_keys_have_descriptions(completions):
    (found,) = completions("nncli train --set training.epo", "fish")
    assert found == ("plain", f"training.epochs=\t{TrainingConfig.model_fields['epochs'].description}")


@pytest.mark.parametrize("words", ["nncli evaluate ", "nncli train --resume runs/", "nncli sweep show "])
def test_runs_and_configurations_are_completed_without_numpy(words, folder):
    code = (
        "import sys; from nncli.cli.main import main; main([]);"
        "print([m for m in ('numpy', 'scipy', 'matplotlib', 'pydantic', 'rich') if m in sys.modules])"
    )
    asked = {"_NNCLI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | asked)
    *found, last = done.stdout.splitlines()
    assert found
    assert last == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_arguments_of_each_command_name(name):
    command = COMMANDS[name].load()
    arguments = [each.type for each in command.params if isinstance(each, click.Argument)]
    kinds = {kind for kind, type_ in completion.TYPES.items() for each in arguments if type(each) is type_}
    assert kinds == ({COMMANDS[name].takes} if COMMANDS[name].takes else set())
    options = {flag: each for each in command.params for flag in each.opts if isinstance(each, click.Option)}
    assert all(options[flag].is_flag for flag in completion.FLAGS & options.keys())


SHELLS = {
    "bash": ("--norc --noprofile", "PS1='rea''dy> '; eval \"$(_NNCLI_COMPLETE=bash_source nncli)\""),
    "zsh": ("-f", "PS1='rea''dy> '; autoload -U compinit; compinit -D; eval \"$(_NNCLI_COMPLETE=zsh_source nncli)\""),
    "fish": ("--no-config", "function fish_prompt; echo 'rea''dy> '; end; _NNCLI_COMPLETE=fish_source nncli | source"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key_in_a_shell(shell, folder, open_terminal):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    options, setup = SHELLS[shell]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = os.environ | {"PATH": path, "TERM": "xterm", "HOME": str(folder)}
    terminal = open_terminal([shell, *options.split(), "-i"], 200, env=variables)
    terminal.write(f"{setup}\n")
    for number, line in enumerate(("nncli evaluate runs/lit\t2", "nncli train --set training.epo\t3")):
        terminal.read_until("ready> ")
        terminal.write(f"{line}\x01echo >{number} \n")  # Ctrl-A moves to the beginning
        terminal.text = ""
    terminal.read_until("ready> ")
    assert Path("0").read_text() == "nncli evaluate runs/literature/simard 2\n"
    assert Path("1").read_text() == "nncli train --set training.epochs=3\n"
