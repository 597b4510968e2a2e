"""From text to a Boolean expression; an error points at the character that is wrong.

    expression  := parity ("or" parity)*                  also | and ||
    parity      := conjunction ("xor" conjunction)*       also ^
    conjunction := negation ("and" negation)*             also & and &&
    negation    := "not" negation | atom                  also ~ and !
    atom        := name | "0" | "1" | "true" | "false" | "(" expression ")"
                 | ("and" | "or" | "xor") "(" expression ("," expression)* ")"

Words may be in capitals. `not` binds closest, then `and`, then `xor`, then `or`.
"""

import re
from typing import Literal, NamedTuple

from nncli.errors import ConfigError
from nncli.lab.expression import Combination, Constant, Expression, Not, Variable

MAX_CHARACTERS = 10_000
MAX_DEPTH = 60  # of brackets and negations within each other

_TOKEN = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[0-9]+)|(?P<symbol>&&|\|\||[&|^~!(),])")
_WORDS = {"&": "and", "&&": "and", "|": "or", "||": "or", "^": "xor", "~": "not", "!": "not"}
_CONSTANTS = {"0": False, "false": False, "1": True, "true": True}
_LEVELS = ("or", "xor", "and")  # what binds last comes first
_RESERVED = {*_LEVELS, "not", *_CONSTANTS}
_SHOWN = 70  # characters of an expression around an error


class _Token(NamedTuple):
    """A piece of the text: what it says, as a word where there is one, and where it stands."""

    kind: Literal["name", "word", "end"]
    text: str
    start: int


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ConfigError: it is not one; three lines, the last with a caret under the character that is wrong.
    """
    return _Parser(text).whole()


def _tokens(text: str) -> list[_Token]:
    """Cut the text up; the last token is the end."""
    if len(text) > MAX_CHARACTERS:
        raise _error(text, MAX_CHARACTERS, f"an expression of more than {MAX_CHARACTERS:,} characters is not read")
    tokens, position = [], 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            raise _error(text, position, f"{text[position]!a} has no meaning here; see nncli lab circuit --help")
        word, kind = match.group().lower(), match.lastgroup
        if kind == "name" and word not in _RESERVED:
            tokens.append(_Token("name", match.group(), position))
        else:
            tokens.append(_Token("word", _WORDS.get(word, word), position))
        position = match.end()
    return [*tokens, _Token("end", "the end", len(text))]


class _Parser:
    """Recursive descent, one method a rule."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.next = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def whole(self) -> Expression:
        expression = self.combination()
        if self.token.kind != "end":
            raise self.error("expected 'and', 'or', 'xor' or the end")
        return expression

    def combination(self, level: int = 0) -> Expression:
        """Read operands joined by the operator of a level, each of the levels that bind closer."""
        if level == len(_LEVELS):
            return self.negation()
        operands = [self.combination(level + 1)]
        while self.accept(_LEVELS[level]):
            operands.append(self.combination(level + 1))
        return operands[0] if len(operands) == 1 else Combination(_LEVELS[level], tuple(operands))

    def negation(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} brackets and negations within each other are not read")
        expression = Not(self.negation()) if self.accept("not") else self.atom()
        self.depth -= 1
        return expression

    def atom(self) -> Expression:
        token = self.token
        if token.kind == "name":
            self.next += 1
            return Variable(token.text)
        if token.text in _CONSTANTS:
            self.next += 1
            return Constant(_CONSTANTS[token.text])
        if token.text in _LEVELS and self.tokens[self.next + 1].text == "(":
            self.next += 1
            return Combination(token.text, tuple(self.bracketed(several=True)))
        if token.text == "(":
            return self.bracketed(several=False)[0]
        raise self.error("expected a name, 0, 1, 'not' or '('")

    def bracketed(self, *, several: bool) -> list[Expression]:
        """Read what is in brackets; in those of a function, with commas between."""
        opening = self.token
        self.next += 1
        found = [self.combination()]
        while several and self.accept(","):
            found.append(self.combination())
        if not self.accept(")"):
            expected = "',' or ')'" if several else "')'"
            raise self.error(f"expected {expected} for the '(' at character {opening.start + 1}")
        return found

    def accept(self, text: str) -> bool:
        """Take the next token if it is this one."""
        found = self.token.kind != "name" and self.token.text == text
        self.next += found
        return found

    def error(self, expected: str) -> ConfigError:
        """Say what stands where something else was expected."""
        match = _TOKEN.match(self.text, self.token.start)
        found = f"found {match.group()[:_SHOWN]!r}" if match else "the expression ends"
        return _error(self.text, self.token.start, f"{expected}, but {found}")


def _error(text: str, position: int, message: str) -> ConfigError:
    """Point at a character of the text, of which the part around it is shown."""
    first = max(0, position - _SHOWN // 2)
    shown = "".join(c if c.isprintable() else " " for c in text[first : first + _SHOWN])
    margin = "… " if first else "  "
    return ConfigError(
        [f"expression, character {position + 1}: {message}", f"{margin}{shown}", f"  {' ' * (position - first)}^"]
    )
