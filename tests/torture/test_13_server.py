"""Downloads from hostile servers: the next mirror or a clear error in bounded time, and never wrong bytes."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from hostile.server import BODY, FILE, HASTY, HOSTILE, Handler, Server, download, good, server, unavailable
from nncli.data.download import Policy
from nncli.errors import DownloadError

__all__ = ["server"]


def raw(answer):
    """A behaviour that sends these bytes, whatever they are."""
    return lambda handler: handler.wfile.write(answer)


def ok(*headers, body=BODY):
    return raw("\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode("latin-1") + body)


def redirect(location):
    return raw(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))


MALFORMED = {
    "no status line": raw(b"hello\r\n\r\n"),
    "another protocol": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a status of letters": raw(b"HTTP/1.1 abc OK\r\n\r\n"),
    "status 999": raw(b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"),
    "endless continue": raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000),
    "a thousand headers": ok(*(f"X-{n}: 1" for n in range(1_000))),
    "a header of a megabyte": ok("X: " + "x" * 1_000_000),
    "a status line of a megabyte": raw(b"HTTP/1.1 200 " + b"x" * 1_000_000 + b"\r\n\r\n"),
    "a length of 5,000 digits": ok(f"Content-Length: {'9' * 5_000}"),
    "a negative length": ok("Content-Length: -1", body=BODY[:9]),
    "two lengths": ok("Content-Length: 5", f"Content-Length: {len(BODY)}"),
    "a length of letters": ok("Content-Length: many", body=BODY[:9]),
    "a broken chunk": ok("Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n"),
    "a huge chunk": ok("Transfer-Encoding: chunked", body=b"f" * 4_000 + b"\r\nhello\r\n"),
    "gzip once more": lambda handler: handler.answer(200, b"\x1f\x8b" + BODY, Content_Encoding="gzip"),
    "a page as a file": lambda handler: handler.answer(200, b"<html>log in</html>", Content_Type="application/gzip"),
    "a page of the right size": lambda handler: handler.answer(200, b"<html>".ljust(len(BODY)), Content_Type="x"),
    "a range nobody asked for": lambda handler: handler.answer(206, BODY[9:], Content_Range="bytes 9-"),
    "range not satisfiable": lambda handler: handler.answer(416),
    "no content": lambda handler: handler.answer(204),
    "a redirect without a place": raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
    "a redirect to half an address": redirect("http://["),
    "a redirect to no host": redirect("http://"),
    "a redirect to a port of letters": redirect("http://localhost:http/"),
    "a redirect to port 99999": redirect("http://127.0.0.1:99999/"),
    "a redirect to a long name": redirect(f"http://{'a' * 300}.invalid/"),
    "a redirect of control characters": redirect("http://127.0.0.1:1/\x00\x1b[31m"),
    "a redirect to a file": redirect("file:///etc/passwd"),
    "a redirect to nowhere": redirect("//"),
}
# `make test` has those of tests/data/test_download.py already
LONG = {behaviour.__name__: behaviour for behaviour in HOSTILE} if os.environ.get("NNCLI_TORTURE") else {}


@pytest.mark.parametrize("behaviour", (LONG | MALFORMED).values(), ids=LONG | MALFORMED)
def test_a_clear_error_and_then_the_next_mirror(behaviour, rounds, server, tmp_path):
    hostile, honest = server.mirror("hostile", behaviour), server.mirror("honest", good)
    for number in rounds(short=1, long=8):
        folder = tmp_path / f"{number}"
        began = time.monotonic()
        with pytest.raises(DownloadError) as caught:
            download(folder, hostile)
        rounds.measured("longest attempt", f"{time.monotonic() - began:.1f} s")
        assert f"{FILE.name} of Small could not be downloaded" in str(caught.value)
        assert FILE.name not in {path.name for path in folder.iterdir()}
        download(folder, hostile, honest)
        assert (folder / FILE.name).read_bytes() == BODY


def test_503_three_times(rounds, server, tmp_path):
    for number in rounds(short=1, long=20):
        answers = iter([unavailable, unavailable, unavailable, good])
        url = server.mirror("only", lambda handler, answers=answers: next(answers)(handler))
        policy = Policy(schemes=frozenset({"http"}), backoff=0.01)
        download(tmp_path / f"{number}", url, policy=policy)
        assert (tmp_path / f"{number}" / FILE.name).read_bytes() == BODY


def test_cut_or_spoiled_anywhere(rounds, server, tmp_path):
    """Whatever the first mirror gave before it hung up, right or wrong, the whole arrives from the second."""
    for number in rounds(short=5, long=300):
        end = 1 + number * 7_919 % (len(BODY) - 1)
        sent = (BODY[:end], bytes(end), bytes(end) + BODY[end:])[number % 3]
        first = server.mirror("first", lambda handler, sent=sent: handler.answer(200, sent, Content_Length=""))
        folder = tmp_path / f"{number}"
        download(folder, first, server.mirror("second", good))
        assert (folder / FILE.name).read_bytes() == BODY


# Transport security: servers with certificates made for the test


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """Make a certificate for localhost, and see to it that no proxy or setting of this machine stands in the way."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed to make a certificate with")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def make(name, days=1):
        command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days {days} "
        command += f"-subj /CN={name} -addext subjectAltName=DNS:{name} -keyout {name}.key -out {name}.pem"
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
        return tmp_path / f"{name}.pem", tmp_path / f"{name}.key"

    return make


@pytest.fixture
def secure(monkeypatch):
    """Start HTTPS servers, each with a certificate; give the URL of a mirror with a behaviour."""
    running = []

    def start(certificate, key, behaviour):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = Server()
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        server.mirror("only", behaviour)
        return server, f"https://localhost:{server.server_port}/only/"

    yield start
    for each, thread in running:
        each.stopping.set()
        each.shutdown()
        thread.join()
        each.server_close()


SECURE = Policy(retries=0, connect=5, patience=5)


def test_a_certificate_that_is_vouched_for_serves(certificate, secure, tmp_path, monkeypatch):
    pem, key = certificate("localhost")
    _, url = secure(pem, key, good)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    download(tmp_path / "data", url, policy=SECURE)
    assert (tmp_path / "data" / FILE.name).read_bytes() == BODY


@pytest.mark.parametrize(
    ("name", "trusted", "bundle"),
    [("localhost", False, None), ("localhost", False, ""), ("elsewhere.invalid", True, None)],
    ids=["nobody vouches", "an empty bundle in the environment", "another name"],
)
def test_certificates_are_always_checked(name, trusted, bundle, certificate, secure, tmp_path, monkeypatch):
    pem, key = certificate(name)
    server, url = secure(pem, key, good)
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    if bundle is not None:
        monkeypatch.setenv("CURL_CA_BUNDLE", bundle)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    with pytest.raises(DownloadError, match=r"CERTIFICATE_VERIFY_FAILED|doesn't match"):
        download(tmp_path / "data", url, policy=SECURE)
    assert server.requests == []


def test_https_is_not_left_for_http(certificate, secure, server, tmp_path, monkeypatch):
    pem, key = certificate("localhost")
    plain = server.mirror("plain", good)
    _, url = secure(pem, key, lambda handler: handler.answer(302, Location=plain + FILE.name))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    with pytest.raises(DownloadError, match=r"redirected to http://.*which is not https"):
        download(tmp_path / "data", url, policy=SECURE)
    assert server.requests == []


class Proxy(Handler):
    """Notes whom it was asked to connect to, and says no."""

    def do_CONNECT(self):  # noqa: N802 - the base class calls it so
        self.server.requests.append(self.path)
        self.send_error(403)


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_asked_for_https_too(variable, server, tmp_path, monkeypatch):
    server.RequestHandlerClass = Proxy
    monkeypatch.setenv(variable, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(DownloadError, match="403"):
        download(tmp_path, "https://mirror.invalid/", policy=Policy(retries=0))
    assert server.requests == ["mirror.invalid:443"]


def test_a_host_named_in_no_proxy_is_asked_itself(server, tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{nobody}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    download(tmp_path, server.mirror("only", good), policy=HASTY)
    assert (tmp_path / FILE.name).read_bytes() == BODY
