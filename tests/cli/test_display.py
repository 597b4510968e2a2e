"""What a person sees of a training: epoch lines, and on a terminal bars that come and go."""

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest
from rich.console import Console

from nncli.cli.display import Display, epoch_line
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
    return events.StepFinished(epoch=step // 50 + 1, step=step, step_of_epoch=step % 50, loss=loss, examples=64)


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


def test_bars_are_there_before_the_first_step():
    drawn = shown([STARTED], width=80, force_terminal=True, _environ={"TERM": "xterm"})
    assert "epoch  1/12" in drawn
    assert "first batch" in drawn


@pytest.mark.parametrize(
    ("width", "present", "absent"),
    [
        (120, ["epoch  2/12", "batch  1/50", "━", "left", "loss 0.5000", "examples/s"], []),
        (60, ["epoch  2/12", "batch  1/50", "left", "loss 0.5000", "examples/s"], ["━"]),
        (20, ["epoch  2/12", "batch  1/50"], ["━", "left", "examples/s", "…"]),
    ],
)
def test_bars_show_what_there_is_room_for(width, present, absent):
    drawn = shown([STARTED, step_finished(51)], width=width, force_terminal=True, color_system=None)
    assert all(word in drawn for word in present)
    assert not any(word in drawn for word in absent)
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn).splitlines()
    assert all(len(line) <= width for line in lines)


# On a real terminal


class Terminal:
    """A training that believes it is on a terminal of some size."""

    def __init__(self, command, columns, **options):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, **options
        )
        os.close(slave)
        self.text = ""

    def read_until(self, pattern, seconds=60):
        """Collect what is printed until it matches, or to the end."""
        deadline = time.monotonic() + seconds
        while not (pattern and re.search(pattern, self.text)):
            ready, _, _ = select.select([self.master], [], [], deadline - time.monotonic())
            assert ready, f"no {pattern!r} in {self.text!r}"
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                piece = b""
            if not piece:
                assert not pattern, f"no {pattern!r} in {self.text!r}"
                return
            self.text += piece.decode()

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def on_terminal(tmp_path, digits_dir, config_file):
    opened = []

    def train(columns, **environment):
        path = config_file(data={"batch_size": 1}, training={"epochs": 100_000})
        command = [sys.executable, "-m", "nncli", "train", path, "--data-dir", digits_dir]
        variables = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "LINES")}
        variables |= {"TERM": "xterm-256color", "OMP_NUM_THREADS": "1", **environment}
        opened.append(Terminal(command, columns, cwd=tmp_path, env=variables))
        return opened[-1]

    yield train
    for terminal in opened:
        terminal.close()


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
