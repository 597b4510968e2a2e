"""Consoles: results on stdout, progress on stderr, silence when asked for, and JSON alone."""

import io
import json
import threading
from typing import Any

import pytest
from rich.console import Console

from nncli.cli import console as module
from nncli.cli.console import print_json, progress, results, status


def test_results_and_progress_go_their_own_ways(capsys):
    results().print("result [bold]")
    progress().print("progress")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("result [bold]\n", "progress\n")


def test_quiet_silences_progress_only(capsys):
    results().print("result")
    progress(-1).print("progress")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("result\n", "")


def test_styles_leave_no_trace_off_a_terminal(capsys):
    results().print("red", style="red")
    assert capsys.readouterr().out == "red\n"


def test_json_is_one_document(capsys):
    print_json({"error": 0.1, "name": "é"})
    assert json.loads(capsys.readouterr().out) == {"error": 0.1, "name": "é"}


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        print_json({"loss": float("nan")})


ERASED = "\x1b[2K"
VISIBLE = "\x1b[?25h"


class Screen(io.StringIO):
    """What a console prints, and a signal once a status has been printed."""

    def __init__(self):
        super().__init__()
        self.shown = threading.Event()

    def write(self, text):
        written = super().write(text)
        if "evaluating" in text:
            self.shown.set()
        return written


def status_on(monkeypatch, *, patience=0.0, error=None, **options):
    """Give what a status prints during a block that ends once it is shown, or at once if it cannot be."""
    monkeypatch.setattr(module, "_PATIENCE", patience)
    screen = Screen()
    defaults: dict[str, Any] = {
        "force_terminal": True,
        "_environ": {"TERM": "xterm"},
        "width": 60,
        "markup": False,
        "highlight": False,
    }
    console = Console(file=screen, **defaults | options)
    try:
        with status(console, "evaluating [test]") as say:
            if patience == 0 and console.is_terminal and not console.quiet:
                assert screen.shown.wait(60)
            say("evaluating [validation]")
            if error:
                raise error
    except KeyboardInterrupt:
        pass
    return screen.getvalue()


@pytest.mark.parametrize("error", [None, KeyboardInterrupt()])
def test_a_status_is_erased_however_its_block_ends(error, monkeypatch):
    printed = status_on(monkeypatch, error=error)
    assert "evaluating [test]" in printed
    assert "evaluating [validation]" in printed  # at the latest when the display stops
    assert printed.rindex(ERASED) > printed.rindex("evaluating")
    assert VISIBLE in printed[printed.rindex("evaluating") :]


@pytest.mark.parametrize("options", [{"no_color": True}, {"_environ": {"TERM": "dumb"}}])
def test_a_status_without_escape_codes_is_a_line(options, monkeypatch):
    assert status_on(monkeypatch, **options) == "evaluating [test] ...\n"


@pytest.mark.parametrize("options", [{"force_terminal": False}, {"patience": 1000}, {"quiet": True}])
def test_a_status_is_silent_off_a_terminal_and_while_it_is_quick(options, monkeypatch):
    assert status_on(monkeypatch, **options) == ""
