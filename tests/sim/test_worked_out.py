"""One episode worked out by hand: every average and count, and how each step stood before it was fired.

Four steps are fired at 0, 1, 2 and 3; a step stands while its wire holds "a". News takes half a unit of time.

    wire-1 is away from 0.25 to 0.75 (news 0.75, 1.25); wire-2 from 0.5 to 2.25; wire-3 from 1.5 on (news 2.0)

    time         0    0.25   0.5    0.75   1     1.5    2     3
    steps left   1 2 3                     2 3          3
    stale        -    1      1 2    2      2     2 3    3
    perceived    -    -      -      1      2 (since 1)  3
"""

from __future__ import annotations

from math import isnan

import pytest

from plandrift.policies import plan_once
from plandrift.sim import Episode, run
from plandrift.sim.measure.metrics import CREW
from tests.sim.scripted import Wires

MOVES = (
    (0.25, "wire-1", "b"),
    (0.5, "wire-2", "b"),
    (0.75, "wire-1", "a"),
    (1.5, "wire-3", "b"),
    (2.25, "wire-2", "a"),
)


@pytest.fixture(scope="module")
def episode() -> Episode:
    return run(Wires(steps=4).but(*MOVES), plan_once(), latency=0.5)


THIRD = 1 / 3


def test_the_averages_over_the_three_units_in_which_steps_were_left(episode: Episode) -> None:
    metrics = episode.metrics
    stale = 0.25 * THIRD + 0.25 * 2 * THIRD + 0.25 * THIRD + 0.5 / 2 + 0.5 + 1
    assert metrics.plan_staleness == pytest.approx(stale / 3)
    assert metrics.direct_staleness == pytest.approx(stale / 3)
    perceived = 0.25 * THIRD + 1 / 2 + 1
    assert metrics.perceived_staleness == pytest.approx(perceived / 3)
    blind = 0.25 * THIRD + 0.25 * 2 * THIRD + 0.25 * THIRD + 0.5 / 2
    assert metrics.blind_staleness == pytest.approx(blind / 3)
    rewritten = 0.25 * THIRD + 0.5 * 2 * THIRD + 0.5 / 2 + 0.5 + 1
    assert metrics.version_staleness == pytest.approx(rewritten / 3)
    assert metrics.plan_validity == pytest.approx(0.25 / 3)
    assert metrics.plan_age == pytest.approx(1.5)


def test_how_each_step_stood_before_it_was_fired(episode: Episode) -> None:
    steps = episode.steps
    assert [s.time for s in steps] == [0, 1, 2, 3]
    assert [s.plan_age for s in steps] == [0, 1, 2, 3]
    assert [s.staleness for s in steps] == pytest.approx([0, THIRD, 1, 1])
    assert [s.perceived for s in steps] == pytest.approx([0, 2 * THIRD, 1, 1])
    assert [s.blind for s in steps] == [0, 0, 0, 0]
    assert [s.version for s in steps] == pytest.approx([0, 2 * THIRD, 1, 1])
    assert [s.stale for s in steps] == [False, False, True, True]
    assert [s.outcome for s in steps] == ["effective", "effective", "rejected", "rejected"]
    assert [s.violated for s in steps] == [(), (), (("wire-2", 0.5),), (("wire-3", 1.5),)]
    assert [s.failure and s.failure.cause for s in steps] == [None, None, "drift_shown", "drift_shown"]


def test_every_other_figure(episode: Episode) -> None:
    """Silence is news on this channel: what is believed is half a unit old, and at first as old as time."""
    averages = ("plan", "direct", "perceived", "blind", "version")
    seen = {f"{name}_staleness" for name in averages} | {"plan_validity", "plan_age"}
    left = {name: value for name, value in episode.metrics.row().items() if value and name not in seen}
    unknown = {name for name, value in left.items() if isnan(value)}
    assert unknown == {"opportunity_staleness", "plan_ratio", "plan_distance", *CREW}
    assert {name: value for name, value in left.items() if name not in unknown} == pytest.approx(
        {
            "belief_age": (0.5 * 0.25 + 2.5 * 0.5) / 3,
            "staleness_before_fire": (THIRD + 1 + 1) / 4,
            "steps_fired": 4,
            "first_attempts": 4,
            "misfires": 2,
            "first_misfires": 2,
            "misfire_rate": 0.5,
            "first_misfire_rate": 0.5,
            "goals_met": 0.5,
            "score": 2,
            "score_reachable": 4,
            "effectiveness": 0.5,
            "false_completion": 1,
            "duration": 4,
            "exogenous_changes": 5,
            "cause_drift_shown": 2,
            "mast_fm_2_5": 2,
            "mast_fm_3_1": 1,
        }
    )
    assert (episode.end, episode.reason) == ("done", "")


def test_the_averages_run_up_to_a_horizon_in_the_middle_of_a_step() -> None:
    metrics = run(Wires(steps=4).but((0.5, "wire-3", "b")), plan_once(), horizon=2.5).metrics
    assert metrics.plan_staleness == pytest.approx((0.5 * THIRD + 1 / 2 + 0.5) / 2.5)
    assert metrics.plan_age == pytest.approx(2.5 / 2)
    assert (metrics.duration, metrics.steps_fired) == (2.5, 3)
