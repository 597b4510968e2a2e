"""Download published files to a folder: one process at a time, from the first mirror with the right bytes."""

import hashlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
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

    A mirror is abandoned if it takes longer than `patience` for `block` bytes, and retried only if the attempt can end
    within `total`. A process waits up to `lock` for another one that downloads.
    """

    schemes: frozenset[str] = frozenset({"https"})
    retries: int = 3
    backoff: float = 0.5
    connect: float = 5.0
    patience: float = 20.0
    block: int = 1 << 18
    total: float = 60.0
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
                (folder / f"{file.name}.part").unlink(missing_ok=True)  # left by earlier versions
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
    raise DownloadError(f"{folder}: another process has held {LOCK_NAME} for too long; stop it")


@dataclass(frozen=True)
class _Download:
    """The download of one file."""

    source: Source
    file: SourceFile
    policy: Policy
    report: Progress

    def run(self, folder: Path) -> None:
        """Try the mirrors in turn, and retry those with temporary errors.

        urllib3's Retry handles one server only, and reads discarded responses to the end, however long.
        """
        deadline = time.monotonic() + self.policy.total - self.policy.patience
        reasons = {}
        mirrors = deque((mirror, 0) for mirror in self.source.mirrors)
        while mirrors:
            mirror, retries = mirrors.popleft()
            time.sleep(self.policy.backoff * retries)
            try:
                durable.write(folder / self.file.name, self._verified(mirror))
            except DownloadError as error:
                reasons[mirror] = str(error)
                again = isinstance(error, TemporaryError) and time.monotonic() < deadline
                if again and retries < self.policy.retries:
                    mirrors.append((mirror, retries + 1))
            else:
                return
        tried = "; ".join(f"{mirror}: {reason}" for mirror, reason in reasons.items())
        failure = f"{self.file.name} of {self.source.title} could not be downloaded ({tried})"
        raise DownloadError(f"{failure}; try again online, or {self.source.placement(folder)}")

    def _verified(self, mirror: str) -> Iterator[bytes]:
        """Yield the file's bytes from a mirror; raise DownloadError at the end if they are not the published ones."""
        what = f"downloading {self.file.name} from {urlsplit(mirror).hostname}"
        sha256, done = hashlib.sha256(), 0
        self.report(done, self.file.size, what)
        for piece in self._received(mirror + self.file.name):
            yield piece
            sha256.update(piece)
            done += len(piece)
            self.report(done, self.file.size, what)
        if done < self.file.size:
            raise TemporaryError(f"ended after {done:,} of {self.file.size:,} bytes")
        if sha256.hexdigest() != self.file.sha256:
            raise DownloadError("sent a file with another SHA-256")

    def _received(self, url: str) -> Iterator[bytes]:
        """Yield the bytes that arrive in time; a thread receives them, as a socket's timeout allows slow headers."""
        arrived: queue.Queue[bytes | Exception] = queue.Queue()
        abandoned = threading.Event()
        threading.Thread(target=self._receive, args=(url, arrived, abandoned), daemon=True).start()
        done, goal, deadline = 0, self.policy.block, time.monotonic() + self.policy.patience
        try:
            while piece := arrived.get(timeout=max(0.0, deadline - time.monotonic())):
                if isinstance(piece, Exception):
                    raise _failure(piece) from piece
                yield piece
                done += len(piece)
                if done >= goal:
                    goal, deadline = done + self.policy.block, time.monotonic() + self.policy.patience
        except queue.Empty:
            too_slow = f"too slow: {done:,} of {self.file.size:,} bytes" if done else "no answer in time"
            raise DownloadError(too_slow) from None
        finally:
            abandoned.set()

    def _receive(self, url: str, arrived: "queue.Queue[bytes | Exception]", abandoned: threading.Event) -> None:
        """Put the received bytes into the queue, at most the file's size; then b"", or the exception that occurred."""
        try:
            with requests.Session() as session, self._open(url, session) as response:
                _check(response, self.file)
                wanted = self.file.size
                while wanted and (piece := response.raw.read1(min(1 << 16, wanted), decode_content=False)):
                    arrived.put(piece)
                    wanted = 0 if abandoned.is_set() else wanted - len(piece)
            arrived.put(b"")
        except Exception as error:  # the waiting thread raises it
            arrived.put(error)

    def _open(self, url: str, session: requests.Session) -> requests.Response:
        """Return the response after redirects; `session.get` would read the whole body of each redirect."""
        for _ in range(REDIRECTS + 1):
            if urlsplit(url).scheme not in self.policy.schemes:
                schemes = " or ".join(sorted(self.policy.schemes))
                raise DownloadError(f"redirected to {url:.200}, which is not {schemes}")
            request = session.prepare_request(requests.Request("GET", url, {"Accept-Encoding": "identity"}))
            settings = session.merge_environment_settings(url, {}, stream=True, verify=True, cert=None)
            timeout = (self.policy.connect, 2 * self.policy.patience)  # the second ends an abandoned thread
            response = session.get_adapter(url).send(request, timeout=timeout, **settings)  # type: ignore[arg-type]
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
        raise DownloadError(f"redirected more than {REDIRECTS} times")


def _check(response: requests.Response, file: SourceFile) -> None:
    """Raise DownloadError if a response cannot contain the file."""
    if response.status_code != 200:
        kind = TemporaryError if response.status_code in TEMPORARY else DownloadError
        raise kind(f"answered {response.status_code} {response.reason:.100}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise DownloadError("sent a web page instead of the file (the log-in page of a network?)")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and (offered := int(length[:20])) != file.size:
        raise DownloadError(f"offered {offered:,} bytes instead of {file.size:,}")


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
