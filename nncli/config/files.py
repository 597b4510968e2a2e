"""Read configuration files; what cannot be one (too large, not UTF-8, missing) is refused at once."""

import os
import stat
from pathlib import Path

from nncli.config.spelling import closest
from nncli.errors import ConfigError

MAX_BYTES = 1 << 20


def read_text(path: Path) -> str:
    """Return the text of a file of at most 1 MiB in UTF-8.

    Raises:
        ConfigError: no such file, a folder, too large, not readable, not UTF-8, or a NUL byte in it.
    """
    try:
        with path.open("rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                _check_size(path, os.fstat(file.fileno()).st_size)
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; {_neighbours(path)}") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: a folder, not a configuration file; name a file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: cannot be read: {reason}; check its name and permissions") from None
    _check_size(path, len(content))
    return _decoded(path, content)


def _check_size(path: Path, size: int) -> None:
    if size > MAX_BYTES:
        raise ConfigError(f"{path}: larger than 1 MiB; a configuration file is a few hundred bytes")


def _decoded(path: Path, content: bytes) -> str:
    zero = content.find(b"\0")
    if zero >= 0:
        raise ConfigError(f"{path}:{_position(content, zero)}: a NUL byte; this is not a text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = _position(content, error.start)
        raise ConfigError(f"{path}:{where}: not UTF-8; save the file in that encoding") from None


def _position(content: bytes, offset: int) -> str:
    """Return the line and column, from 1, of a byte; columns count characters."""
    before = content[:offset]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8", errors="replace")) + 1
    line = before.count(b"\n") + 1
    return f"{line}:{column}"


def _neighbours(path: Path) -> str:
    """Suggest a file of the same folder, for a misspelled name."""
    try:
        names = [each.name for each in path.parent.iterdir() if each.suffix in (".yaml", ".yml")]
    except OSError:
        return f"there is no folder {path.parent} either"
    close = closest(path.name, names)
    return f"did you mean {path.parent / close}?" if close else "make one with `nncli config new`"
