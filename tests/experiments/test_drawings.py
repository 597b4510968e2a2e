"""The drawn digits: every style has ink, depends on its seed alone, and is a picture that nncli can read."""

import numpy as np
import pytest
from PIL import Image

from experiments.drawings.digits import FORMS, Hand, Pen, draw
from experiments.drawings.measure import accuracies, paint, table
from experiments.drawings.styles import STYLES
from nncli.data import picture


def test_every_form_can_be_drawn():
    random = np.random.default_rng(1)
    for digit, forms in FORMS.items():
        assert len(forms) > 1
        ink = draw(digit, 40, Pen(0.08), Hand(), random)
        assert 30 < ink.shape[0] < 60
        assert ink.max() == 1


@pytest.mark.parametrize("style", STYLES)
def test_a_style_depends_on_the_seed_alone_and_can_be_read(style, tmp_path):
    first, again, other = (np.asarray(STYLES[style](4, np.random.default_rng(seed))) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)
    pixels = np.uint8(np.rint(np.clip(first, 0, 255)))
    Image.fromarray(pixels).save(tmp_path / "four.png")
    assert picture.read(tmp_path / "four.png").pixels.max() > 200


def test_the_table_counts_each_style_and_all(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.drawings.measure.STYLES", {"plain": lambda *_: np.eye(28)})
    pictures = paint(tmp_path, 2, seed=1)
    assert [path.name for path in pictures["plain"]][:3] == ["plain-0-0.png", "plain-0-1.png", "plain-1-0.png"]
    read = {path: None if digit == 9 else digit for path, digit in pictures["plain"].items()}
    found = accuracies(pictures, read)
    assert found == {"plain": 0.9, "all": 0.9}
    assert table(["run"], [found]).splitlines()[2:] == ["| plain | 90.0 |", "| **all** | **90.0** |"]
