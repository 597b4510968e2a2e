"""What the data tests share: the real MNIST, IDX files made to measure, and a web server that misbehaves."""

import gzip
import os
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    folder = os.environ.get("NNCLI_DATA_DIR")
    if not folder:
        pytest.skip("NNCLI_DATA_DIR does not name a folder with MNIST")
    return Path(folder)


def idx_bytes(array: np.ndarray) -> bytes:
    """Return the IDX file of an array of bytes."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def idx() -> Callable[[np.ndarray], bytes]:
    return idx_bytes


@pytest.fixture
def idx_folder(tmp_path: Path) -> Path:
    """A folder with the four files of a small dataset, some compressed and some plain."""
    generator = np.random.default_rng(7)
    folder = tmp_path / "own digits"
    folder.mkdir()
    for prefix, examples in (("train", 60), ("t10k", 20)):
        images = generator.integers(0, 256, (examples, 28, 28), np.uint8)
        labels = np.resize(np.arange(10, dtype=np.uint8), examples)
        (folder / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(images)))
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder


Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers a request with the behaviour that its path's first part names."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.requests.append((self.path, self.headers.get("Range")))
        mirror = self.path.lstrip("/").split("/")[0]
        self.server.behaviours[mirror](self)

    def log_message(self, *arguments: object) -> None:
        """Keep the tests' output clean."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a status, headers (underscores stand for dashes; a length of None is left out) and a body."""
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), "Connection": "close", **headers}.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def wait(self, seconds: float) -> bool:
        """Sleep, but not beyond the end of the test; tell whether the test goes on."""
        return not self.server.stopping.wait(seconds)


class Server(ThreadingHTTPServer):
    """A web server on this machine with one behaviour a mirror."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviours: dict[str, Behaviour] = {}
        self.requests: list[tuple[str, str | None]] = []
        self.stopping = threading.Event()

    def mirror(self, name: str, behaviour: Behaviour) -> str:
        """Add a mirror and return its URL."""
        self.behaviours[name] = behaviour
        return f"http://127.0.0.1:{self.server_port}/{name}/"

    def handle_error(self, *arguments: object) -> None:
        """Expect clients to hang up."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.stopping.set()
        running.shutdown()
        thread.join()
