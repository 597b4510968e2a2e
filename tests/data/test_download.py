"""Downloads from servers that cut, stall, lie and redirect: right bytes or a clear error, never wrong bytes."""

import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hostile.server import (
    BODY,
    FILE,
    HASTY,
    HOSTILE,
    chunked,
    cut_without_length,
    download,
    good,
    missing,
    ranged,
    unavailable,
)
from nncli.data.transfer import Policy
from nncli.errors import DataError, DownloadError


@pytest.mark.parametrize("behaviour", HOSTILE, ids=lambda behaviour: behaviour.__name__)
def test_a_hostile_mirror_ends_in_an_error_and_installs_nothing(behaviour, server, tmp_path):
    started = time.monotonic()
    with pytest.raises(DownloadError, match=HOSTILE[behaviour]) as caught:
        download(tmp_path, server.mirror("only", behaviour))
    assert time.monotonic() - started < HASTY.total + 1
    assert FILE.name not in {path.name for path in tmp_path.iterdir()}
    assert str(caught.value).endswith(f"; try again online, or put {FILE.name} into {tmp_path}")


@pytest.mark.parametrize("behaviour", HOSTILE, ids=lambda behaviour: behaviour.__name__)
def test_the_next_mirror_makes_up_for_a_hostile_one(behaviour, server, tmp_path):
    download(tmp_path, server.mirror("first", behaviour), server.mirror("second", good))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert {path.name for path in tmp_path.iterdir()} <= {FILE.name, ".download.lock"}


@pytest.mark.parametrize("behaviour", [good, ranged, chunked], ids=lambda behaviour: behaviour.__name__)
def test_reports_progress_up_to_the_whole_file(behaviour, server, tmp_path):
    seen = []
    download(tmp_path, server.mirror("only", behaviour), on_progress=lambda *report: seen.append(report))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert seen == sorted(seen)
    assert seen[-1] == (len(BODY), len(BODY), FILE.name)


def test_a_content_encoding_on_a_gz_is_not_decoded(server, tmp_path):
    url = server.mirror("only", lambda handler: handler.answer(200, BODY, Content_Encoding="gzip"))
    download(tmp_path, url)
    assert (tmp_path / FILE.name).read_bytes() == BODY


def test_a_passing_503_is_tried_again(server, tmp_path):
    answers = iter([unavailable, unavailable, good])
    download(tmp_path, server.mirror("only", lambda handler: next(answers)(handler)))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert len(server.requests) == 3


def test_a_404_is_not_tried_again(server, tmp_path):
    with pytest.raises(DownloadError, match="404"):
        download(tmp_path, server.mirror("only", missing))
    assert len(server.requests) == 1


def test_follows_a_redirect(server, tmp_path):
    server.mirror("new", good)
    url = server.mirror("old", lambda handler: handler.answer(301, Location=f"/new/{FILE.name}"))
    download(tmp_path, url)
    assert (tmp_path / FILE.name).read_bytes() == BODY


def test_only_https_is_spoken_by_default(server, tmp_path):
    with pytest.raises(DownloadError, match="not https"):
        download(tmp_path, server.mirror("only", good), policy=Policy(rounds=1))
    assert server.requests == []


@pytest.mark.parametrize("honest", [ranged, good], ids=["resumes", "range ignored"])
def test_a_cut_transfer_goes_on_at_another_mirror(honest, server, tmp_path):
    download(tmp_path, server.mirror("first", cut_without_length), server.mirror("second", honest))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert server.requests[-1] == (f"/second/{FILE.name}", "bytes=100000-")


def test_an_interrupted_process_leaves_a_part_that_the_next_resumes(server, tmp_path):
    (tmp_path / f"{FILE.name}.part").write_bytes(BODY[:250_000])
    download(tmp_path, server.mirror("only", ranged))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert server.requests == [(f"/only/{FILE.name}", "bytes=250000-")]


@pytest.mark.parametrize(
    "part",
    [b"not the file's beginning", bytes(len(BODY)), bytes(len(BODY) + 9), b""],
    ids=["wrong beginning", "wrong bytes", "too long", "empty"],
)
def test_a_part_that_is_wrong_is_discarded(part, server, tmp_path):
    (tmp_path / f"{FILE.name}.part").write_bytes(part)
    download(tmp_path, server.mirror("only", ranged))
    assert (tmp_path / FILE.name).read_bytes() == BODY


def test_a_complete_part_is_installed_without_a_request(server, tmp_path):
    (tmp_path / f"{FILE.name}.part").write_bytes(BODY)
    download(tmp_path, server.mirror("only", missing))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert server.requests == []


def test_a_right_file_is_kept_and_a_damaged_one_replaced(server, tmp_path):
    url = server.mirror("only", good)
    (tmp_path / FILE.name).write_bytes(BODY[:-1] + b"?")
    download(tmp_path, url)
    assert (tmp_path / FILE.name).read_bytes() == BODY
    download(tmp_path, url)
    assert len(server.requests) == 1


def test_nothing_listens(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DownloadError, match="refused"):
        download(tmp_path, f"http://127.0.0.1:{port}/")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be written.*choose another folder"):
        download(tmp_path / "file" / "folder", "http://127.0.0.1:9/")


def test_a_proxy_of_the_environment_is_used(server, tmp_path, monkeypatch):
    server.behaviours["http:"] = good  # a proxy is asked for the whole URL
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "")
    download(tmp_path, "http://mirror.invalid/")
    assert server.requests == [(f"http://mirror.invalid/{FILE.name}", None)]


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed to make a certificate with")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem".split(),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_shake_hands, args=(listener, context))
        thread.start()
        with pytest.raises(DownloadError, match="CERTIFICATE_VERIFY_FAILED"):
            download(tmp_path, f"https://localhost:{listener.getsockname()[1]}/", policy=Policy(rounds=1))
        thread.join()


def _shake_hands(listener, context):
    connection, _ = listener.accept()
    with connection, pytest.raises(OSError):
        context.wrap_socket(connection, server_side=True)


def start_process(folder: Path, url: str) -> subprocess.Popen[bytes]:
    """Start a process that downloads the file into a folder."""
    program = f"""
from pathlib import Path
from nncli.data.download import fetch
from nncli.data.sources import Source, SourceFile
from nncli.data.transfer import Policy
file = {FILE!r}
fetch(Source("small", "Small", ({url!r},), (file,)), [file], Path({str(folder)!r}),
      policy=Policy(schemes=frozenset({{"http"}}), backoff=0.01))
"""
    return subprocess.Popen([sys.executable, "-c", program])


def test_many_processes_download_once(server, tmp_path):
    def slow(handler):
        handler.wait(0.5)
        ranged(handler)

    url = server.mirror("only", slow)
    processes = [start_process(tmp_path, url) for _ in range(6)]
    assert [process.wait() for process in processes] == [0] * 6
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert len(server.requests) == 1


def test_a_killed_download_is_finished_by_the_one_that_waits(server, tmp_path):
    begun = threading.Event()

    def stall_once(handler):
        if begun.is_set():
            ranged(handler)
        else:
            handler.answer(200, BODY[:200_000], Content_Length=str(len(BODY)))
            begun.set()
            handler.wait(60)

    url = server.mirror("only", stall_once)
    first = start_process(tmp_path, url)
    assert begun.wait(20)
    second = start_process(tmp_path, url)
    first.kill()
    assert first.wait() < 0
    assert second.wait() == 0
    assert (tmp_path / FILE.name).read_bytes() == BODY
