"""A drawn figure as an array of pixels."""

import numpy as np
import pytest
from PIL import Image

from nncli.figures.page import save


@pytest.fixture
def pixels(tmp_path):
    """Save a figure as a PNG and give its pixels, (height, width, 3)."""

    def read(figure):
        save(figure, tmp_path / "figure.png")
        with Image.open(tmp_path / "figure.png") as picture:
            return np.asarray(picture.convert("RGB")).astype(int)

    return read
