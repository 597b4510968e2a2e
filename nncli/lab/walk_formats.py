"""A walk through a graph as tables for a terminal, as a Markdown page or as a LaTeX document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any

from nncli.engine.graph import Array
from nncli.lab.demonstration import Part, Table, numbers
from nncli.lab.notation import bar, plain
from nncli.lab.walk import Step

DIGITS = 7  # significant digits printed

_LATEX_HEAD = r"""\documentclass{article}
\usepackage{amsmath}
\usepackage[landscape,margin=2cm]{geometry}
\allowdisplaybreaks
\begin{document}
"""


def number(value: float) -> str:
    """Write a number; negative zero is written as 0."""
    return f"{value + 0.0:.{DIGITS}g}"


def rows(array: Array) -> list[list[str]]:
    """Write an array row by row: a scalar is a single number, and a vector is a column."""
    matrix = array if array.ndim == 2 else array.reshape(-1, 1)
    return [[number(value) for value in row] for row in matrix]


def backward(steps: Sequence[Step]) -> Iterator[tuple[str, str, str, Array, Array | None]]:
    """Yield the lines of the backward pass in order of computation: each error signal, then the terms of a sum.

    A line has the symbol of v̄, or that of the child which a term comes from; then the formula, the value, and v̄ by
    finite differences.
    """
    symbols = {step.name: step.symbol for step in steps}
    for step in reversed(steps):
        if step.error is None:
            continue
        yield bar(step.symbol), "", step.error_formula, step.error, step.numeric
        for child, formula, value in step.contributions if len(step.contributions) > 1 else ():
            yield "", symbols[child], formula, value, None


def tables(example: Mapping[str, Any], steps: Sequence[Step]) -> list[Part]:
    """Return the forward pass as a table, and the backward pass with each term under its sum."""
    return [f'{example["title"]} (slide "{example["slide"]}")\n', *_tables(steps, plain, _lines)]


def markdown(example: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """Return a page with the same tables, with formulas in LaTeX between dollar signs."""
    lines = [f"# {example['title']}", "", f'Lecture slide: "{example["slide"]}"']
    both = _tables(steps, lambda tex: tex and f"${tex}$", lambda array: "<br>".join(map(", ".join, rows(array))))
    for table in both:
        lines += ["", f"## {table.title}", ""]
        lines += ["|" + "".join(f" {header} |" for header in table.headers), "|" + "---|" * len(table.headers)]
        lines += ["|" + "".join(f" {str(cell).strip()} |" if cell else " |" for cell in row) for row in table.rows]
    return "\n".join(lines)


def _tables(steps: Sequence[Step], written: Callable[[str], str], shown: Callable[[Array], str]) -> Iterator[Table]:
    """Yield a table for each pass; `written` formats formulas, and `shown` arrays."""
    forward = [(written(step.symbol), written(step.formula) or "given", shown(step.value)) for step in steps]
    yield Table(["node", "formula", *numbers("value")], forward, "Forward pass")
    errors = []
    for symbol, source, formula, value, numeric in backward(steps):
        origin = f"  from {written(source)}: " if source else ""
        derivative = "" if numeric is None else shown(numeric)
        errors.append((written(symbol), origin + written(formula), shown(value), derivative))
    headers = ["error signal", "formula", *numbers("value", "numerical derivative")]
    yield Table(headers, errors, "Backward pass", split=True)


def _lines(array: Array) -> str:
    """Write an array with a line for each row, its columns aligned."""
    texts = rows(array)
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join("  ".join(f"{text:>{n}}" for text, n in zip(row, widths, strict=True)) for row in texts)


def latex(example: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """Return a document that needs only LaTeX's base packages."""
    forward = [
        rf"{step.symbol} &{f'= {step.formula} &&' if step.formula else '&&'}= {_matrix(step.value)}" for step in steps
    ]
    title = example["title"].replace("^", r"\^{}")
    parts = [rf"\section*{{{title}}}", rf"Lecture slide: ``{example['slide']}''"]
    for heading, lines in (("Forward pass", forward), ("Backward pass", starmap(_latex_error, backward(steps)))):
        body = " \\\\\n".join(lines)
        parts += [rf"\subsection*{{{heading}}}", rf"\begin{{align*}}{chr(10)}{body}{chr(10)}\end{{align*}}"]
    return _LATEX_HEAD + "\n".join([*parts, r"\end{document}"])


def _latex_error(symbol: str, source: str, formula: str, value: Array, numeric: Array | None) -> str:
    if numeric is None:
        return rf"&\quad\text{{from }} {source}\colon {formula} && \phantom{{=}} {_matrix(value)}"
    return rf"{symbol} &= {formula} &&= {_matrix(value)} && \text{{numeric: }} {_matrix(numeric)}"


def _matrix(array: Array) -> str:
    if array.ndim == 0:
        return _scientific(number(float(array)))
    body = r" \\ ".join(" & ".join(map(_scientific, row)) for row in rows(array))
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _scientific(text: str) -> str:
    """Write 1e-09 as a power of ten."""
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text
