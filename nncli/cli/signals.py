"""SIGINT and SIGTERM as exceptions, once; a second signal ends the process at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_raised: list[int] = []  # what was raised: code that was interrupted anywhere may swallow it, as callbacks do


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; code that cleans up after KeyboardInterrupt cleans up after this too."""


def exit_code(interruption: KeyboardInterrupt) -> int:
    """Give the code a shell expects: 128 plus the number of the signal."""
    return 128 + (signal.SIGTERM if isinstance(interruption, Terminated) else signal.SIGINT)


@contextmanager
def raised() -> Iterator[None]:
    """Within the block SIGINT raises KeyboardInterrupt and SIGTERM raises `Terminated`.

    A signal the process was started to ignore stays ignored. Outside the main thread nothing changes. An exception
    that was swallowed, or became another, is raised again at the end of the block.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, _raise)
    try:
        yield
        _raise_again()
    except Exception:
        _raise_again()
        raise
    finally:
        _raised.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def deferred(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Within the block the first SIGINT or SIGTERM calls `stop` and joins the list; a second one raises at once."""
    _raise_again()
    arrived: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)
        for each in replaced:
            signal.signal(each, _raise)
        stop()

    in_main = threading.current_thread() is threading.main_thread()
    replaced = [each for each in _SIGNALS if in_main and signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, note) for each in replaced}
    try:
        yield arrived
    finally:
        _raised.clear()
        for each, handler in before.items():
            signal.signal(each, handler)


def interruption(number: int, message: str) -> KeyboardInterrupt:
    """Make the exception that ends the process as this signal would, with a message for the person."""
    return Terminated(message) if number == signal.SIGTERM else KeyboardInterrupt(message)


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    _raised.append(number)
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def _raise_again() -> None:
    if _raised:
        raise interruption(_raised[-1], "")
