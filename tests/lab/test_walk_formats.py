"""A walk as Markdown and as LaTeX that compiles."""

import re
import shutil
import subprocess

import pytest

from nncli.lab.lecture_graphs import EXAMPLES
from nncli.lab.walk import walk
from nncli.lab.walk_formats import latex, markdown, number


def written(form, name, values=None):
    return form(EXAMPLES[name], walk(EXAMPLES[name], values))


def test_markdown_has_every_node_twice_and_terms_on_their_own_lines():
    text = written(markdown, "regularized")
    assert "| $z$ | $w x + b$ | 0.65 |" in text
    assert r"| $\bar{w}$ | $\bar{z} x + \bar{\mathcal{R}} w$ | -0.04593786 | -0.04593786 |" in text
    assert r"| | from $\mathcal{R}$: $\bar{\mathcal{R}} w$ | 0.07 | |" in text


@pytest.mark.parametrize("example", EXAMPLES)
def test_markdown_tables_have_as_many_cells_as_headers(example):
    for table in re.findall(r"(?:^\|.*\n?)+", written(markdown, example), flags=re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.0, "0"), (0.5, "0.5"), (1 / 3, "0.3333333"), (-1e-9, "-1e-09"), (123456789.0, "1.234568e+08")],
)
def test_numbers(value, text):
    assert number(value) == text


def test_latex_writes_powers_of_ten_and_matrices():
    text = written(latex, "softmax", {"x": [1e-9, 2.0]})
    assert r"\begin{bmatrix} 1 \cdot 10^{-9} \\ 2 \end{bmatrix}" in text


@pytest.mark.parametrize("example", EXAMPLES)
def test_latex_has_balanced_braces_and_as_many_columns_in_every_line(example):
    text = written(latex, example)
    assert text.count("{") == text.count("}")
    assert text.count(r"\begin") == text.count(r"\end")


@pytest.mark.parametrize("example", EXAMPLES)
def test_latex_compiles(example, tmp_path):
    pdflatex = shutil.which("pdflatex")
    if pdflatex is None:
        pytest.skip("pdflatex is not installed")
    (tmp_path / "walk.tex").write_text(written(latex, example), encoding="ascii")
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "walk.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "walk.pdf").stat().st_size > 10_000
    assert "Overfull" not in done.stdout
