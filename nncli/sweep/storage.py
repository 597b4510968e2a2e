"""The storage of a sweep: Optuna's, which waits for an unavailable database and never shows a password."""

import functools
import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.trial import TrialState
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from nncli.errors import NncliError, StorageError, WriteError
from nncli.sweep.study import retry

FILE = "sweep.db"
"""Name of the SQLite file in the folder of a sweep."""

MISSED = 6
"""Number of heartbeats after which a trial is resumed by another worker."""

_RETRY_AFTER = 1.0  # seconds
_ATTEMPTS = 8
_SIMULTANEOUS = re.compile(r"already exists|duplicate key|UNIQUE constraint|locked", re.IGNORECASE)  # new tables
_FULL = re.compile(r"disk is full|no space left", re.IGNORECASE)
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

Result = TypeVar("Result")


def in_folder(folder: Path) -> URL:
    """Return the URL of the SQLite file in the folder of a sweep."""
    return URL.create("sqlite", database=str(folder / FILE))


def parse(url: str) -> URL:
    """Return a storage URL with the driver that nncli uses.

    Raises:
        StorageError: it is not the URL of a database; the message does not repeat it, since it may contain a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StorageError(
            "the storage is not a database URL; use the form postgresql://USER@HOST/DATABASE or sqlite:///FILE"
        ) from None
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def public(url: URL) -> str:
    """Return a URL without its password and its parameters."""
    return url.set(password=None, query={}).render_as_string(hide_password=True)


def _message(url: URL, error: BaseException) -> str:
    """Return the first line of an error message, without the secrets of a URL."""
    original = error
    while original.__cause__ is not None:
        original = original.__cause__
    text = next(iter(str(original).strip().splitlines()), "") or type(original).__name__
    secrets = [str(url.password)] if url.password else []
    secrets += [each for value in url.query.values() for each in ([value] if isinstance(value, str) else value)]
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(form, "***")
    return text[:300]


def _is_connection(error: BaseException) -> bool:
    """Whether the database was unavailable, or busy for too long."""
    while not isinstance(error, DBAPIError) and error.__cause__ is not None:
        error = error.__cause__
    return isinstance(error, OperationalError | InterfaceError) or (
        isinstance(error, DBAPIError) and bool(error.connection_invalidated)
    )


class Storage(RDBStorage):
    """Optuna's relational storage; each operation is repeated until the database answers.

    Args:
        url: URL from `parse`.
        heartbeat: seconds between two heartbeats of a trial.
        say: receives a line when the database stops answering, and when it answers again.
        stopped: event that ends the wait.
    """

    def __init__(self, url: URL, heartbeat: int, say: Callable[[str], None], stopped: threading.Event) -> None:
        self._url, self._say, self._stopped = url, say, stopped
        self._away, self._lock = False, threading.Lock()
        self._ready = False
        options: dict[str, Any] = {"pool_pre_ping": True}
        if url.get_backend_name() == "sqlite":
            options["connect_args"] = {"timeout": 60}
        super().__init__(
            url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}"),  # a template
            engine_kwargs=options,
            heartbeat_interval=heartbeat,
            grace_period=heartbeat * MISSED,
            heartbeat_stale_trial_callback=retry,
        )
        self._ready, self._since = True, time.monotonic()

    def close(self) -> None:
        """Close the connections of this thread, and those that no thread uses."""
        self.remove_session()
        self.engine.dispose()

    def patiently(self, operation: Callable[[], Result]) -> Result:
        """Repeat an operation until the database answers, and return its result.

        Raises:
            WriteError: the disk of the database is full.
            StorageError: the database reports another error, or `stopped` was set while it was unavailable.
        """
        while True:
            try:
                result = operation()
            except (StorageInternalError, SQLAlchemyError) as error:
                if not self._ready:
                    raise
                self._wait_after(error)
            else:
                self._came_back()
                return result

    def _wait_after(self, error: Exception) -> None:
        text = _message(self._url, error)
        if _FULL.search(text):
            raise WriteError(f"{public(self._url)}: {text}; free up disk space, and repeat the command") from None
        if not _is_connection(error):
            raise StorageError(f"{public(self._url)}: {text}") from None
        with self._lock:
            if not self._away:
                self._say(f"the database does not answer ({text}); waiting for it: {public(self._url)}")
            self._away = True
        if self._stopped.wait(_RETRY_AFTER):
            raise StorageError(f"{public(self._url)}: {text}; stopped while waiting for the database") from None

    def _came_back(self) -> None:
        with self._lock:
            if self._away:
                self._say("the database answers again")
                self._away, self._since = False, time.monotonic()

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Any = None) -> bool:  # noqa: ANN401 - Optuna's
        """Set the state of a trial; it is not an error to set it again after a lost answer."""
        repeated = False

        def attempt() -> bool:
            nonlocal repeated
            again, repeated = repeated, True
            try:
                return super(Storage, self).set_trial_state_values(trial_id, state, values)
            except UpdateFinishedTrialError:
                if again and self.get_trial(trial_id).state == state:
                    return True
                raise

        return self.patiently(attempt)

    def record_heartbeat(self, trial_id: int) -> None:
        """Record a sign of life; an error is left to the next operation of the trial, outside Optuna's thread."""
        with suppress(NncliError):
            self.patiently(lambda: super(Storage, self).record_heartbeat(trial_id))

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        """Return the trials without a recent heartbeat, once all workers have had the time to send one.

        After the database was unavailable, no trial has a recent heartbeat.
        """
        if self._away or time.monotonic() - self._since < (self.grace_period or 0):
            return []
        return self.patiently(lambda: super(Storage, self)._get_stale_trial_ids(study_id))


def _patient(name: str) -> Callable[..., Any]:
    method = getattr(RDBStorage, name)

    @functools.wraps(method)
    def patient(self: Storage, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - any method
        return self.patiently(lambda: method(self, *arguments, **named))

    return patient


_CALLED_BY_CACHE = {"_create_new_trial", "_get_trials", "_set_trial_param"}
_PREFIXES = ("create_", "delete_", "get_", "record_", "set_")
for _name in [each for each in vars(RDBStorage) if each.startswith(_PREFIXES) or each in _CALLED_BY_CACHE]:
    if _name not in vars(Storage):
        setattr(Storage, _name, _patient(_name))


def connect(
    url: URL,
    *,
    heartbeat: int = 10,
    say: Callable[[str], None] = lambda _: None,
    stopped: threading.Event | None = None,
) -> Storage:
    """Return the storage at a URL; missing tables are created.

    Raises:
        StorageError: it cannot be used.
    """
    optuna.logging.disable_default_handler()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # errors are raised, and reported once
    for attempt in range(_ATTEMPTS):
        try:
            return Storage(url, heartbeat, say, stopped or threading.Event())
        except (StorageInternalError, SQLAlchemyError, RuntimeError, ImportError, ValueError) as error:
            if attempt < _ATTEMPTS - 1 and _SIMULTANEOUS.search(str(error)):
                time.sleep(random.random())
                continue
            if isinstance(error, NoSuchModuleError | ImportError):
                reason = "its driver is not installed; run: pip install 'nncli[sweep]'"
            else:
                reason = f"{_message(url, error)}; check the URL, and that the database exists"
            raise StorageError(f"{public(url)}: cannot be used: {reason}") from None
    raise AssertionError  # unreachable
