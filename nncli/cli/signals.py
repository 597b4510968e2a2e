"""SIGINT and SIGTERM as exceptions, once; a second signal ends the process at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; code that cleans up after KeyboardInterrupt cleans up after this too."""


def exit_code(interruption: KeyboardInterrupt) -> int:
    """Give the code a shell expects: 128 plus the number of the signal."""
    return 128 + (signal.SIGTERM if isinstance(interruption, Terminated) else signal.SIGINT)


@contextmanager
def raised() -> Iterator[None]:
    """Within the block SIGINT raises KeyboardInterrupt and SIGTERM raises `Terminated`.

    A signal the process was started to ignore stays ignored. Outside the main thread nothing changes.
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
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt
