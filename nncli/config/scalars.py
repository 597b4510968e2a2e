"""Plain scalars of YAML, read as the 1.2 core schema means them: `1e-3` is a number, `on` is a text."""

import re
from typing import Final

Scalar = str | int | float | bool | None

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED_INTEGER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS: Final = 100


def resolve(text: str) -> Scalar:
    """Give the value that an unquoted scalar stands for.

    Raises:
        ValueError: a number that is ambiguous, too long or not finite; the message says what to write.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] in "+-.0123456789":
        return _number_or_text(text)
    return text


def _number_or_text(text: str) -> str | int | float:
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    is_float = _FLOAT.fullmatch(text) is not None
    is_based = _BASED_INTEGER.fullmatch(text) is not None
    if not (is_float or is_based):
        return text
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} characters is too long; {_MAX_DIGITS} is the most")
    if _LEADING_ZERO.fullmatch(text):
        raise ValueError(f"a number with a leading zero is ambiguous; write {int(text)}, or '{text}' for a text")
    if is_based:
        return int(text, base=0)
    if _INTEGER.fullmatch(text):
        return int(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large to be a number")
    return value
