"""Load data for a command: say what it waits for, and loudly when it falls back to other data."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nncli.cli.console import warn

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.config.schema import Config
    from nncli.data.dataset import Dataset, Split


def load_data(config: "Config", split: "Split", *, offline: bool, console: "Console") -> tuple["Dataset", bool]:
    """Load a split of the data that a configuration asks for, and say whether it is the fallback's.

    Raises:
        DataError: the data is missing or corrupt.
    """
    from nncli import build

    with loading(console, config.data.name) as on_progress:
        data, reason = build.dataset(config, split, offline=offline, on_progress=on_progress)
    if reason is not None:
        warn(f"warning: {config.data.name} is not available: {reason}")
        warn(f"WARNING: USING {data.name.upper()} INSTEAD OF {config.data.name.upper()}")
    return data, reason is not None


@contextmanager
def loading(console: "Console", name: str) -> Iterator[Callable[[int, int, str], None]]:
    """Say what is waited for while data is loaded: a line for each download, and its progress on a terminal.

    The block receives a function to call with the bytes done, the bytes in all, and what they are.
    """
    from rich.filesize import decimal

    from nncli.cli.console import status

    said = set()
    with status(console, f"loading {name}") as say:

        def on_progress(done: int, total: int, what: str) -> None:
            say(f"{decimal(done)} of {decimal(total)}")
            if what not in said:
                said.add(what)
                console.print(f"{what} ({decimal(total)}) ...", soft_wrap=True)

        yield on_progress
