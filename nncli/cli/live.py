"""Lines at the bottom of a terminal that are replaced in place, even if the terminal is resized."""

from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text


class LiveLines:
    """Shows lines below everything else that its console prints; the end of a `with` block erases them.

    Rich's Live assumes that the lines take as many rows as when they were drawn. On a terminal that has since become
    narrower, they have been wrapped and take more, and Live would leave the first of them behind.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._widths: list[int] = []  # of the lines that are shown

    def __enter__(self) -> Self:
        self.console.show_cursor(False)
        return self

    def __exit__(self, *_: object) -> None:
        self.erase()
        self.console.show_cursor(True)

    def show(self, lines: Sequence[Text]) -> None:
        """Replace the lines; each is cut off where it would wrap."""
        with self.console:  # in one write, or else they would flicker
            self.erase()
            shown = lines[: self.console.height - 1]
            for line in shown:
                line.truncate(self.console.width - 1)
            self.console.print(Text("\n").join(shown), end="", no_wrap=True)
            self._widths = [line.cell_len for line in shown]

    def erase(self) -> None:
        """Remove the lines, to print others above the next ones."""
        rows = sum(max(1, -(-width // self.console.width)) for width in self._widths)
        above = [(ControlType.CURSOR_UP, 1), (ControlType.ERASE_IN_LINE, 2)] * (rows - 1)
        if rows:
            self.console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2), *above))
        self._widths = []
