"""The mean of a result over several seeds, its standard deviation and its confidence interval."""

import pytest

from nncli.evaluation.spread import Spread


def test_the_interval_is_students():
    found = Spread([0.0173, 0.0168, 0.0175])
    assert found.mean == pytest.approx(0.0172)
    assert found.deviation == pytest.approx(0.000360555)
    assert found.interval == pytest.approx((0.0163043, 0.0180957), abs=1e-7)  # 4.30265 standard errors
    assert f"{found:.2%}" == "1.72% ± 0.04%"


def test_one_seed_has_no_deviation():
    assert (Spread([0.5]).deviation, Spread([0.5]).interval, f"{Spread([0.5]):.1f}") == (None, None, "0.5")
