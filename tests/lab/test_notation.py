"""Formulas in the characters of a terminal."""

import unicodedata

import pytest

from nncli.lab.lecture_graphs import EXAMPLES
from nncli.lab.notation import bar, plain
from nncli.lab.walk import walk


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\tfrac12 (y - t)^2", "½ (y - t)²"),
        (r"\bar{\mathbf{z}} \mathbf{x}^\top", "z̄ xᵀ"),
        (r"w^{(1)}_{12} x_2 + b^{(1)}_1", "w⁽¹⁾₁₂ x₂ + b⁽¹⁾₁"),
        (r"\bar{y} \sigma'(z)", "ȳ σ'(z)"),
        (r"\mathcal{L}_{reg}", "L_reg"),
        (r"-\bar{x} \sin t", "-x̄ sin t"),
        (r"\mathbf{W}^{(2)\top} \bar{\mathbf{y}}", "W⁽²⁾ᵀ ȳ"),
        (r"\bar{\mathbf{h}} \circ \sigma'(\mathbf{z})", "h̄ ∘ σ'(z)"),
    ],
)
def test_plain(latex, text):
    assert plain(latex) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("symbol", "error"),
    [
        ("z", r"\bar{z}"),
        ("z_1", r"\bar{z}_1"),
        (r"\mathbf{W}^{(1)}", r"\bar{\mathbf{W}}^{(1)}"),
        (r"\lambda", r"\bar{\lambda}"),
        (r"\mathcal{L}_{reg}", r"\bar{\mathcal{L}}_{reg}"),
    ],
)
def test_the_bar_is_above_the_letter(symbol, error):
    assert bar(symbol) == error


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_backslash_is_left_in_any_formula(example):
    for step in walk(EXAMPLES[example]):
        text = plain(f"{step.symbol} {step.formula} {bar(step.symbol)} {step.error_formula}")
        assert not set("\\{}") & set(text)
