"""Between text, which is Unicode, and the names of files and arguments, which are bytes in the system's encoding.

The two differ where a name is not valid in that encoding, or where the encoding is not UTF-8 (LC_ALL=C): Python then
stands surrogates in for the bytes, which no file in UTF-8 can hold.
"""

import os
from pathlib import Path


def as_text(name: str) -> str:
    r"""Give an argument or a file's name as text: its bytes read as UTF-8, those that are not as \xff."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def as_path(text: str) -> Path:
    """Give the path whose name in UTF-8 is this text."""
    return Path(os.fsdecode(text.encode("utf-8")))
