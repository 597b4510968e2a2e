"""Cores are shared with other trainings, also after one was killed, and with other work."""

import os
import signal
import subprocess
import sys

import pytest

from nncli import cores
from nncli.cores import Cores

TRAINING = """
import time
from nncli.cores import Cores
with Cores():
    print("running", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch, tmp_path):
    monkeypatch.setattr(cores, "usable", lambda: 8)
    monkeypatch.setattr(cores, "_STATISTICS", tmp_path / "stat")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def start():
    """Start a process that is a training until it is killed."""
    started = []

    def run():
        process = subprocess.Popen([sys.executable, "-c", TRAINING], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "running\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_a_training_alone_has_all_cores_and_leaves_no_file(tmp_path):
    with Cores() as alone:
        assert alone.free() == (8, "")
    assert list(tmp_path.glob("nncli/trainings/*.lock")) == []


def test_trainings_share_the_cores_until_they_are_killed(tmp_path, start):
    with Cores() as mine:
        first = start()
        assert mine.free() == (4, "another run is training")
        start()
        assert mine.free() == (2, "2 other runs are training")
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert mine.free() == (4, "another run is training")
        assert len(list(tmp_path.glob("nncli/trainings/*.lock"))) == 2


def test_more_trainings_than_cores_get_one_each(start, monkeypatch):
    monkeypatch.setattr(cores, "usable", lambda: 1)
    with Cores() as mine:
        start()
        assert mine.free()[0] == 1


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        (0.0, (8, "")),
        (2.0, (6, "other processes keep 2.0 cores busy")),
        (30.0, (1, "other processes keep 30.0 cores busy")),
    ],
)
def test_busy_processors_are_left_to_other_work(monkeypatch, busy, expected):
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    monkeypatch.setattr("time.process_time", lambda: 0.0)
    tick = os.sysconf("SC_CLK_TCK")

    def write(seconds):
        fields = [int(seconds * tick), 0, 0, 123456, 0, 0, 0, 0, 0, 0]
        cores._STATISTICS.write_text("cpu  " + " ".join(map(str, fields)) + "\ncpu0 1 2 3\n")

    write(1000.0)
    with Cores() as mine:
        now[0] = 2.0
        write(1000.0 + 2 * busy)
        assert mine.free() == expected


def test_a_folder_that_cannot_be_written_hides_the_training_only(tmp_path):
    (tmp_path / "nncli").touch()
    with Cores() as mine:
        assert mine.free() == (8, "")
