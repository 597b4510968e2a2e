"""Consoles: results on stdout, progress on stderr, silence when asked for, and JSON alone."""

import json

import pytest

from nncli.cli.console import print_json, progress, results


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
