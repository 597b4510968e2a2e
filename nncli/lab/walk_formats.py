"""A walk through a graph as a Markdown page with formulas, or as a LaTeX document."""

from collections.abc import Iterator

from nncli.engine.graph import Array
from nncli.lab.backprop import Step, Walk

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


def markdown(walk: Walk) -> str:
    """Write a page whose formulas are in LaTeX between dollar signs."""
    lines = [f"# {walk.title}", "", f'Lecture slide: "{walk.slide}"', "", "## Forward pass", ""]
    lines += ["| node | formula | value |", "|---|---|---|"]
    for step in walk.steps:
        lines.append(f"| ${step.symbol}$ | {_dollars(step.formula) or 'given'} | {_cell(step.value)} |")
    lines += [
        "",
        "## Backward pass",
        "",
        "| error signal | formula | value | numeric derivative |",
        "|---|---|---|---|",
    ]
    for step in reversed(walk.steps):
        lines += _markdown_error(walk, step)
    return "\n".join(lines)


def _markdown_error(walk: Walk, step: Step) -> Iterator[str]:
    if step.error is None or step.numeric is None:
        return
    yield f"| ${step.error_symbol}$ | ${step.error_formula}$ | {_cell(step.error)} | {_cell(step.numeric)} |"
    if len(step.contributions) > 1:
        for each in step.contributions:
            yield f"| | from ${walk.symbol(each.child)}$: ${each.formula}$ | {_cell(each.value)} | |"


def _dollars(formula: str) -> str:
    return f"${formula}$" if formula else ""


def _cell(array: Array) -> str:
    return "<br>".join(", ".join(row) for row in rows(array))


def latex(walk: Walk) -> str:
    """Write a document that needs no package beyond the base of LaTeX."""
    forward = [
        rf"{step.symbol} &{f'= {step.formula} &&' if step.formula else '&&'}= {_matrix(step.value)}"
        for step in walk.steps
    ]
    backward = [line for step in reversed(walk.steps) for line in _latex_error(walk, step)]
    parts = [rf"\section*{{{_title(walk.title)}}}", rf"Lecture slide: ``{walk.slide}''"]
    for heading, lines in (("Forward pass", forward), ("Backward pass", backward)):
        body = " \\\\\n".join(lines)
        parts += [rf"\subsection*{{{heading}}}", rf"\begin{{align*}}{chr(10)}{body}{chr(10)}\end{{align*}}"]
    return _LATEX_HEAD + "\n".join([*parts, r"\end{document}"])


def _latex_error(walk: Walk, step: Step) -> Iterator[str]:
    if step.error is None or step.numeric is None:
        return
    numeric = rf"&& \text{{numeric: }} {_matrix(step.numeric)}"
    yield rf"{step.error_symbol} &= {step.error_formula} &&= {_matrix(step.error)} {numeric}"
    if len(step.contributions) > 1:
        for each in step.contributions:
            source = rf"\quad\text{{from }} {walk.symbol(each.child)}\colon {each.formula}"
            yield rf"&{source} && \phantom{{=}} {_matrix(each.value)}"


def _matrix(array: Array) -> str:
    if array.ndim == 0:
        return _scientific(number(float(array)))
    body = r" \\ ".join(" & ".join(map(_scientific, row)) for row in rows(array))
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _scientific(text: str) -> str:
    """Write 1e-09 as a power of ten."""
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text


def _title(text: str) -> str:
    return text.replace("^", r"\^{}")
