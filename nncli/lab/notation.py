"""The notation of the lecture's formulas in LaTeX, and the same formulas as plain text for a terminal."""

import re
import unicodedata

_NAMES = ("tfrac12", "lambda", "sigma", "sum", "circ", "cdot", "top", "lVert", "rVert")
_SIGNS = dict(zip(_NAMES, "½λσΣ∘·T‖‖", strict=True))
_RAISED = dict(zip("0123456789()Tu", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ᵀᵘ", strict=True))
_LOWERED = dict(zip("0123456789iklj", "₀₁₂₃₄₅₆₇₈₉ᵢₖₗⱼ", strict=True))
_BASE = re.compile(r"\\[a-z]+(?:\{\w\})?|[A-Za-z]")


def bar(symbol: str) -> str:
    """Return the symbol of v's error signal, with the bar over the letter only and not over its indices."""
    return _BASE.sub(r"\\bar{\g<0>}", symbol, count=1)


def transposed(symbol: str) -> str:
    """Return the symbol of a transposed matrix, with ⊤ after any superscript."""
    return rf"{symbol[:-1]}\top}}" if "^" in symbol else rf"{symbol}^\top"


def plain(latex: str) -> str:
    """Write a formula in plain characters."""
    text = re.sub(r"\\math(?:cal|bf)\{(\w)\}", r"\1", latex)
    for name, character in _SIGNS.items():
        text = text.replace(f"\\{name}", character)
    text = unicodedata.normalize("NFC", re.sub(r"\\bar\{(\w)\}", "\\1\u0304", text))
    text = re.sub(r"\\(cos|sin|log|exp)\b", r"\1", text)
    text = re.sub(r"\^(?:\{([^}]*)\}|(.))", lambda match: _shift(match, _RAISED, "^"), text)
    return re.sub(r"_(?:\{([^}]*)\}|(.))", lambda match: _shift(match, _LOWERED, "_"), text)


def _shift(match: re.Match[str], characters: dict[str, str], mark: str) -> str:
    """Write a group as superscripts or subscripts if there are characters for all of it."""
    group = match[1] or match[2]
    if all(character in characters for character in group):
        return "".join(characters[character] for character in group)
    return f"{mark}{group}"
