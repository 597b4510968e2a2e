"""Published files into a folder: one process at a time, from the first mirror that gives the right bytes."""

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

Progress = Callable[[int, int, str], None]  # (bytes done, bytes in all, what is waited for)

LOCK_NAME = ".download.lock"
REDIRECTS = 5
PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses that a later request may not meet


@dataclass(frozen=True)
class Policy:
    """How far servers are trusted and waited for; times are in seconds.

    A mirror is left when it takes longer than `patience` for `block` bytes, and asked again only while the file, if
    nothing arrives, is still given up within `total`. A process waits for another that downloads for `turn`.
    """

    schemes: frozenset[str] = frozenset({"https"})
    retries: int = 3
    backoff: float = 0.5
    connect: float = 5.0
    patience: float = 20.0
    block: int = 1 << 18
    total: float = 60.0
    turn: float = 900.0


class PassingError(DownloadError):
    """What a later request to the same mirror may not meet."""


def fetch(
    source: Source,
    files: Sequence[SourceFile],
    folder: Path,
    *,
    policy: Policy | None = None,
    on_progress: Progress | None = None,
) -> None:
    """Put `files` of `source` into `folder`, each with its published size and SHA-256 or not at all.

    Files that are there and right are kept, wrong ones replaced. Processes that ask for the same folder take
    turns, so that one downloads and the others find its files. Proxies named in the environment are used.
    Raises DownloadError when no mirror gives a file, WriteError when the folder cannot be written.
    """
    policy, report = policy or Policy(), on_progress or (lambda *_: None)
    with durable.reported(folder):
        if all(is_published(folder / file.name, file) for file in files):
            return
        durable.make_folder(folder)
        with _turn(folder, policy, sum(file.size for file in files), report):
            durable.remove_stale(folder)
            for file in files:
                (folder / f"{file.name}.part").unlink(missing_ok=True)  # which earlier versions left
                if not is_published(folder / file.name, file):
                    _Download(source, file, policy, report).run(folder)


def is_published(path: Path, file: SourceFile) -> bool:
    """Tell whether a file is there with its published size and SHA-256."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256


@contextmanager
def _turn(folder: Path, policy: Policy, size: int, report: Progress) -> Iterator[None]:
    """Hold the folder's lock within the block."""
    lock = filelock.FileLock(folder / LOCK_NAME)
    for seconds in (0.0, policy.turn):
        with suppress(filelock.Timeout), lock.acquire(timeout=seconds):
            yield
            return
        report(0, size, f"waiting for another process that downloads to {folder}")
    raise DownloadError(f"{folder}: another process holds {LOCK_NAME} for too long; end it")


@dataclass(frozen=True)
class _Download:
    """One file on its way from the mirrors."""

    source: Source
    file: SourceFile
    policy: Policy
    report: Progress

    def run(self, folder: Path) -> None:
        """Try the mirrors in turn, and again those that may do better later.

        urllib3's Retry knows one server, and reads to their ends, however far, the answers that it discards.
        """
        again_until = time.monotonic() + self.policy.total - self.policy.patience
        said = {}
        mirrors = deque((mirror, 0) for mirror in self.source.mirrors)
        while mirrors:
            mirror, retries = mirrors.popleft()
            time.sleep(self.policy.backoff * retries)
            try:
                durable.write(folder / self.file.name, self._verified(mirror))
            except DownloadError as error:
                said[mirror] = str(error)
                again = isinstance(error, PassingError) and time.monotonic() < again_until
                if again and retries < self.policy.retries:
                    mirrors.append((mirror, retries + 1))
            else:
                return
        tried = "; ".join(f"{mirror} {reason}" for mirror, reason in said.items())
        failure = f"{self.file.name} of {self.source.title} could not be downloaded ({tried})"
        raise DownloadError(f"{failure}; try again online, or {self.source.placement(folder)}")

    def _verified(self, mirror: str) -> Iterator[bytes]:
        """Yield the file's bytes from a mirror, and fail at their end unless they are the published ones."""
        what = f"downloading {self.file.name} from {urlsplit(mirror).hostname}"
        sha256, done = hashlib.sha256(), 0
        self.report(done, self.file.size, what)
        for piece in self._received(mirror + self.file.name):
            yield piece
            sha256.update(piece)
            done += len(piece)
            self.report(done, self.file.size, what)
        if done < self.file.size:
            raise PassingError(f"cut short after {done:,} of {self.file.size:,} bytes")
        if sha256.hexdigest() != self.file.sha256:
            raise DownloadError("sends wrong bytes: their SHA-256 differs")

    def _received(self, url: str) -> Iterator[bytes]:
        """Yield what arrives in time; a thread waits for it, as a socket's timeout alone lets headers drip for ever."""
        arrived: queue.Queue[bytes | Exception] = queue.Queue()
        left = threading.Event()
        threading.Thread(target=self._receive, args=(url, arrived, left), daemon=True).start()
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
            left.set()

    def _receive(self, url: str, arrived: "queue.Queue[bytes | Exception]", left: threading.Event) -> None:
        """Put each receive's bytes into the queue, no more than the file's; then b"", or what went wrong."""
        try:
            with requests.Session() as session, self._open(url, session) as response:
                _check(response, self.file)
                wanted = self.file.size
                while wanted and (piece := response.raw.read1(min(1 << 16, wanted), decode_content=False)):
                    arrived.put(piece)
                    wanted = 0 if left.is_set() else wanted - len(piece)
            arrived.put(b"")
        except Exception as error:  # whatever it is, the waiting thread raises it
            arrived.put(error)

    def _open(self, url: str, session: requests.Session) -> requests.Response:
        """Follow redirects to the response with the file; `session.get` would read all that a redirect sends."""
        for _ in range(REDIRECTS + 1):
            if urlsplit(url).scheme not in self.policy.schemes:
                raise DownloadError(f"leads to {url:.200}, which is not {' or '.join(sorted(self.policy.schemes))}")
            request = session.prepare_request(requests.Request("GET", url, {"Accept-Encoding": "identity"}))
            settings = session.merge_environment_settings(url, {}, stream=True, verify=True, cert=None)
            timeout = (self.policy.connect, 2 * self.policy.patience)  # the second ends a thread that nobody waits for
            response = session.get_adapter(url).send(request, timeout=timeout, **settings)  # type: ignore[arg-type]
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
        raise DownloadError(f"answers with more than {REDIRECTS} redirects")


def _check(response: requests.Response, file: SourceFile) -> None:
    """Refuse a response whose body cannot be the file's."""
    if response.status_code != 200:
        passing = response.status_code in PASSING
        raise (PassingError if passing else DownloadError)(f"answers {response.status_code} {response.reason:.100}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise DownloadError("sends a web page instead of the file (a log-in page of this network?)")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and (offered := int(length[:20])) != file.size:
        raise DownloadError(f"offers {offered:,} bytes, the file has {file.size:,}")


def _failure(error: Exception) -> DownloadError:
    """Return what stopped a transfer, in the words of the operating system where it had a part in it."""
    if isinstance(error, DownloadError):
        return error
    causes: list[BaseException] = [error]
    while cause := causes[-1].__context__:
        causes.append(cause)
    passing = any(isinstance(each, ProtocolError) for each in causes)  # a connection that broke
    return (PassingError if passing else DownloadError)(" ".join(f"{causes[-1]!s:.200}".split()) or repr(error))
