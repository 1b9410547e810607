"""The quantiles against SciPy's."""

from __future__ import annotations

import pytest

from plandrift.experiments.statistics.quantiles import MANY, normal, student

# Older ones are themselves wrong in the eleventh digit.
special = pytest.importorskip("scipy", "1.17").special


@pytest.mark.parametrize("level", [0.01, 0.5, 0.95, 0.9999])
def test_the_quantiles_are_scipys(level: float) -> None:
    assert normal(level) == pytest.approx(special.ndtri((1 + level) / 2), rel=1e-11)
    for freedom in (*range(1, 40), 361, 362, MANY - 1, MANY, 10**6):
        expected = special.stdtrit(freedom, (1 + level) / 2)
        assert student(level, freedom) == pytest.approx(expected, rel=1e-11), freedom
