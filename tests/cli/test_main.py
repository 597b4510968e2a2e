"""The command line as a whole: help without imports, exit codes, one message an error, signals, pipes."""

import os
import signal
import subprocess
import sys
import types
from pathlib import Path

import click
import pytest

from nncli import errors
from nncli.cli.lazy import Entry
from nncli.cli.main import COMMANDS, group, main

FULL = Path("/dev/full")
MISSING_FILE_PROBLEMS = ["a.yaml:1:1: seed: wrong", "a.yaml:2:1: name: wrong"]


@pytest.fixture
def failing(monkeypatch):
    """Put a command `fail` into the table that raises what the test asks for."""

    def install(raise_error):
        @click.command()
        def command():
            raise_error()

        module = types.ModuleType("nncli_test_command")
        vars(module)["command"] = command
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(group.entries, "fail", Entry("nncli_test_command:command", "Fail."))

    return install


def raising(error):
    def raise_it():
        raise error

    return raise_it


def run_python(code, **options):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, **options)


def test_help_lists_every_command_and_exits_0(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert name in shown
        assert entry.summary in shown
    assert "\n    nncli train digits.yaml\n" in shown


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("path", [[], ["data"], ["config"], ["lab"]])
def test_no_summary_is_cut_in_a_list_of_commands(path, width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    listing: click.Command | None = group
    for name in path:
        assert isinstance(listing, click.Group)
        listing = listing.get_command(click.Context(listing), name)
    assert isinstance(listing, click.Group)
    assert main([*path, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.partition("Commands:")[2].split())
    context = click.Context(listing)
    for name in listing.list_commands(context):
        command = listing.get_command(context, name)
        assert command
        assert f"{name} {command.short_help}" in shown
    assert "..." not in shown


def test_the_help_of_a_command_begins_with_the_summary_in_the_table():
    for name, entry in COMMANDS.items():
        command = group.get_command(click.Context(group), name)
        assert command
        shown = command.help or ""
        assert shown.startswith(f"{entry.summary}\n\n")
        assert shown.count(entry.summary) == 1


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], ["numpy", "pydantic", "yaml", "rich", "requests"]),
        (["config", "check", "small.yaml"], ["scipy", "requests"]),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(arguments, heavy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text("model: {layers: [{units: 10}]}")
    code = (
        f"import sys; from nncli.cli.main import main; assert main({arguments}) == 0;"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    assert run_python(code).stdout.splitlines()[-1] == "[]"


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("nncli ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--bogus"], "No such option"),
        (["trian"], "did you mean 'train'?"),
        (["zzz"], "choose from train, evaluate"),
        (["config", "show"], "Missing argument"),
        (["config", "chek"], "No such command 'chek'; did you mean 'check'?"),
        (["data", "zzz"], "choose from download, info, preview"),
        (["lab", "xro"], "did you mean 'xor'?"),
        (["sweep", "shwo"], "No such command 'shwo'; did you mean 'show'?"),
        (["sweep", "shwo", "runs/search"], "No such command 'shwo'; did you mean 'show'?"),
        (["sweep", "--show"], "No such option"),
    ],
)
def test_wrong_usage_exits_2_and_points_to_the_help(arguments, message, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert message in shown
    assert "--help" in shown


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["train", "x.yaml", "--epochs", "3"], "'--epochs'; did you mean --set training.epochs=3?"),
        (["train", "x.yaml", "--lr=0.1"], "'--lr'; did you mean --set optimizer.learning_rate=0.1?"),
        (["train", "x.yaml", "--batch-size", "-q"], "'--batch-size'; did you mean --set data.batch_size=VALUE?"),
        (["graph", "x.yaml", "--hidden", "300"], "did you mean --set 'model.layers[0].units=300'?"),
        (["gradcheck", "--optimizer", "sgd", "x.yaml"], "did you mean --set optimizer.name=sgd?"),
        (["train", "x.yaml", "--data", "mnist"], "did you mean '--data-dir'?"),
        (["train", "x.yaml", "--dry-rum"], "did you mean '--dry-run'?"),
        (["evaluate", "run", "--epochs", "3"], "'--epochs'."),
    ],
)
def test_an_unknown_option_leads_to_the_key_that_it_means(arguments, hint, capsys):
    assert main(arguments) == 2
    assert hint in capsys.readouterr().err.splitlines()[0]


@pytest.mark.parametrize("arguments", [[], ["config"]])
def test_no_command_shows_the_help_and_exits_2(arguments, capsys):
    assert main(arguments) == 2
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (errors.NncliError("one thing"), 1, ["error: one thing"]),
        (errors.ConfigError(MISSING_FILE_PROBLEMS), 3, [f"error: {line}" for line in MISSING_FILE_PROBLEMS]),
        (errors.IdxError("bad magic"), 4, ["error: bad magic"]),
        (errors.CheckpointError("cut short"), 5, ["error: cut short"]),
        (errors.DivergedError("loss is nan"), 6, ["error: loss is nan"]),
        (errors.ThresholdError("above the limit"), 7, ["error: above the limit"]),
        (errors.DataError("a\nb\x1b[31m"), 4, [r"error: a\nb\x1b[31m"]),
        (OSError(28, "No space left on device", "x.bin"), 1, ["error: x.bin: No space left on device"]),
        (click.ClickException("told by Click"), 1, ["error: told by Click"]),
        (MemoryError(), 1, ["error: out of memory; use a smaller network or a smaller data.batch_size"]),
        (
            ZeroDivisionError("by zero"),
            1,
            ["error: unexpected ZeroDivisionError: by zero; run again with --debug for the traceback"],
        ),
        (KeyboardInterrupt(), 130, ["interrupted"]),
        (KeyboardInterrupt("stopped; go on with --resume"), 130, ["stopped; go on with --resume"]),
        (BrokenPipeError(), 0, []),
        (click.exceptions.Exit(9), 9, []),
    ],
)
def test_an_error_becomes_a_message_and_an_exit_code(error, code, lines, failing, capsys):
    failing(raising(error))
    assert main(["fail"]) == code
    captured = capsys.readouterr()
    assert captured.err.splitlines() == lines
    assert captured.out == ""


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_an_error_is_red_on_a_terminal_that_has_colours(environment, coloured, failing, monkeypatch, capsys):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    failing(raising(errors.NncliError("one thing")))
    assert main(["fail"]) == 1
    assert ("\x1b[31m" in capsys.readouterr().err) == coloured


@pytest.mark.parametrize("arguments", [["--debug", "fail"], ["fail", "--debug"]])
def test_debug_adds_the_traceback(arguments, failing, capsys):
    failing(raising(ZeroDivisionError("by zero")))
    assert main(arguments) == 1
    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert shown.splitlines()[-1].startswith("error: unexpected ZeroDivisionError")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_interrupts_the_command(number, code, failing, capsys):
    before = signal.getsignal(number)
    failing(lambda: signal.raise_signal(number))
    assert main(["fail"]) == code
    assert capsys.readouterr().err == "interrupted\n"
    assert signal.getsignal(number) is before


def test_a_second_signal_ends_the_process_at_once():
    code = (
        "import signal\n"
        "from nncli.cli.signals import raised\n"
        "with raised():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGTERM)\n"
        "    except KeyboardInterrupt:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "        print('cleaned up')\n"
    )
    ended = run_python(code)
    assert ended.returncode == -signal.SIGINT
    assert ended.stdout == ""


def test_a_signal_that_was_ignored_stays_ignored(failing):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        failing(lambda: signal.raise_signal(signal.SIGINT))
        assert main(["fail"]) == 0
    finally:
        signal.signal(signal.SIGINT, before)


def nncli(*arguments, **options):
    options = {"stderr": subprocess.PIPE} | options
    return subprocess.run([sys.executable, "-m", "nncli", *arguments], timeout=60, check=False, **options)


def test_a_reader_that_goes_away_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = nncli("lab", stdout=writing)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(("asked", "shown"), [("", False), ("default", True)])
def test_a_librarys_warning_is_shown_where_it_is_asked_for(asked, shown):
    code = (
        "import warnings; from nncli.cli import main as module\n"
        "module.main = lambda arguments: warnings.warn('overflow in a cast') or 0\n"
        "module.run()"
    )
    ended = run_python(code, env=os.environ | {"PYTHONWARNINGS": asked})
    assert ended.returncode == 0
    assert ("overflow in a cast" in ended.stderr) == shown


def test_a_closed_stdout_is_no_error():
    ended = subprocess.run(
        ["sh", "-c", '"$0" -m nncli lab >&-', sys.executable], stderr=subprocess.PIPE, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_terminal_without_the_characters_is_no_error():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    ended = nncli("config", "new", stdout=subprocess.PIPE, env=environment)
    assert ended.returncode == 0
    assert ended.stdout.endswith(b"threads: auto\n")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", [["--version"], ["config", "schema"], ["lab"]])
def test_output_that_a_full_disk_does_not_take_is_one_error(command):
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with FULL.open("w") as full:
        ended = nncli(*command, env=buffered, stdout=full)
    assert (ended.returncode, ended.stderr) == (1, b"error: No space left on device\n")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize(("command", "code"), [(["no-such-command"], 2), (["train", "nowhere.yaml"], 3), ([], 2)])
def test_an_error_that_cannot_be_said_keeps_its_exit_code(command, code, tmp_path):
    with FULL.open("w") as full:
        ended = nncli(*command, cwd=tmp_path, stdout=full, stderr=full)
    assert ended.returncode == code
