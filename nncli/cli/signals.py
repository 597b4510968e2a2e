"""Raise SIGINT and SIGTERM as exceptions; a second signal ends the process at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_raised: list[int] = []  # signals whose exception may have been swallowed, as in a callback from C


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; a subclass of KeyboardInterrupt, because the same code cleans up after both."""


@contextmanager
def raised() -> Iterator[None]:
    """Raise KeyboardInterrupt for SIGINT and `Terminated` for SIGTERM within the block.

    Signals that are ignored stay ignored, and outside the main thread nothing changes. If the exception was
    swallowed or replaced by another, it is raised again at the end of the block.
    """
    with _handled_by(_raise):
        try:
            yield
            _raise_again()
        except Exception:
            _raise_again()
            raise


@contextmanager
def deferred(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Call `stop` at the first SIGINT or SIGTERM within the block and add it to the list; raise at the second."""
    _raise_again()
    arrived: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)
        for each in _SIGNALS:
            if signal.getsignal(each) is note:
                signal.signal(each, _raise)
        stop()

    with _handled_by(note):
        yield arrived


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    in_main = threading.current_thread() is threading.main_thread()
    replaced = [each for each in _SIGNALS if in_main and signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, handler) for each in replaced}
    try:
        yield
    finally:
        _raised.clear()
        for each, previous in before.items():
            signal.signal(each, previous)


def interruption(number: int, message: str) -> KeyboardInterrupt:
    """Return the exception that ends the process with the exit code of this signal, and prints a message."""
    return Terminated(message) if number == signal.SIGTERM else KeyboardInterrupt(message)


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    _raised.append(number)
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def _raise_again() -> None:
    if _raised:
        raise interruption(_raised[-1], "")
