"""The flagship: the clearest of many seeds, and what each guard does in it."""

from __future__ import annotations

import pytest

from plandrift.experiments.playback.flagship import GUARDS, SEARCHED, SEED, clearest, flagship
from plandrift.experiments.playback.moments import moments


def test_each_guard_does_what_it_is_there_for() -> None:
    episodes = dict(zip(GUARDS, flagship(), strict=True))
    by_guard = {name: moments(episode) for name, episode in episodes.items()}
    assert [(name, [m.kind for m in found]) for name, found in by_guard.items()] == [
        ("plan-once", ["failed"]),
        ("if-match", ["stopped"]),
        ("look-first", ["stopped"]),
        ("gated", ["failed"]),
    ]
    assert [e.metrics.harm for e in episodes.values()] == [1, 0, 0, 1]
    assert [e.metrics.success for e in episodes.values()] == [0, 1, 1, 0]
    assert all(e.metrics.exogenous_changes == 1 for e in episodes.values())
    assert by_guard["plan-once"][0].sentence == (
        "At 1.69 record 2 was moved from staging to production-2. The news arrives at 2.69. At 2 "
        "the agent updates record 2 at staging with schema 1, asking chen, and the world answers ok, "
        "but does the wrong thing."
    )
    # The look stops the call well before the news is there.
    assert by_guard["look-first"][0].time == pytest.approx(2.3)


def test_none_is_clear_where_nothing_happens() -> None:
    assert clearest(range(3)) is None


@pytest.mark.slow
def test_its_seed_is_the_clearest_of_many() -> None:
    assert clearest(range(SEARCHED)) == SEED
