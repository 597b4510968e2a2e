"""Lines that are replaced in place: what is left on a terminal that wraps its lines anew when it is resized."""

import io
import re

import pytest
from rich.console import Console
from rich.text import Text

from nncli.cli.live import LiveLines


class Screen(io.StringIO):
    """A terminal that understands what LiveLines writes, and wraps every line at its width."""

    def __init__(self, width):
        super().__init__()
        self.width, self.lines, self.row, self.column = width, [""], 0, 0  # of the screen, wrapped

    def write(self, text):
        for part in re.findall(r"\x1b\[\??\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.row, self.column = self.row + 1, 0
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif part.endswith("A"):
                self.row -= int(part[2:-1])
            elif part == "\x1b[2K":
                self.lines[self.row] = ""
            elif not part.startswith("\x1b"):
                assert self.column + len(part) < self.width
                self.lines[self.row] = self.lines[self.row][: self.column].ljust(self.column) + part
                self.column += len(part)
        return len(text)

    def resize(self, width):
        """Wrap all lines, each of which ends where it was ended by a newline; the cursor stays at the end."""
        self.width = width
        self.lines = [line[at : at + width] for line in self.lines for at in range(0, max(len(line), 1), width)]
        self.row, self.column = len(self.lines) - 1, len(self.lines[-1])


@pytest.mark.parametrize("width", [10, 13, 40, 100])
def test_nothing_is_left_of_the_lines_after_a_resize(width):
    screen = Screen(40)
    console = Console(file=screen, force_terminal=True, color_system=None, width=40, _environ={"TERM": "xterm"})
    with LiveLines(console) as live:
        console.print("before")
        live.show([Text("a" * 30), Text(""), Text("c" * 13)])
        assert screen.lines == ["before", "a" * 30, "", "c" * 13]
        screen.resize(width)
        console.width = width
        live.show([Text("d" * 50), Text("e")])
        assert screen.lines[:3] == ["before", "d" * min(50, width - 1), "e"]
        live.erase()
        console.print("after")
    assert [line for line in screen.lines if line] == ["before", "after"]


def test_more_lines_than_the_terminal_has_are_cut_off():
    screen = Screen(20)
    console = Console(file=screen, force_terminal=True, width=20, height=3, _environ={"TERM": "xterm"})
    with LiveLines(console) as live:
        live.show([Text(str(row)) for row in range(9)])
        assert screen.lines == ["0", "1"]
