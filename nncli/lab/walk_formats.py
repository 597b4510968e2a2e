"""A walk through a graph as tables for a terminal, as a Markdown page with formulas, or as a LaTeX document."""

from collections.abc import Sequence

from nncli.engine.graph import Array
from nncli.lab.lecture_graphs import Example
from nncli.lab.notation import plain
from nncli.lab.report import Part, Table
from nncli.lab.walk import ErrorLine, Step, backward

DIGITS = 7
"""Significant digits that are printed."""

_LATEX_HEAD = r"""\documentclass{article}
\usepackage{amsmath}
\usepackage[landscape,margin=2cm]{geometry}
\allowdisplaybreaks
\begin{document}
"""


def number(value: float) -> str:
    """Write one number; a negative zero is zero."""
    return f"{value + 0.0:.{DIGITS}g}"


def rows(array: Array) -> list[list[str]]:
    """Write an array as a person would: a scalar is one number, a column stands upright, a bias as well."""
    matrix = array if array.ndim == 2 else array.reshape(-1, 1)
    return [[number(value) for value in row] for row in matrix]


def tables(example: Example, steps: Sequence[Step]) -> list[Part]:
    """Write the forward pass as a table, and the backward pass with each term under its sum."""
    forward = [(plain(step.symbol), plain(step.formula) or "given", _lines(step.value)) for step in steps]
    errors = [
        (
            plain(line.symbol),
            f"  from {plain(line.source)}: {plain(line.formula)}" if line.source else plain(line.formula),
            _lines(line.value),
            "" if line.numeric is None else _lines(line.numeric),
        )
        for line in backward(steps)
    ]
    return [
        f'{example.title} (slide "{example.slide}")',
        Table(["node", "formula", "value "], forward, "Forward pass"),
        Table(["error signal", "formula", "value ", "numeric derivative "], errors, "Backward pass"),
    ]


def _lines(array: Array) -> str:
    """Write an array with a line a row, its columns aligned."""
    texts = rows(array)
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join("  ".join(f"{text:>{n}}" for text, n in zip(row, widths, strict=True)) for row in texts)


def markdown(example: Example, steps: Sequence[Step]) -> str:
    """Write a page whose formulas are in LaTeX between dollar signs."""
    lines = [f"# {example.title}", "", f'Lecture slide: "{example.slide}"', "", "## Forward pass", ""]
    lines += ["| node | formula | value |", "|---|---|---|"]
    for step in steps:
        formula = f"${step.formula}$" if step.formula else "given"
        lines.append(f"| ${step.symbol}$ | {formula} | {_cell(step.value)} |")
    lines += [
        "",
        "## Backward pass",
        "",
        "| error signal | formula | value | numeric derivative |",
        "|---|---|---|---|",
    ]
    for line in backward(steps):
        if line.numeric is None:
            lines.append(f"| | from ${line.source}$: ${line.formula}$ | {_cell(line.value)} | |")
        else:
            lines.append(f"| ${line.symbol}$ | ${line.formula}$ | {_cell(line.value)} | {_cell(line.numeric)} |")
    return "\n".join(lines)


def _cell(array: Array) -> str:
    return "<br>".join(", ".join(row) for row in rows(array))


def latex(example: Example, steps: Sequence[Step]) -> str:
    """Write a document that needs no package beyond the base of LaTeX."""
    forward = [
        rf"{step.symbol} &{f'= {step.formula} &&' if step.formula else '&&'}= {_matrix(step.value)}" for step in steps
    ]
    title = example.title.replace("^", r"\^{}")
    parts = [rf"\section*{{{title}}}", rf"Lecture slide: ``{example.slide}''"]
    for heading, lines in (("Forward pass", forward), ("Backward pass", map(_latex_error, backward(steps)))):
        body = " \\\\\n".join(lines)
        parts += [rf"\subsection*{{{heading}}}", rf"\begin{{align*}}{chr(10)}{body}{chr(10)}\end{{align*}}"]
    return _LATEX_HEAD + "\n".join([*parts, r"\end{document}"])


def _latex_error(line: ErrorLine) -> str:
    if line.numeric is None:
        source = rf"\quad\text{{from }} {line.source}\colon {line.formula}"
        return rf"&{source} && \phantom{{=}} {_matrix(line.value)}"
    numeric = rf"&& \text{{numeric: }} {_matrix(line.numeric)}"
    return rf"{line.symbol} &= {line.formula} &&= {_matrix(line.value)} {numeric}"


def _matrix(array: Array) -> str:
    if array.ndim == 0:
        return _scientific(number(float(array)))
    body = r" \\ ".join(" & ".join(map(_scientific, row)) for row in rows(array))
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _scientific(text: str) -> str:
    """Write 1e-09 as a power of ten."""
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text
