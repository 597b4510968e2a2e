"""The frame of the torture tests: how many rounds each takes, and what came of them.

A file `test_<number>_<subject>.py` tests one item of report.py's table, from short checks to long ones by rounds alone.
NNCLI_TORTURE chooses the form: unset, the short one of `make test`; `long`, that of `make torture`; a number such as
0.1, that part of the long one. A test takes its rounds from the fixture `rounds`, which counts them:

    def test_nothing_is_lost(rounds):
        for number in rounds(short=3, long=300):
            ...
        rounds.measured("longest", f"{seconds:.2f} s")  # optional: shown in the table

`rounds.count(n)` counts rounds taken otherwise (a loop over bits, say); `rounds.length(short=…, long=…)` scales a
duration or a number of steps; `rounds.short` and `rounds.whole` tell the form. A test that counts nothing is one round.
A test marked `long` (a soak, or what another test tries once already) is left out of the short form.
The first failing round ends its test. Where NNCLI_TORTURE_RECORD names a file, each test leaves a line of JSON there
for report.py.
"""

import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nncli.data.sources import SOURCES
from nncli.runs import manifest, metrics
from nncli.runs.folder import RunFolder
from nncli.training.threads import SET_BY_USER

_FORM = os.environ.get("NNCLI_TORTURE", "")
_PART = {"": 0.0, "long": 1.0}[_FORM] if _FORM in ("", "long") else float(_FORM)
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

    @property
    def short(self):
        """Whether this is the short form, that of `make test`."""
        return not _PART

    @property
    def whole(self):
        """Whether this is the long form, all of it."""
        return _PART >= 1

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


def pytest_collection_modifyitems(config, items):
    """Leave the tests marked `long` to the long form: soaks, and what other tests try once in `make test`."""
    if not _PART:
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


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


@pytest.fixture
def tmp_path(tmp_path_factory):
    """A folder in memory, where there is one: kills, signals and faults need no disk, and fsync costs nothing there."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path_factory.mktemp("torture")
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="nncli-") as folder:
        yield Path(folder)


@pytest.fixture
def start(tmp_path):
    """Start nncli, or a Python program, in a process of its own in an empty folder; it is killed with the test."""
    dropped = ("NNCLI_", "XDG_", "PYTHONUNBUFFERED", *SET_BY_USER)  # output is buffered, as it is for people
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    shared = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    started = []

    def popen(*arguments, program=("-m", "nncli"), before=(), **options):
        command = [*before, sys.executable, *program, *(str(argument) for argument in arguments)]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environment = kept | shared | options.pop("environment", {})
        process = subprocess.Popen(command, **{"cwd": tmp_path, "env": environment, **streams, **options})
        started.append(process)
        return process

    yield popen
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def finish(start):
    """Run nncli to its end in a process of its own; give how it ended."""

    def run(*arguments, **options):
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=100)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


@pytest.fixture
def assert_one_line():
    """Check that a command ended with this exit code and exactly one line that says why."""

    def check(ended, code, *parts):
        *before, last = ended.stderr.splitlines()
        assert ended.returncode == code, ended.stderr
        assert last.startswith("interrupted" if code > 128 else "error: "), ended.stderr
        assert not any(line.startswith(("error", "Traceback", "Exception")) for line in before), ended.stderr
        for part in parts:
            assert part in last

    return check


@pytest.fixture
def kept():
    """Give all of a run folder that may not depend on where the run was interrupted, as it stands on the disk."""

    def collect(path):
        folder = RunFolder(path)
        lines = [dataclasses.replace(line, seconds=0, examples_per_second=0) for line in metrics.read(folder.metrics)]
        about = manifest.read(folder.manifest)
        files = [file.read_bytes() for file in (folder.last, folder.best, folder.config)]
        return about.status, about.best, about.seed, lines, *files

    return collect


class SlowServer(ThreadingHTTPServer):
    """Begins every file it is asked for and takes its time; `asked` are the paths of the requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SlowAnswer)
        self.asked, self.stopping = [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, *arguments):
        """Expect clients to hang up."""


class SlowAnswer(BaseHTTPRequestHandler):
    """Gives the published size and a few zeros at a time."""

    server: SlowServer

    def do_GET(self):
        self.server.asked.append(self.path)
        size = next(file.size for file in SOURCES["mnist"].files if self.path.endswith(file.name))
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        while not self.server.stopping.wait(0.01):
            self.wfile.write(bytes(500))

    def log_message(self, *arguments):
        """Keep the output clean."""


@pytest.fixture
def slow_server():
    with SlowServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stopping.set()
        server.shutdown()
        thread.join()
