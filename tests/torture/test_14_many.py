"""Twenty processes on one cache, two trainings on one run folder, readers beside a writer."""

import gzip
import hashlib
import json
import os
import re
import signal
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from nncli.data import synthetic
from nncli.runs import manifest

SMALL_MNIST = """
import json, os, sys
from nncli.data import download, sources
from nncli.cli.main import main

url, described = sys.argv[1:3]
files = tuple(sources.SourceFile(*each) for each in json.loads(described))
policy = download.Policy(schemes=frozenset({"http"}), retries=1)
download.Policy = lambda: policy
sources.SOURCES["mnist"] = sources.Source("mnist", "MNIST", (f"{url}{os.getpid()}/",), files)
sys.exit(main(sys.argv[3:]))
"""


class Mirror(ThreadingHTTPServer):
    """Serves a few drawn digits as MNIST's files; each request names the process that asks."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.asked, self.pause, self.bodies = [], 0.0, {}
        for prefix, count, seed in (("train", 300, 3), ("t10k", 60, 4)):
            for kind, array in zip(("images-idx3", "labels-idx1"), synthetic.generate(count, seed), strict=True):
                header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
                self.bodies[f"{prefix}-{kind}-ubyte.gz"] = gzip.compress(header + array.tobytes())

    def describe(self):
        return json.dumps([(name, len(body), hashlib.sha256(body).hexdigest()) for name, body in self.bodies.items()])

    def handle_error(self, *arguments):
        """Expect clients to be killed."""


class Answer(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self):
        process, name = self.path.strip("/").split("/")
        self.server.asked.append((int(process), name))
        body = self.server.bodies[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        time.sleep(self.server.pause)
        self.wfile.write(body[len(body) // 2 :])

    def log_message(self, *arguments):
        """Keep the output clean."""


@pytest.fixture
def mirror():
    with Mirror() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.long
def test_twenty_trainings_on_one_empty_cache_download_once(rounds, mirror, start, config_file, tmp_path):
    path = config_file(data={"name": "mnist"}, training={"epochs": 1})
    for number in rounds(short=1, long=20):
        killed = number % 2 == 0  # the one that downloads
        mirror.pause = 0.3 if killed else 0.1
        mirror.asked.clear()
        cache = {"XDG_CACHE_HOME": str(tmp_path / f"cache {number}")}
        given = (mirror.url, mirror.describe(), "train", path, "--run-dir")
        processes = {
            process.pid: process
            for each in range(2 if rounds.short else 20)
            for process in [start(*given, f"run {number} {each}", program=("-c", SMALL_MNIST), environment=cache)]
        }
        if killed:
            while not mirror.asked:
                time.sleep(0.01)
            os.kill(mirror.asked[0][0], signal.SIGKILL)
        for pid, process in processes.items():
            _, err = process.communicate(timeout=110)
            expected = -signal.SIGKILL if killed and pid == mirror.asked[0][0] else 0
            assert process.returncode == expected, err
        assert len({pid for pid, _ in mirror.asked}) == 1 + killed
        assert len(mirror.asked) == 2 + killed  # images and labels, and the one cut off
        assert {file.suffix for file in (tmp_path / f"cache {number}/nncli/mnist").iterdir()} == {".gz", ".lock"}


ENDLESS = {"data": {"batch_size": 48}, "training": {"epochs": 1_000_000, "checkpoint_every_steps": 1}}


@pytest.mark.long
def test_a_second_training_is_refused_and_told_who_has_the_folder(
    rounds, start, finish, config_file, digits_dir, assert_one_line
):
    path = config_file(**ENDLESS)
    arguments = ["train", path, "--data-dir", digits_dir, "--run-dir", "run"]
    first = start(*arguments)
    first.stderr.readline()
    drain = threading.Thread(target=first.stderr.read)
    drain.start()
    longest = 0.0
    for number in rounds(short=1, long=30):
        began = time.perf_counter()
        ended = finish(*arguments, *([], ["--resume"], ["--force"])[number % 3])
        longest = max(longest, time.perf_counter() - began)
        assert_one_line(ended, 5, f"in use by process {first.pid}")
    first.kill()
    drain.join()
    assert longest < (1.0 if rounds.whole else 20)
    rounds.measured("longest refusal", f"{longest:.2f} s")


@pytest.mark.long
def test_readers_beside_a_writer_never_fail(rounds, start, nncli, config_file, digits_dir, tmp_path):
    path = config_file(**ENDLESS)
    writer = start("train", path, "--data-dir", digits_dir, "--run-dir", tmp_path / "run")
    while not re.match("epoch +2/", writer.stderr.readline()):
        pass
    drain = threading.Thread(target=writer.stderr.read)
    drain.start()
    for number in rounds(short=3, long=150):
        which = ["--checkpoint", ("best", "last")[number % 2]]
        read = nncli("evaluate", tmp_path / "run", *which, "--data-dir", digits_dir, "--json")
        assert (read.code, read.err) == (0, "")
        assert np.isfinite(json.loads(read.out)["error"])
        if number % 5 == 0:
            assert nncli("visualize-features", tmp_path / "run", *which, "--units", 2).code == 0
        assert manifest.read(tmp_path / "run/manifest.json").status == "running"
    assert writer.poll() is None
    writer.kill()
    drain.join()
