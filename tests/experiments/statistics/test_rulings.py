"""Nothing is said to be decided that is not."""

from __future__ import annotations

import math

from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.rulings import Ruling, ruling


def test_an_interval_decides_unless_something_hinders_it() -> None:
    assert ruling(Interval(1.0, 0.5, 2.0, 30)) == Ruling("more")
    assert ruling(Interval(-1.0, -2.0, -0.5, 30)) == Ruling("less")
    assert ruling(Interval(1.0, -0.5, 2.0, 30)) == Ruling("not decided")
    assert ruling(Interval(0.0, 0.0, 0.0, 30)) == Ruling("equal")
    assert ruling(Interval(1.0, math.nan, math.nan, 1)) == Ruling("not decided")
    assert ruling(Interval(1.0, 0.5, 2.0, 30, carried_by=3)).words == "not decided: 3 seeds carry it"
    assert ruling(Interval(1.0, 0.5, 2.0, 30, carried_by=1)).words == "not decided: 1 seed carries it"
    far = Ruling("elsewhere", "so")
    assert ruling(Interval(1.0, 0.5, 2.0, 30, carried_by=1), None, far) == far
