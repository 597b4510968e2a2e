"""Products in place, where an extent is 0."""

import os
import subprocess
import sys

import numpy as np
import pytest

from nncli.engine import blas


@pytest.mark.parametrize("keep", [0, 2])
@pytest.mark.parametrize(("m", "k", "n"), [(2, 0, 3), (0, 2, 3), (2, 3, 0)])
def test_a_product_over_nothing_is_zero(m, k, n, keep):
    C = np.full((m, n), np.nan if keep == 0 else 3.0)
    blas.matmul(np.ones((m, k)), np.ones((k, n)), C, keep)
    assert np.array_equal(C, np.full((m, n), 3.0 * keep))


def test_the_library_of_the_products_is_described_and_limited():
    threads = "import numpy; from nncli.engine import blas; print(blas.library()['num_threads'])"
    limited = "from nncli.engine import blas\nwith blas.threads(1): print(blas.library()['num_threads'])"
    for program, expected in ((threads, os.cpu_count()), (limited, 1)):
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        assert int(done.stdout) == expected
