"""What the tests of demonstrations share: random Boolean functions, and the digits that a demonstration looks at."""

from dataclasses import replace

import numpy as np
import pytest

from nncli.data.load import load


@pytest.fixture(scope="session", params=range(1, 11), ids=lambda count: f"D={count}")
def random_bits(request):
    """Truth tables of 1 to 10 variables, 20 of each number."""
    rng = np.random.default_rng(request.param)
    shares = np.linspace(0, 1, 20)  # of ones: constants at both ends, then all there is between
    return ["".join("01"[int(rng.random() < share)] for _ in range(1 << request.param)) for share in shares]


@pytest.fixture(scope="session")
def generated():
    """2,000 generated digits."""
    return load("synthetic-digits", "test")


@pytest.fixture
def looking_at(monkeypatch, generated):
    """Let a demonstration look at so many generated digits, or at the datasets given for a split."""

    def set_digits(module, count=None, **datasets):
        few = replace(generated, images=generated.images[:count], labels=generated.labels[:count])
        monkeypatch.setattr(module, "load_digits", lambda split, *_, **__: datasets.get(split, few))
        return few

    return set_digits
