"""A figure goes to a file in the format that the suffix names, and the same figure gives the same bytes."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from nncli.errors import WriteError
from nncli.figures import FORMATS
from nncli.figures.curves import Curve, Panel, draw
from nncli.figures.page import save
from nncli.figures.sheet import features

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def drawings():
    yield draw([Panel([Curve("line", [1, 2, 3], [3, 1, 2])], x_label="Größe", y_log=True)], title="numbers")
    yield features(np.random.default_rng(3).normal(size=(5, 16)), (4, 4), title="numbers", labels="abcde")


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_figure_gives_the_same_bytes_whatever_the_reader_prefers(suffix, tmp_path):
    def contents(name):
        for figure in drawings():
            save(figure, tmp_path / name)
            yield (tmp_path / name).read_bytes()

    first = list(contents(f"1{suffix}"))
    taste: dict[Any, object] = {
        "font.size": 30,
        "figure.facecolor": "black",
        "savefig.bbox": "tight",
        "svg.fonttype": "path",
    }
    with mpl.rc_context(taste):
        assert list(contents(f"2{suffix.upper()}")) == first
        assert mpl.rcParams["font.size"] == 30
    assert all(content.startswith(BEGINS[suffix]) for content in first)
    assert suffix != ".svg" or all(b">numbers</text>" in content for content in first)


def test_a_folder_that_is_missing_is_named(tmp_path):
    figure, _ = drawings()
    with pytest.raises(WriteError, match=r"the folder .*missing does not exist"):
        save(figure, tmp_path / "missing" / "a.svg")
