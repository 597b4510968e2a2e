"""Plain scalars of YAML, read by the core schema of YAML 1.2: `1e-3` is a number, `on` is a string."""

import math
import re
from typing import Final

Scalar = str | int | float | bool | None

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED_INTEGER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS: Final = 100


def resolve(text: str) -> Scalar:
    """Return the value that an unquoted scalar stands for.

    Raises:
        ValueError: a number that is ambiguous, too long or not finite; the message says what to write.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    if _BASED_INTEGER.fullmatch(text):
        return int(_short(text), base=0)
    if _LEADING_ZERO.fullmatch(text):
        raise ValueError(
            f"a number with a leading zero is ambiguous; write {int(_short(text))}, or '{text}' for a string"
        )
    if _INTEGER.fullmatch(text):
        return int(_short(text))
    if _FLOAT.fullmatch(text):
        return _finite(_short(text))
    return text


def _short(number: str) -> str:
    if len(number) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(number)} characters is too long; {_MAX_DIGITS} is the most")
    return number


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number} is too large to be a number")
    return value
