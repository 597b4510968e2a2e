"""Where the demonstrations' digits come from."""

import numpy as np
import pytest

from nncli.errors import DataError
from nncli.lab.digits import load_digits


@pytest.fixture(autouse=True)
def no_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path / "cache")


def test_draws_digits_where_mnist_is_not_at_hand():
    digits = load_digits("test")
    assert (digits.name, digits.images.shape) == ("synthetic-digits", (2_000, 28, 28))
    assert np.array_equal(np.unique(digits.labels), np.arange(10))


def test_a_folder_that_was_named_must_hold_mnist(tmp_path):
    with pytest.raises(DataError, match=str(tmp_path)):
        load_digits("test", tmp_path)
