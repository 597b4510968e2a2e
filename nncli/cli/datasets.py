"""Loading data for a command: a bar while it downloads, and a loud word when a fallback takes its place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from nncli.config.schema import Config
    from nncli.data.dataset import Dataset, Split


def load_data(
    config: "Config", split: "Split", data_dir: Path | None, *, offline: bool, console: "Console"
) -> tuple["Dataset", bool]:
    """Load a split of the data that a configuration asks for, and say whether it is the fallback's.

    Raises:
        DataError: it cannot be had, or is damaged.
    """
    from nncli import build

    with download_bar(console) as on_progress:
        data, reason = build.dataset(config, split, directory=data_dir, offline=offline, on_progress=on_progress)
    if reason is not None:
        console.print(f"warning: {config.data.name} cannot be had: {reason}", style="yellow", soft_wrap=True)
        loud = f"WARNING: USING {data.name.upper()} INSTEAD OF {config.data.name.upper()}"
        console.print(loud, style="bold yellow", soft_wrap=True)
    return data, reason is not None


@contextmanager
def download_bar(console: "Console") -> Iterator[Callable[[int, int, str], None] | None]:
    """Give a callback (bytes done, bytes in all, file name) that shows a bar; None where there is no terminal."""
    if not console.is_terminal or console.quiet:
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        tasks = {}

        def on_progress(done: int, total: int, name: str) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done)

        yield on_progress
