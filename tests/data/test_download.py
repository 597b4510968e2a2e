"""Downloads from servers that cut, stall, lie and redirect: right bytes or a clear error, never wrong bytes."""

import socket
import time

import pytest

from hostile.server import (
    BODY,
    FILE,
    HASTY,
    HOSTILE,
    chunked,
    download,
    good,
    missing,
    silent,
    unavailable,
)
from nncli.data.download import Policy
from nncli.errors import DownloadError, WriteError


@pytest.mark.parametrize("behaviour", HOSTILE, ids=lambda behaviour: behaviour.__name__)
def test_a_hostile_mirror_ends_in_an_error_and_installs_nothing(behaviour, server, tmp_path):
    started = time.monotonic()
    with pytest.raises(DownloadError, match=HOSTILE[behaviour]) as caught:
        download(tmp_path, server.mirror("only", behaviour))
    assert time.monotonic() - started < HASTY.total + 1
    assert FILE.name not in {path.name for path in tmp_path.iterdir()}
    advice = f"check the network connection and try again, or put {FILE.name} into {tmp_path}"
    assert str(caught.value).endswith(f"; {advice}")


@pytest.mark.parametrize("behaviour", HOSTILE, ids=lambda behaviour: behaviour.__name__)
def test_the_next_mirror_makes_up_for_a_hostile_one(behaviour, server, tmp_path):
    download(tmp_path, server.mirror("first", behaviour), server.mirror("second", good))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert {path.name for path in tmp_path.iterdir()} <= {FILE.name, ".download.lock"}


@pytest.mark.parametrize("behaviour", [good, chunked], ids=lambda behaviour: behaviour.__name__)
def test_reports_progress_up_to_the_whole_file(behaviour, server, tmp_path):
    seen = []
    download(tmp_path, server.mirror("only", behaviour), on_progress=lambda *report: seen.append(report))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert seen == sorted(seen)
    what = f"downloading {FILE.name} from 127.0.0.1"
    assert (seen[0], seen[-1]) == ((0, len(BODY), what), (len(BODY), len(BODY), what))


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
        download(tmp_path, server.mirror("only", good), policy=Policy())
    assert server.requests == []


def test_what_an_earlier_download_left_is_removed(server, tmp_path):
    (tmp_path / f".{FILE.name}.0123abcd.tmp").write_bytes(BODY[:250_000])
    download(tmp_path, server.mirror("only", good))
    assert (tmp_path / FILE.name).read_bytes() == BODY
    assert {path.name for path in tmp_path.iterdir()} <= {FILE.name, ".download.lock"}


@pytest.mark.parametrize(("behaviour", "total"), [(silent, 60), (unavailable, 0.3)], ids=["silent", "out of time"])
def test_a_mirror_is_asked_once_where_asking_again_would_take_too_long(behaviour, total, server, tmp_path):
    mirrors = [server.mirror(name, behaviour) for name in ("first", "second")]
    policy = Policy(schemes=frozenset({"http"}), patience=0.3, total=total)
    with pytest.raises(DownloadError, match=r"first/: .*; .*second/: "):
        download(tmp_path, *mirrors, policy=policy)
    assert server.requests == [f"/first/{FILE.name}", f"/second/{FILE.name}"]


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
    with pytest.raises(WriteError, match=r"cannot be written.*choose another path"):
        download(tmp_path / "file" / "folder", "http://127.0.0.1:9/")


def test_a_proxy_of_the_environment_is_used(server, tmp_path, monkeypatch):
    server.behaviours["http:"] = good  # a proxy is asked for the whole URL
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "")
    download(tmp_path, "http://mirror.invalid/")
    assert server.requests == [f"http://mirror.invalid/{FILE.name}"]
