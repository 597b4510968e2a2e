"""Random Boolean functions: 200 tables of 1 to 10 variables, 20 of each number."""

import numpy as np
import pytest

from nncli.lab.boolean.function import Function, TruthTable


@pytest.fixture(scope="session", params=range(1, 11), ids=lambda count: f"D={count}")
def random_functions(request):
    rng = np.random.default_rng(request.param)
    names = tuple(f"x{k}" for k in range(1, request.param + 1))
    shares = np.linspace(0, 1, 20)  # of ones: constants at both ends, then all there is between
    tables = [TruthTable(names, rng.random(1 << request.param) < share) for share in shares]
    return [Function("random", table, None) for table in tables]
