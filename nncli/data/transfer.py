"""One HTTPS transfer of a pinned file into its .part file: resumed, bounded in bytes and time, never decoded."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from nncli.data.sources import SourceFile
from nncli.errors import DownloadError

REDIRECTS = {301, 302, 303, 307, 308}
PASSING = {408, 425, 429, 500, 502, 503, 504}  # answers that a later request may not get


@dataclass(frozen=True)
class Policy:
    """How far servers are trusted and waited for; times are in seconds.

    Every `block` bytes must arrive within `patience`, a file within `total`, retries and mirrors included.
    """

    schemes: frozenset[str] = frozenset({"https"})
    rounds: int = 4
    backoff: float = 0.5
    connect: float = 5.0
    patience: float = 20.0
    total: float = 900.0
    block: int = 16_384
    redirects: int = 5


class RefusedError(DownloadError):
    """A mirror that is not worth another request for this file."""


@dataclass(frozen=True)
class Transfer:
    """The bytes of one file on their way into `part`; `deadline` is a time of time.monotonic()."""

    file: SourceFile
    part: Path
    session: requests.Session
    policy: Policy
    deadline: float
    report: Callable[[int], None]

    def run(self, url: str) -> None:
        """Bring `part` to the file's size, going on from the bytes that it holds already.

        Raises DownloadError for what another attempt may mend (`part` keeps what arrived), RefusedError for
        what it will not, OSError when the disk does not take the bytes.
        """
        held = self.part.stat().st_size if self.part.exists() else 0
        try:
            with self._open(url, held) as response:
                self._receive(response, _first_byte(response, held, self.file))
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            causes = list(_causes(error))
            hopeless = any(isinstance(cause, HOPELESS) for cause in causes)
            reason = " ".join(str(causes[-1]).split()) or type(error).__name__
            raise (RefusedError if hopeless else DownloadError)(reason) from error
        except ValueError as error:  # half an address to redirect to, which requests does not mind
            raise RefusedError(f"answers what cannot be understood: {error!s:.200}") from error

    def _open(self, url: str, held: int) -> requests.Response:
        """Follow redirects, none of them to a scheme outside the policy, to the response with the body."""
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={held}-"} if held else {})
        for _ in range(self.policy.redirects + 1):
            if urlsplit(url).scheme not in self.policy.schemes:
                raise RefusedError(f"leads to {url:.200}, which is not {' or '.join(sorted(self.policy.schemes))}")
            response = self._get(url, headers)
            if response.status_code not in REDIRECTS:
                return response
            response.close()
            url = urljoin(url, response.headers.get("Location", ""))
        raise RefusedError(f"answers with more than {self.policy.redirects} redirects")

    def _get(self, url: str, headers: dict[str, str]) -> requests.Response:
        """Return the response once its headers are in; a socket's timeout alone lets them drip for ever."""
        outcome: list[requests.Response | Exception] = []
        abandoned = threading.Event()
        timeout = (self.policy.connect, self.policy.patience)

        def request() -> None:
            try:
                response = self.session.get(
                    url, headers=headers, stream=True, allow_redirects=False, verify=True, timeout=timeout
                )
            except Exception as error:  # whatever it is, the waiting thread raises it
                outcome.append(error)
                return
            outcome.append(response)
            if abandoned.is_set():
                response.close()

        thread = threading.Thread(target=request, daemon=True)
        thread.start()
        thread.join(max(0.0, min(sum(timeout), self.deadline - time.monotonic())))
        if not outcome:
            abandoned.set()
            raise DownloadError("no answer in time")
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]

    def _receive(self, response: requests.Response, start: int) -> None:
        """Write the body from byte `start` on; read1 returns each receive's bytes, so that a drip is seen."""
        done, size = start, self.file.size
        block_end, block_deadline = done + self.policy.block, time.monotonic() + self.policy.patience
        with self.part.open("ab" if start else "wb") as out:
            while done < size and (piece := response.raw.read1(min(1 << 16, size - done), decode_content=False)):
                out.write(piece)
                done += len(piece)
                self.report(done)
                now = time.monotonic()
                if done >= block_end:
                    block_end, block_deadline = done + self.policy.block, now + self.policy.patience
                if now > min(block_deadline, self.deadline):
                    raise DownloadError(f"too slow: {done:,} of {size:,} bytes")
        if done < size:
            raise DownloadError(f"cut short after {done:,} of {size:,} bytes")


HOPELESS = (
    requests.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
    urllib3.exceptions.NewConnectionError,
)


def _first_byte(response: requests.Response, held: int, file: SourceFile) -> int:
    """Return where the body begins in the file; refuse a body that cannot be the file's."""
    status = response.status_code
    if status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {held}-"):
        return held
    if status != 200:
        raise (DownloadError if status in PASSING else RefusedError)(f"answers {status} {response.reason}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise RefusedError("sends a web page instead of the file (a log-in page of this network?)")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and (offered := int(length[:20])) != file.size:
        raise RefusedError(f"offers {offered:,} bytes, the file has {file.size:,}")
    return 0


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Walk from an error down to what the operating system said."""
    while error is not None:
        yield error
        error = error.__context__
