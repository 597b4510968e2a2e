"""What `train` shows: a line for each epoch and, on a terminal, a table below them that is updated and then erased."""

import io
import os
import re
import signal
import sys

import pytest
from rich.console import Console

from nncli.cli.display import Display, epoch_line, sparkline
from nncli.training import events

STARTED = events.Started(epoch=0, step=0, epochs=12, steps_per_epoch=50, examples=3200)


def epoch_finished(**changes):
    values = {
        "epoch": 3,
        "step": 150,
        "train_loss": 0.25,
        "train_error": 0.0925,
        "validation_loss": 0.125,
        "validation_error": 0.05,
        "learning_rate": 0.1,
        "seconds": 2.0,
        "examples_per_second": 28_988.4,
        "improved": True,
    }
    return events.EpochFinished(**(values | changes))


def step_finished(step, loss=0.5):
    epoch, of_epoch = divmod(step - 1, 50)
    return events.StepFinished(epoch + 1, step, of_epoch + 1, loss, examples=64, learning_rate=0.0012)


WHOLE = "epoch  3/12  loss 0.2500  error  9.25%  validation loss 0.1250  error  5.00% *  28,988 examples/s"
UNVALIDATED = {"validation_loss": None, "validation_error": None}


@pytest.mark.parametrize(
    ("changes", "width", "line"),
    [
        ({}, 110, WHOLE),
        ({}, 80, "epoch  3/12  loss 0.2500  error  9.25%  validation loss 0.1250  error  5.00% *"),
        ({}, 70, "epoch  3/12  loss 0.2500  error  9.25%  validation error  5.00% *"),
        ({}, 60, "epoch  3/12  error  9.25%  validation error  5.00% *"),
        ({}, 40, "epoch  3/12  validation error  5.00% *"),
        ({"improved": False, "epoch": 12}, 40, "epoch 12/12  validation error  5.00%  "),
        (UNVALIDATED, 80, "epoch  3/12  loss 0.2500  error  9.25%  28,988 examples/s"),
        (UNVALIDATED, 40, "epoch  3/12  loss 0.2500  error  9.25%"),
        ({"train_loss": 1.5e9, "train_error": 1.0, **UNVALIDATED}, 40, "epoch  3/12  error 100.00%"),
    ],
)
def test_an_epoch_is_one_line_that_fits(changes, width, line):
    assert epoch_line(epoch_finished(**changes), 12, width) == line


def test_no_epoch_line_is_wider_than_a_terminal_of_40_columns_or_more():
    for changes in ({}, UNVALIDATED, {"train_loss": 1e9, "train_error": 1.0, "validation_loss": 1e9}):
        for width in range(40, 120):
            assert len(epoch_line(epoch_finished(**changes), 100, width)) <= width


def shown(said, *, verbosity=0, **options):
    """Give what a display prints of some events."""
    stream = io.StringIO()
    console = Console(file=stream, highlight=False, **options)
    console.quiet = verbosity < 0
    with Display(console, verbosity) as display:
        for event in said:
            display.handle(event)
    return stream.getvalue()


SAID = [STARTED, *map(step_finished, range(1, 151)), epoch_finished(), events.Finished("completed", 3, 150)]


def test_off_a_terminal_an_epoch_is_one_line_however_narrow():
    assert shown(SAID, width=30) == epoch_line(epoch_finished(), 12, 30) + "\n"


def test_verbose_adds_every_hundredth_step():
    assert shown(SAID, width=110, verbosity=1).splitlines()[0] == "  step 100: loss 0.5000"


def test_quiet_prints_nothing():
    assert shown(SAID, width=110, verbosity=-1) == ""
    assert shown(SAID, width=110, verbosity=-1, force_terminal=True) == ""


def test_a_resumed_training_says_where_it_continues():
    resumed = events.Started(epoch=2, step=1_100, epochs=12, steps_per_epoch=500, examples=3200)
    assert shown([resumed], width=110) == "resuming after epoch 2, step 1,100\n"


def test_nothing_is_resumed_if_the_run_is_finished():
    finished = events.Started(epoch=2, step=1_000, epochs=2, steps_per_epoch=500, examples=3200, done=True)
    assert shown([finished], width=110) == ""


def test_the_table_is_there_before_the_first_step():
    drawn = shown([STARTED], width=80, force_terminal=True, _environ={"TERM": "xterm"})
    assert "epoch  1/12" in drawn
    assert "first batch" in drawn


WORDS = ["epoch  4/12", "batch  1/50", "left", "examples/s", "learning rate", "0.0012", "loss", "5.00%, lowest 5.00%"]


@pytest.mark.parametrize(
    ("width", "present", "absent"),
    [
        (120, [*WORDS, "━", "▁"], []),
        (60, [*WORDS, "━", "▁"], []),
        (45, WORDS, ["━", "▁"]),
        (20, WORDS[:2], ["━", "▁", *WORDS[2:]]),
    ],
)
def test_the_table_shows_what_there_is_room_for(width, present, absent, monkeypatch):
    monkeypatch.setattr("nncli.cli.display.REFRESH", 0)
    console = {"width": width, "force_terminal": True, "color_system": None}
    drawn = shown([STARTED, step_finished(1), epoch_finished(), step_finished(151)], **console)
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn.replace("\r", "\n")).splitlines()
    table = "\n".join(lines[[line.startswith("epoch  4/12") for line in lines].index(True) :])
    assert all(word in table for word in present)
    assert not any(word in table for word in absent)
    assert all(len(line) < width for line in table.splitlines())


def test_a_resumed_run_is_shown_from_its_first_epoch():
    earlier = [epoch_finished(epoch=epoch, validation_error=error) for epoch, error in enumerate((0.09, 0.01, 0.04), 1)]
    stream = io.StringIO()
    console = Console(file=stream, width=100, force_terminal=True, color_system=None, _environ={"TERM": "xterm"})
    with Display(console) as display:
        display.remember(earlier)
        display.handle(events.Started(epoch=3, step=150, epochs=12, steps_per_epoch=50, examples=3200))
        display.handle(step_finished(151))
        display.handle(epoch_finished(epoch=4, validation_error=0.03))
    assert "validation error  █▁▅▄" in stream.getvalue()
    assert "3.00%, lowest 1.00%" in stream.getvalue()


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_terminal_without_a_cursor_gets_plain_lines(variables):
    drawn = shown(SAID, width=110, force_terminal=True, _environ=variables)
    assert drawn == epoch_line(epoch_finished(), 12, 80) + "\n"  # Rich's width of such a terminal


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([], 8, ""),
        ([0.5], 8, "▁"),
        ([0.08, 0.04, 0.02, 0.01], 8, "█▆▃▁"),
        ([0.01, 0.0], 8, "█▁"),
        (range(1, 101), 4, "▁▄▇█"),
        ([0.5, 0.5], 1, "▁"),
    ],
)
def test_a_sparkline_is_logarithmic_and_ends_with_the_last_value(values, width, line):
    assert sparkline(values, width) == line


# On a real terminal


@pytest.fixture
def on_terminal(tmp_path, digits_dir, config_file, open_terminal):
    def train(columns, **environment):
        path = config_file(data={"batch_size": 1}, training={"epochs": 100_000})
        command = [sys.executable, "-m", "nncli", "train", path, "--data-dir", digits_dir]
        variables = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "LINES")}
        variables |= {"TERM": "xterm-256color", "OMP_NUM_THREADS": "1", **environment}
        return open_terminal(command, columns, cwd=tmp_path, env=variables)

    return train


HIDDEN, VISIBLE = "\x1b[?25l", "\x1b[?25h"


@pytest.mark.parametrize(
    ("columns", "environment"), [(80, {}), (20, {"NO_COLOR": "1"})], ids=["80", "20 in no colours"]
)
def test_a_signal_leaves_the_terminal_as_it_was(columns, environment, on_terminal):
    terminal = on_terminal(columns, **environment)
    terminal.read_until(r"epoch +1/100000[^━]*error")
    terminal.read_until(r"batch +\d+/240")
    terminal.process.send_signal(signal.SIGINT)
    terminal.read_until(None)
    assert terminal.process.wait() == 130
    assert terminal.text.rindex(VISIBLE) > terminal.text.rindex(HIDDEN)
    after = terminal.text[terminal.text.rindex(VISIBLE) :]
    assert "resume with: nncli train --resume" in after
    assert "Traceback" not in terminal.text
    coloured = re.search(r"\x1b\[[0-9;]*[1-9][0-9;]*m", terminal.text)
    assert bool(coloured) == (not environment)


def test_quiet_draws_nothing_on_a_terminal(nncli, config_file, digits_dir, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    path = config_file(optimizer={"learning_rate": 0.01}, training={"epochs": 10})
    assert "\x1b" in nncli("train", path, "--data-dir", digits_dir).err
    quiet = nncli("train", path, "--data-dir", digits_dir, "--force", "-q")
    assert (quiet.code, quiet.err) == (0, "")
    assert quiet.out.startswith("run ")
    assert "\x1b" not in quiet.out
