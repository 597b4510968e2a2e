"""The frame of the torture tests: how many rounds each takes, and what came of them.

A file `test_<number>_<subject>.py` tests one item of report.py's table, from short checks to long ones by rounds alone.
NNCLI_TORTURE chooses the form: unset, the short one of `make test`; `long`, that of `make torture`; a number such as
0.1, that part of the long one. A test takes its rounds from the fixture `rounds`, which counts them:

    def test_nothing_is_lost(rounds):
        for number in rounds(short=3, long=300):
            ...
        rounds.measured("longest", f"{seconds:.2f} s")  # optional: shown in the table

`rounds.count(n)` counts rounds taken otherwise (a loop over bits, say); `rounds.length(short=…, long=…)` scales a
duration or a number of steps. A test that counts nothing is one round. The first failing round ends its test. Where
NNCLI_TORTURE_RECORD names a file, each test leaves a line of JSON there for report.py.
"""

import json
import os
import re
from pathlib import Path

import pytest

_FORM = os.environ.get("NNCLI_TORTURE", "")
_PART = {"": 0.0, "long": 1.0}.get(_FORM) if _FORM in ("", "long") else float(_FORM)
_ROUNDS = pytest.StashKey["Rounds"]()


class Rounds:
    """Counts the rounds of one test."""

    def __init__(self):
        self.done = 0
        self.figures = {}

    def __call__(self, *, short, long):
        """Give the numbers of the rounds to take, and count those taken."""
        for number in range(round(self.length(short=short, long=long))):
            self.done += 1
            yield number

    def length(self, *, short, long):
        """Give the length of the form under way: `long`, a part of it but no less than `short`, or `short`."""
        return max(short, _PART * long) if _PART else short

    def count(self, rounds):
        """Count rounds taken otherwise."""
        self.done += rounds

    def measured(self, name, value):
        """Keep a figure for the table."""
        self.figures[name] = value


@pytest.fixture
def rounds(request):
    request.node.stash[_ROUNDS] = Rounds()
    return request.node.stash[_ROUNDS]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    number = re.match(r"test_(\d+)_", item.path.name)
    record = os.environ.get("NNCLI_TORTURE_RECORD")
    if record and number and (report.when == "call" or report.outcome != "passed"):
        rounds = item.stash.get(_ROUNDS, Rounds())
        line = {
            "item": int(number[1]),
            "test": item.name,
            "outcome": report.outcome,
            "rounds": 0 if report.skipped else max(1, rounds.done),
            "seconds": report.duration,
            "figures": rounds.figures,
            "reason": report.longrepr[2] if report.skipped else report.longreprtext.rpartition("\n")[2],
        }
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report
