"""A web server on this machine that cuts, stalls, lies and redirects; one behaviour a mirror."""

import gzip
import hashlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nncli.data.download import Policy, fetch
from nncli.data.sources import Source, SourceFile

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers a request with the behaviour that its path's first part names."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.requests.append(self.path)
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
        self.requests: list[str] = []
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


BODY = gzip.compress(random.Random(1).randbytes(300_000))
FILE = SourceFile("train-images-idx3-ubyte.gz", len(BODY), hashlib.sha256(BODY).hexdigest())
HASTY = Policy(schemes=frozenset({"http"}), retries=2, backoff=0.01, connect=0.5, patience=0.2, total=0.4)


def source(*mirrors):
    return Source("small", "Small", mirrors, (FILE,))


def download(folder, *mirrors, policy=HASTY, **options):
    small = source(*mirrors)
    fetch(small, small.files, folder, policy=policy, **options)


def good(handler):
    handler.answer(200, BODY)


def cut_with_length(handler):
    handler.answer(200, BODY[:100_000], Content_Length=str(len(BODY)))


def cut_without_length(handler):
    handler.answer(200, BODY[:100_000], Content_Length="")


def half_a_wrong_file(handler):
    handler.answer(200, bytes(len(BODY) // 2), Content_Length=str(len(BODY)))


def chunked(handler):
    handler.answer(200, Content_Length="", Transfer_Encoding="chunked")
    for start in range(0, len(BODY), 70_000):
        piece = BODY[start : start + 70_000]
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def drip(handler):
    handler.answer(200, Content_Length=str(len(BODY)))
    for byte in BODY:
        handler.wfile.write(bytes([byte]))
        if not handler.wait(0.02):
            return


def drip_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while handler.wait(0.02):
        handler.wfile.write(b"X")


def drip_chunks(handler):
    handler.answer(200, Content_Length="", Transfer_Encoding="chunked")
    while handler.wait(0.02):
        handler.wfile.write(b"0")


def stall(handler):
    handler.answer(200, BODY[:1000], Content_Length=str(len(BODY)))
    handler.wait(60)


def silent(handler):
    handler.wait(60)


def reset(handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def wrong_bytes(handler):
    handler.answer(200, bytes(len(BODY)))


def oversize(handler):
    handler.answer(200, BODY * 2)


def endless(handler):
    handler.answer(200, Content_Length="")
    while handler.wait(0):
        handler.wfile.write(bytes(65_536))


def missing(handler):
    handler.answer(404)


def unavailable(handler):
    handler.answer(503)


def unavailable_without_end(handler):
    handler.answer(503, Content_Length="")
    while handler.wait(0):
        handler.wfile.write(bytes(65_536))


def redirect_without_end(handler):
    handler.answer(302, Content_Length="", Location=handler.path)
    while handler.wait(0):
        handler.wfile.write(bytes(65_536))


def web_page(handler):
    handler.answer(200, b"<html>Please log in</html>", Content_Type="text/html; charset=utf-8")


def to_ftp(handler):
    handler.answer(302, Location="ftp://example.org/file")


def round_and_round(handler):
    handler.answer(302, Location=handler.path)


def half_a_range(handler):
    handler.answer(206, BODY[5:], Content_Range=f"bytes 5-{len(BODY) - 1}/{len(BODY)}")


def no_range(handler):
    handler.answer(416)


HOSTILE = {
    cut_with_length: "ended after|IncompleteRead|more expected",
    cut_without_length: "ended after",
    half_a_wrong_file: "ended after|IncompleteRead|more expected",
    drip: "longer than 1 s",
    drip_headers: "longer than 1 s",
    drip_chunks: "longer than 1 s",
    stall: "timed out",
    silent: "timed out",
    reset: "reset",
    wrong_bytes: "the wrong SHA-256",
    oversize: "declared 600,[0-9]* bytes instead of 300,",
    endless: "the wrong SHA-256",
    missing: "returned 404",
    unavailable: "returned 503",
    unavailable_without_end: "returned 503",
    web_page: "web page",
    to_ftp: "redirected to ftp://example.org/file, which is not http",
    round_and_round: "redirected more than",
    redirect_without_end: "redirected more than",
    half_a_range: "returned 206",
    no_range: "returned 416",
}
