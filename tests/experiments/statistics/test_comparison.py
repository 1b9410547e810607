"""A difference of a count that a loop of retries can fill is refused where either side is carried by few."""

from __future__ import annotations

import numpy as np

from plandrift.experiments.statistics.comparison import difference


def test_the_side_in_which_few_looped_keeps_the_difference_from_being_decided() -> None:
    """Both sides differ on most seeds, by one; on four of forty the first side went on for five more."""
    once = np.array([1.0, 2.0] * 20)
    loops = np.where(np.arange(40) % 10 == 0, 5.0, 0.0)
    fired = np.full(40, 10.0)
    for metric, sides in (
        ("misfires", ([loops], [once])),
        ("misfire_rate", ([loops, fired], [once, fired])),
    ):
        assert difference(metric, *sides).difference.carried_by == 4
        assert difference(f"first_{metric}", *sides).difference.carried_by == 0
    # Where no side is, nothing keeps it.
    assert difference("misfires", [once], [once + np.arange(40) % 3]).difference.carried_by == 0
