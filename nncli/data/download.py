"""Download published files to a folder: one process at a time, from the first mirror with the right bytes."""

import hashlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import filelock
import requests
from urllib3.exceptions import ProtocolError

from nncli import durable
from nncli.data.sources import Source, SourceFile
from nncli.errors import DownloadError

Progress = Callable[[int, int, str], None]  # (bytes done, total, description)

LOCK_NAME = ".download.lock"
REDIRECTS = 5
TEMPORARY = {408, 425, 429, 500, 502, 503, 504}  # statuses of temporary errors


@dataclass(frozen=True)
class Policy:
    """Limits of a download; times are in seconds.

    A mirror is abandoned if it sends nothing for `patience`, or if a file takes longer than its share of `total`. A
    process waits up to `lock` for another one that downloads.
    """

    schemes: frozenset[str] = frozenset({"https"})
    retries: int = 3
    backoff: float = 0.5
    connect: float = 5.0
    patience: float = 20.0
    total: float = 1200.0
    lock: float = 900.0


class TemporaryError(DownloadError):
    """A temporary error: a later request to the same mirror may succeed."""


def fetch(
    source: Source,
    files: Sequence[SourceFile],
    folder: Path,
    *,
    policy: Policy | None = None,
    on_progress: Progress | None = None,
) -> None:
    """Download `files` of `source` to `folder`, with verified size and SHA-256.

    Intact files are kept, corrupt ones replaced. Processes that download to the same folder take turns, and the later
    ones find the files. Proxies from the environment are used.

    Raises:
        DownloadError: every mirror failed.
        WriteError: the folder cannot be written.
    """
    policy, report = policy or Policy(), on_progress or (lambda *_: None)
    with durable.reported(folder):
        if all(is_published(folder / file.name, file) for file in files):
            return
        durable.make_folder(folder)
        with _locked(folder, policy, sum(file.size for file in files), report):
            durable.remove_stale(folder)
            for file in files:
                if not is_published(folder / file.name, file):
                    _Download(source, file, policy, report).run(folder)


def is_published(path: Path, file: SourceFile) -> bool:
    """Return whether a file exists and has its published size and SHA-256."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256


@contextmanager
def _locked(folder: Path, policy: Policy, size: int, report: Progress) -> Iterator[None]:
    """Hold the lock of the folder within the block."""
    lock = filelock.FileLock(folder / LOCK_NAME)
    for seconds in (0.0, policy.lock):
        with suppress(filelock.Timeout), lock.acquire(timeout=seconds):
            yield
            return
        report(0, size, f"waiting for another process that is downloading to {folder}")
    raise DownloadError(f"{folder}: another process has held {LOCK_NAME} for too long; stop that process")


@dataclass(frozen=True)
class _Download:
    """The download of one file."""

    source: Source
    file: SourceFile
    policy: Policy
    report: Progress

    def run(self, folder: Path) -> None:
        """Try the mirrors in turn, and retry those with temporary errors; urllib3's Retry handles one server only."""
        deadline = time.monotonic() + self.policy.total
        reasons: dict[str, str] = {}
        mirrors = deque((mirror, 0) for mirror in self.source.mirrors)
        while mirrors:
            mirror, retries = mirrors.popleft()
            time.sleep(self.policy.backoff * retries)
            if (left := deadline - time.monotonic()) <= 0:
                break
            try:
                content = _within(min(left, self.policy.total / len(self.source.mirrors)), self._content, mirror)
            except DownloadError as error:
                reasons[mirror] = str(error)
                if isinstance(error, TemporaryError) and retries < self.policy.retries:
                    mirrors.append((mirror, retries + 1))
            else:
                durable.write(folder / self.file.name, [content])
                return
        tried = "; ".join(f"{mirror}: {reason}" for mirror, reason in reasons.items())
        failure = f"{self.file.name} of {self.source.title} could not be downloaded ({tried})"
        advice = f"check the network connection and try again, or {self.source.placement(folder)}"
        raise DownloadError(f"{failure}; {advice}")

    def _content(self, mirror: str) -> bytes:
        """Return the published bytes from a mirror, or raise DownloadError."""
        what, size = f"downloading {self.file.name} from {urlsplit(mirror).hostname}", self.file.size
        content = bytearray()
        self.report(0, size, what)
        try:
            with requests.Session() as session, self._open(mirror + self.file.name, session) as response:
                _check(response, self.file)
                while piece := response.raw.read1(min(1 << 16, size - len(content)), decode_content=False):
                    content += piece
                    self.report(len(content), size, what)
        except Exception as error:  # malformed answers lead to many kinds
            raise _failure(error) from error
        if len(content) < size:
            raise TemporaryError(f"ended after {len(content):,} of {size:,} bytes")
        if hashlib.sha256(content).hexdigest() != self.file.sha256:
            raise DownloadError("sent a file with the wrong SHA-256")
        return bytes(content)

    def _open(self, url: str, session: requests.Session) -> requests.Response:
        """Return the response after redirects; `session.get` would read the whole body of each redirect."""
        for _ in range(REDIRECTS + 1):
            if urlsplit(url).scheme not in self.policy.schemes:
                schemes = " or ".join(sorted(self.policy.schemes))
                raise DownloadError(f"redirected to {url:.200}, which is not {schemes}")
            request = session.prepare_request(requests.Request("GET", url, {"Accept-Encoding": "identity"}))
            settings = session.merge_environment_settings(url, {}, stream=True, verify=True, cert=None)
            timeout = (self.policy.connect, self.policy.patience)
            response = session.get_adapter(url).send(request, timeout=timeout, **settings)  # type: ignore[arg-type]
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
        raise DownloadError(f"redirected more than {REDIRECTS} times")


def _within(seconds: float, receive: Callable[[str], bytes], mirror: str) -> bytes:
    """Return what is received; a thread receives it, as a socket's timeout is for each byte of slow headers."""
    received: Future[bytes] = Future()

    def run() -> None:
        try:
            received.set_result(receive(mirror))
        except BaseException as error:
            received.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return received.result(seconds)
    except TimeoutError:
        raise DownloadError(f"took longer than {math.ceil(seconds)} s") from None


def _check(response: requests.Response, file: SourceFile) -> None:
    """Raise DownloadError if a response cannot contain the file."""
    if response.status_code != 200:
        kind = TemporaryError if response.status_code in TEMPORARY else DownloadError
        raise kind(f"returned {response.status_code} {response.reason:.100}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise DownloadError("sent a web page instead of the file (perhaps a network's login page)")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and (offered := int(length[:20])) != file.size:
        raise DownloadError(f"declared {offered:,} bytes instead of {file.size:,}")


def _failure(error: Exception) -> DownloadError:
    """Return the error for a failed transfer, with the operating system's message if there is one."""
    if isinstance(error, DownloadError):
        return error
    causes: list[BaseException] = [error]
    while cause := causes[-1].__context__:
        causes.append(cause)
    broken = any(isinstance(each, ProtocolError) for each in causes)  # the connection
    kind = TemporaryError if broken else DownloadError
    return kind(" ".join(f"{causes[-1]!s:.200}".split()) or repr(error))
