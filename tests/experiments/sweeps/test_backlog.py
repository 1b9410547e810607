"""What of a sweep is handed out is what is missing."""

from __future__ import annotations

from plandrift.experiments.sweeps.backlog import Backlog
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.spec import spec_from


def test_what_is_handed_out_is_what_is_missing() -> None:
    points = spec_from({"world": "telegraph", "policy": "gated", "seeds": 10, "grid": {"volatility": [1, 2]}})
    work = Backlog(conditions_of(points), 10, None, [{0, 1, 5}, set(range(10))])
    assert work.left == 7
    pieces = work.take(4)
    assert [(p.first, p.count) for p in pieces] == [(2, 1), (3, 1), (4, 1), (6, 1)]
    work.give_back(pieces)
    assert work.left == 7
    taken = [(p.first, p.count) for p in work.take(100)]
    seeds = sorted(seed for first, count in taken for seed in range(first, first + count))
    assert seeds == [2, 3, 4, 6, 7, 8, 9]
    assert not work


def test_seeds_go_through_all_conditions_before_the_next() -> None:
    points = spec_from(
        {"world": "telegraph", "policy": "gated", "seeds": 200, "grid": {"volatility": [1, 2, 3]}}
    )
    work = Backlog(conditions_of(points), 200, None, [set(), set(), set()])
    counts = [0, 0, 0]
    while work:
        for some in work.take(7):
            counts[some.number] += some.count
        # Whoever stops it now has nearly as many of each.
        assert max(counts) - min(counts) <= 1 + max(counts) // 8
    assert counts == [200, 200, 200]
