"""SIGINT and SIGTERM at random moments: a whole checkpoint soon, the right exit code, one line, a tidy terminal."""

import fcntl
import os
import pty
import random
import re
import shlex
import signal
import termios
import time
from functools import partial

import pytest
import yaml

from nncli import durable
from nncli.runs import checkpoint, manifest
from nncli.runs.folder import RunFolder

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}
BUSY = {"data": {"batch_size": 24}, "training": {"epochs": 1_000_000, "checkpoint_every_steps": 3}}
SECONDS = 2.0  # until the process has ended
DOWNLOADING = """
import sys
from nncli.data import download, sources
from nncli.cli.main import main

policy = download.Policy(schemes=frozenset({"http"}))
download.Policy = lambda: policy
sources.SOURCES["mnist"] = sources.Source("mnist", "MNIST", (sys.argv[1],), sources.SOURCES["mnist"].files)
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def limit(rounds):
    """How long an ending may take: beside other work, as in `make test`, more than alone."""
    return 10 * SECONDS if rounds.short else SECONDS


def met_python_alone(err):
    """Say whether SIGINT ended Python on its way to the first line of nncli, which can do nothing about that."""
    return "Traceback" in err and "nncli" not in err


@pytest.mark.long
def test_a_signal_at_any_moment_leaves_a_whole_run(rounds, start, config_file, digits_dir, tmp_path, limit):
    config_file(**BUSY)
    arguments = ["train", "small.yaml", "--data-dir", digits_dir, "--run-dir"]
    chance, longest, trained = random.Random(3), 0.0, 0
    for number in rounds(short=2, long=200):
        folder = RunFolder(tmp_path / f"run {number}")
        process = start(*arguments, folder.path)
        if number % 2:
            process.stderr.readline()
        time.sleep(chance.uniform(0, 0.3 if number % 2 else 1.2))
        sent, began = list(SIGNALS)[number // 2 % 2], time.perf_counter()
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
        longest = max(longest, time.perf_counter() - began)
        lines = [line for line in err.splitlines() if not line.startswith("epoch ")]
        assert longest < limit
        if not folder.manifest.exists():
            if not met_python_alone(err):
                assert process.returncode in (SIGNALS[sent], -sent), err  # a Python just started has no handler
                assert lines in ([], ["interrupted"])
            continue
        assert process.returncode == SIGNALS[sent], err
        assert len(lines) == 1, err
        assert manifest.read(folder.manifest).status == "interrupted"
        assert not any(durable.is_temporary(file) for file in (*folder.path.iterdir(), *folder.checkpoints.iterdir()))
        progress = checkpoint.load(folder.last).state["progress"]
        where = f"interrupted after epoch {progress['epoch']}, step {progress['step']:,}; resume with: "
        assert lines[0] == where + shlex.join(["nncli", "train", "--resume", str(folder.path)])
        trained += 1
    assert trained
    rounds.measured("longest time to stop", f"{longest:.2f} s")
    rounds.measured("signals during training", trained)


@pytest.mark.long
def test_a_second_signal_ends_it_at_once(rounds, start, config_file, digits_dir, tmp_path, limit):
    config_file(**BUSY)
    chance = random.Random(3)
    for number in rounds(short=1, long=20):
        folder = RunFolder(tmp_path / f"run {number}")
        process = start("train", "small.yaml", "--data-dir", digits_dir, "--run-dir", folder.path)
        process.stderr.readline()
        time.sleep(chance.uniform(0, 0.3))
        began = time.perf_counter()
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(chance.uniform(0, 0.002))
        _, err = process.communicate(timeout=60)
        assert time.perf_counter() - began < limit
        assert process.returncode in (130, -signal.SIGINT), err
        assert "Traceback" not in err
        checkpoint.load(folder.last)


@pytest.mark.long
def test_a_signal_during_a_download_ends_it(rounds, start, slow_server, config_file, tmp_path, limit):
    config_file(data={"name": "mnist"})
    chance = random.Random(4)
    for number in rounds(short=1, long=20):
        before = len(slow_server.asked)
        process = start(slow_server.url, "train", "small.yaml", program=("-c", DOWNLOADING))
        while len(slow_server.asked) == before:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.3))
        sent, began = list(SIGNALS)[number % 2], time.perf_counter()
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
        assert time.perf_counter() - began < limit
        assert (process.returncode, out) == (SIGNALS[sent], "")
        assert re.fullmatch(r"downloading train-images-idx3-ubyte.gz from 127.0.0.1 .*\ninterrupted\n", err)
        assert not (tmp_path / "runs").exists()
        assert {file.suffix for file in (tmp_path / "cache/nncli/mnist").iterdir()} <= {".lock"}


@pytest.mark.long
def test_ctrl_c_leaves_the_terminal_as_it_was(rounds, start, config_file, digits_dir):
    config_file(**BUSY)
    for number in rounds(short=1, long=10):
        terminal, side = pty.openpty()
        before = termios.tcgetattr(side)
        streams = {"stdin": side, "stdout": side, "stderr": side}
        options = {"environment": {"TERM": "xterm"}, "start_new_session": True}
        takes_it = partial(fcntl.ioctl, side, termios.TIOCSCTTY, 0)
        arguments = ["train", "small.yaml", "--data-dir", digits_dir, "--run-dir", f"run {number}"]
        process = start(*arguments, **streams, **options, preexec_fn=takes_it)
        said = read_until(terminal, rb"epoch.*epoch")
        os.write(terminal, b"\x03")
        said += read_until(terminal, rb"interrupted[^\n]*\n")
        assert process.wait(60) == 130
        assert b"resume with" in said
        assert said.count(b"\x1b[?25l") == said.count(b"\x1b[?25h") > 0
        assert termios.tcgetattr(side) == before
        os.close(side)
        os.close(terminal)


@pytest.mark.long
def test_a_reproduction_that_was_interrupted_continues(rounds, start, finish, config_file, digits_dir, tmp_path):
    row = {"name": "small", "network": "784-12-10", "recipe": "plain", "published": 50.0, "source": "someone"}
    row |= {"inputs": "images", "configuration": "../small.yaml"}
    config_file(training={"epochs": 200})
    chance = random.Random(5)
    for number in rounds(short=1, long=10):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / "table.yaml").write_text(yaml.safe_dump([row]), encoding="utf-8")
        command = ["reproduce", "--table", folder / "table.yaml", "--seeds", 1, "--runs", folder / "runs"]
        process = start(*command, "--data-dir", digits_dir)
        while not (folder / "runs/small-1/checkpoints/last.safetensors").exists():
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert err.endswith("interrupted; repeat the command to continue\n")
        assert finish(*command, "--data-dir", digits_dir).returncode == 0
        assert (folder / "records/small-1.json").exists()


def read_until(terminal, pattern):
    said = b""
    while not re.search(pattern, said, re.DOTALL):
        said += os.read(terminal, 4096)
    return said
