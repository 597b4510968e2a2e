"""Odd names, links, closed pipes, poor terminals: no traceback, nothing written but in the run folder and the cache."""

import json
import os
import pty
import re
import shlex
from itertools import product

import pytest

NAMES = [
    "two words",
    "it's",
    'a "quote"',
    "new\nline",
    "tab\there",
    "ünï€ødé",
    "数字",
    "-dash",
    "--resume",
    "a;b&c|d",
    "$(touch x)",
    "*?[x]",
    "back\\slash",
    "[red]x[/red]",
    "{x}",
    "%s%n",
    ".hidden",
    "up/../down",
    "\x1b[31mred",
    "a" * 200,
    "bad\udcffbytes",
]


QUICK = {  # it learns enough not to be warned of
    "data": {"batch_size": 16},
    "optimizer": {"learning_rate": 0.02},
    "training": {"epochs": 1},
}


def contents(folder):
    return {path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def assert_clean(ended, code=0):
    out, err = (ended.out, ended.err) if hasattr(ended, "out") else (ended.stdout, ended.stderr)
    assert (ended.code if hasattr(ended, "code") else ended.returncode) == code, err
    assert "Traceback" not in err
    assert "unexpected" not in err
    return out.splitlines(), err.splitlines()


def every(rounds, cases, *, short):
    """Take a few of the cases in the short form, spread evenly, and all of them in the long one."""
    for number in rounds(short=short, long=len(cases)):
        yield cases[number * (len(cases) // short) if rounds.short else number]


@pytest.mark.long
def test_names_that_a_shell_or_a_terminal_would_take_apart(rounds, nncli, config_file, digits_dir, tmp_path):
    config_file(**QUICK)
    outside = contents(tmp_path)
    for name in every(rounds, NAMES, short=3):
        run = f"./{name}"
        train = ["train", "small.yaml", "--data-dir", digits_dir, "--run-dir", run]
        out, err = assert_clean(nncli(*train))
        assert (len(out), len(err)) == (6, 1), out
        assert "\x1b" not in "".join([*out, *err])
        if name.isprintable():
            words = shlex.split(out[-1])
            assert words[:3] == ["next", "nncli", "evaluate"]
            assert (tmp_path / words[3]).samefile(tmp_path / run)
            assert not words[3].startswith("-")
        assert_clean(nncli("evaluate", run, "--data-dir", digits_dir))
        out, _ = assert_clean(nncli("visualize-features", run))
        assert len(out) == 1
        _, err = assert_clean(nncli(*train), 5)
        assert len(err) == 1
    places = {path.relative_to(tmp_path).parts[0] for path in contents(tmp_path) - outside}
    assert places <= {name.partition("/")[0] for name in NAMES} | {"down", "cache"}


@pytest.mark.parametrize("name", ["../up", "a/b", "..", "", "a\nb"])
def test_a_name_in_a_configuration_cannot_leave_the_folder_of_runs(name, nncli, config_file, digits_dir, tmp_path):
    path = config_file(name="odd.yaml")
    path.write_text(path.read_text() + f"name: {json.dumps(name)}\n")
    before = contents(tmp_path)
    assert_clean(nncli("train", path, "--data-dir", digits_dir), 3)
    assert contents(tmp_path) == before


def test_a_run_folder_reached_through_links(rounds, nncli, config_file, digits_dir, tmp_path):
    config_file(**QUICK)
    for number in rounds(short=1, long=5):
        real = tmp_path / f"elsewhere {number}"
        real.mkdir()
        (tmp_path / f"link {number}").symlink_to(real)
        (tmp_path / f"link to link {number}").symlink_to(f"link {number}")
        arguments = ["train", "small.yaml", "--data-dir", digits_dir, "--run-dir"]
        assert_clean(nncli(*arguments, f"link to link {number}/run"))
        (tmp_path / f"to run {number}").symlink_to(real / "run")
        _, err = assert_clean(nncli(*arguments, f"to run {number}", "--resume", "--set", "training.epochs=2"))
        assert err[-1].startswith("epoch 2/2")
        assert_clean(nncli("evaluate", f"to run {number}", "--data-dir", digits_dir))
        assert_clean(nncli(*arguments, f"to run {number}", "--force"))
        assert (real / "run/checkpoints/last.safetensors").is_file()
        assert (tmp_path / f"to run {number}").is_symlink()


ENVIRONMENTS = [
    {"LANG": "C", "LC_ALL": "C"},
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
    {"TERM": "dumb"},
    {"TERM": "nonsense", "COLUMNS": "20"},
    {"COLUMNS": "1", "LINES": "1"},
    {"COLUMNS": "many"},
    {"NO_COLOR": "1", "FORCE_COLOR": "1"},
    {"HOME": ""},
    {"HOME": "/nowhere/at/all", "XDG_CACHE_HOME": ""},
]
COMMANDS = [
    ["train", "ünï.yaml", "--run-dir", "another"],
    ["evaluate", "rün"],
    ["visualize-features", "rün", "--terminal", "--units", "4"],
    ["graph", "ünï.yaml"],
    ["data", "info", "synthetic-digits"],
    ["config", "show", "ünï.yaml"],
    ["--help"],
    ["train", "nöwhere.yaml"],
]


@pytest.fixture
def trained(config_file, nncli, digits_dir, tmp_path):
    config_file("ünï.yaml", training={"epochs": 1})
    assert_clean(nncli("train", "ünï.yaml", "--data-dir", digits_dir, "--run-dir", "rün"))
    return tmp_path


def given(command, digits_dir, number):
    more = ["--data-dir", digits_dir] if command[0] in ("train", "evaluate", "graph") else []
    return [f"{word} {number}" if word == "another" else word for word in command] + more


@pytest.mark.long
def test_poor_environments(rounds, finish, trained, digits_dir):
    for number, (environment, command) in enumerate(every(rounds, [*product(ENVIRONMENTS, COMMANDS)], short=1)):
        code = 3 if "nöwhere.yaml" in command else 0
        assert_clean(finish(*given(command, digits_dir, number), environment=environment), code)


@pytest.mark.long
def test_no_home_at_all(finish, trained, digits_dir):
    """Without HOME the user's folder comes from the password file; without that too, there is still no traceback."""
    program = (
        "import sys; from nncli.cli.main import main; main(['data', 'info', 'mnist']); sys.exit(main(sys.argv[1:]))"
    )
    command = ["env", "-u", "HOME", "-u", "XDG_CACHE_HOME", "NNCLI_OFFLINE=1"]
    assert_clean(finish("evaluate", "rün", "--data-dir", digits_dir, program=("-c", program), before=command))


CLOSED = [
    "({}) | head -1",
    "({}) | true",
    "{} >&-",
    "{} 2>&-",
    "{} >&- 2>&-",
    "{} </dev/null >/dev/full",
    "{} 2>/dev/full",
]


def test_streams_that_are_closed_or_full(rounds, start, trained, digits_dir):
    for number, (shell, command) in enumerate(every(rounds, [*product(CLOSED, COMMANDS)], short=1)):
        words = [str(word) for word in given(command, digits_dir, number)]
        line = shell.format('exec "$0" "$@"')
        process = start(*words, before=["sh", "-c", line])
        _, err = process.communicate(timeout=100)
        assert "Traceback" not in err, (line, words, err)
        assert "Exception ignored" not in err, (line, words, err)


@pytest.mark.long
def test_a_terminal_of_twenty_columns(rounds, start, trained, digits_dir):
    environment = {"TERM": "xterm", "COLUMNS": "20", "LINES": "8"}
    for number, command in enumerate(every(rounds, COMMANDS, short=1)):
        terminal, side = pty.openpty()
        streams = {"stdin": side, "stdout": side, "stderr": side}
        process = start(*given(command, digits_dir, number), environment=environment, **streams)
        os.close(side)
        said = b""
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # the last writer has gone
                break
            said += piece
        os.close(terminal)
        assert process.wait(60) == (3 if "nöwhere.yaml" in command else 0), said
        assert b"Traceback" not in said
        assert not re.search(rb"\x1b\[\?25l(?!.*\x1b\[\?25h)", said, re.DOTALL)
