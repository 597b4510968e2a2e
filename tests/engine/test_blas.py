"""Products in place, where an extent is 0."""

import numpy as np
import pytest

from nncli.engine import blas


@pytest.mark.parametrize("keep", [0, 2])
@pytest.mark.parametrize(("m", "k", "n"), [(2, 0, 3), (0, 2, 3), (2, 3, 0)])
def test_a_product_over_nothing_is_zero(m, k, n, keep):
    C = np.full((m, n), np.nan if keep == 0 else 3.0)
    blas.matmul(np.ones((m, k)), np.ones((k, n)), C, keep)
    assert np.array_equal(C, np.full((m, n), 3.0 * keep))
