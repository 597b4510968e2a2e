"""Read configuration files; files that are too large, not UTF-8 or missing are refused."""

from pathlib import Path

from nncli.config.locations import closest
from nncli.errors import ConfigError

MAX_BYTES = 1 << 20


def read_text(path: Path, advice: str = "create one with `nncli config new`") -> str:
    """Return the contents of a UTF-8 file of at most 1 MiB; `advice` is for a file that is missing.

    Raises:
        ConfigError: the file is missing, a folder, too large, unreadable or not UTF-8, or has a NUL byte.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if not path.parent.exists():
            raise ConfigError(f"{path}: no such file, and no folder {path.parent}; {advice}") from None
        raise ConfigError(f"{path}: no such file; {_suggestion(path) or advice}") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: a folder, not a configuration file; choose a file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: cannot be read: {reason}; check its name and permissions") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than 1 MiB; a configuration file usually has a few hundred bytes")
    before, zero, _ = content.partition(b"\0")
    if zero:
        raise ConfigError(f"{path}:{_end(before)}: a NUL byte; this is not a text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}:{_end(content[: error.start])}: not UTF-8; save the file as UTF-8") from None


def _end(before: bytes) -> str:
    """Return the line and column, from 1, of the byte that follows; columns count characters."""
    lines = before.decode("utf-8", errors="replace").split("\n")
    return f"{len(lines)}:{len(lines[-1]) + 1}"


def _suggestion(path: Path) -> str:
    """Return the path of a similar file in the same folder, in case `path` is misspelled; or an empty string."""
    names = {each.stem: each for each in path.parent.glob("*.y*ml") if each.is_file()}
    close = closest(path.stem, list(names))
    return f"did you mean {names[close]}?" if close else ""
