"""Conversion between Unicode strings and the names of files and arguments, which are bytes in the system's encoding.

Python represents bytes that are invalid in that encoding (any byte above 127 with LC_ALL=C) by surrogates, which cannot
be written to a UTF-8 file.
"""

import os
from pathlib import Path


def as_text(name: str) -> str:
    r"""Return an argument or a file's name as a string: its bytes decoded as UTF-8, with invalid ones as \xff."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def as_path(text: str) -> Path:
    """Return the path whose name, as bytes, is this string in UTF-8."""
    return Path(os.fsdecode(text.encode("utf-8")))
