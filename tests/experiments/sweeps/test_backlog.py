"""What of a sweep is handed out is what is missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plandrift.experiments.sweeps.backlog import Backlog
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.seeds import Seeds
from plandrift.experiments.sweeps.spec import spec_from


def test_what_is_handed_out_is_what_is_missing() -> None:
    points = spec_from({"world": "telegraph", "policy": "gated", "seeds": 10, "grid": {"volatility": [1, 2]}})
    work = Backlog(conditions_of(points), 10, None, [Seeds([(0, 2), (5, 6)]), Seeds([(0, 10)])])
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
    work = Backlog(conditions_of(points), 200, None, [Seeds(), Seeds(), Seeds()])
    counts = [0, 0, 0]
    while work:
        for some in work.take(7):
            counts[some.number] += some.count
        # Whoever stops it now has nearly as many of each.
        assert max(counts) - min(counts) <= 1 + max(counts) // 8
    assert counts == [200, 200, 200]


def test_a_sweep_that_is_nearly_done_begins_where_something_is_missing() -> None:
    """Ten million rounds are stepped over, not looked through."""
    points = conditions_of(
        spec_from({"world": "telegraph", "policy": "gated", "seeds": 10, "grid": {"volatility": [1, 2]}})
    )
    goal = 10_000_000
    work = Backlog(points, goal, None, [Seeds([(0, goal - 2)]), Seeds([(0, 77), (78, goal)])])
    assert work.left == 3
    taken = [(some.number, some.first, some.count) for some in work.take(10)]
    assert sorted(taken) == [(0, goal - 2, 2), (1, 77, 1)]
    assert not work


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6))), st.integers(0, 35), st.integers(0, 35))
def test_seeds_are_the_set_that_they_stand_for(added: list[tuple[int, int]], first: int, goal: int) -> None:
    held, those = Seeds(), set[int]()
    for start, count in added:
        held.add(start, start + count)
        those |= set(range(start, start + count))
    assert len(held) == len(those)
    assert [seed for seed in range(40) if seed in held] == sorted(those)
    missing = [start + step for start, count in held.gaps(first, goal) for step in range(count)]
    assert missing == [seed for seed in range(first, goal) if seed not in those]
    assert held.first_gap(first) == next(seed for seed in range(first, 99) if seed not in those)
    assert held.lacks(goal) == goal - len([seed for seed in those if seed < goal])
