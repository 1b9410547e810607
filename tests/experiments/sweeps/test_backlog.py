"""What of a sweep is handed out is what is missing."""

from __future__ import annotations

from experiments.sweeps.backlog import Backlog
from experiments.sweeps.combinations import conditions_of
from experiments.sweeps.spec import spec_from


def test_what_is_handed_out_is_what_is_missing() -> None:
    points = spec_from({"world": "telegraph", "policy": "gated", "seeds": 10, "grid": {"volatility": [1, 2]}})
    work = Backlog(conditions_of(points), 10, None, [{0, 1, 5}, set(range(10))])
    assert work.left == 7
    pieces = work.take(4)
    assert [(p.first, p.count) for p in pieces] == [(2, 3), (6, 1)]
    work.give_back(pieces)
    assert work.left == 7
    taken = [(p.first, p.count) for p in work.take(100)]
    assert sorted(seed for first, count in taken for seed in range(first, first + count)) == [
        2,
        3,
        4,
        6,
        7,
        8,
        9,
    ]
    assert not work
