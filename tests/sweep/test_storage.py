"""The storage waits for a database that is away, ends if its disk is full, and never shows a secret."""

import threading
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from nncli.errors import StorageError, WriteError
from nncli.sweep.storage import Storage, connect, in_folder, parse, public


@pytest.fixture
def storage(monkeypatch):
    """A storage without a database, whose waits take no time."""
    monkeypatch.setattr("nncli.sweep.storage._RETRY_AFTER", 0.001)
    made: Any = Storage.__new__(Storage)
    made._url, made._stopped = parse("postgresql://me:pa%2Fss@db/sweeps"), threading.Event()
    made.said = []
    made._say, made._away, made._ready, made._lock = made.said.append, False, True, threading.Lock()
    return made


def failing(times, message="connection refused for pa/ss"):
    def operation():
        nonlocal times
        times -= 1
        if times >= 0:
            raise OperationalError("SELECT 1", {}, Exception(message))
        return "done"

    return operation


def test_an_operation_is_repeated_until_the_database_answers(storage):
    assert storage.patiently(failing(3)) == "done"
    assert len(storage.said) == 2
    assert "does not answer" in storage.said[0]
    assert "pa/ss" not in storage.said[0]
    assert storage.said[1] == "the database answers again"


def test_a_full_disk_is_not_waited_for(storage):
    with pytest.raises(WriteError, match="free up disk space"):
        storage.patiently(failing(1, "could not extend file: No space left on device"))


def test_a_sweep_that_is_stopped_does_not_wait(storage):
    storage._stopped.set()
    with pytest.raises(StorageError, match="stopped while waiting"):
        storage.patiently(failing(10**6))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3cret", "not a database URL"),
        ("postgresql://me:s3cret@127.0.0.1:1/x", "cannot be used"),
        ("postgresql://me@127.0.0.1:1/x?password=s3cret", "cannot be used"),
        ("postgresql://me:s3cret{0}@127.0.0.1:port/x", "not a database URL"),
        ("nosuchthing://me:s3cret@localhost/x", "pip install 'nncli"),
    ],
)
def test_an_error_about_a_url_has_no_secret(url, reason):
    with pytest.raises(StorageError, match=reason) as caught:
        connect(parse(url))
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_public_form_of_a_url_has_no_secret():
    assert public(parse("postgresql://me:s3cret@db/x?password=s3cret")) == "postgresql+psycopg://me:***@db/x"


def test_sqlite(tmp_path):
    storage = connect(in_folder(tmp_path), heartbeat=1)
    assert storage.get_all_studies() == []
    assert storage._get_stale_trial_ids(1) == []  # just connected: others may be about to send a heartbeat
    storage.close()
