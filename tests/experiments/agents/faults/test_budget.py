"""A search that ends early keeps what it has found, and says why it ended."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from plandrift.experiments.agents.faults.budget import INTERRUPTED, Budget
from plandrift.experiments.agents.faults.failure import FailureKind
from plandrift.experiments.agents.faults.history import History
from plandrift.experiments.agents.faults.page import summary
from plandrift.experiments.agents.faults.player import played_by_policy
from plandrift.experiments.agents.faults.search import FaultMap, search
from plandrift.sim import Episode, PlandriftError

PLANS = played_by_policy("plan-once")


def found(player: Any = PLANS, seeds: int = 4, **more: Any) -> FaultMap:
    settings = {"channel.latency": 1.0, "agent.action_latency": 0.1}
    return search("records", settings, 0.1, player, agent="one", seeds=seeds, count=3, **more)


def test_a_budget_of_episodes_is_kept_to_and_shrinks_as_far_as_it_goes() -> None:
    told: list[int] = []
    whole = found(rungs=(1.0,))
    few = found(rungs=(1.0,), budget=Budget(episodes=6), tell=told.append)
    assert told == [1, 2, 3, 4, 5, 6]
    assert (few.played, few.ended, few.seeds) == (6, "6 episodes were played", 4)
    assert "the search ended early: 6 episodes were played" in summary(few)
    assert (whole.ended, whole.fired) == ("", few.fired)
    assert whole.played > 20
    # Two plays of shrinking: the histories are longer, and still fail as their kind says.
    assert sum(len(e.history.changes) for e in few.entries) > sum(
        len(e.history.changes) for e in whole.entries
    )
    assert few.entries


def test_what_ends_early_has_begun_with_the_world_that_was_asked_for() -> None:
    ticks = itertools.count()
    cut = found(budget=Budget(seconds=6, watch=lambda: float(next(ticks))))
    assert cut.ended == "6 seconds had passed"
    assert cut.seeds == 4
    assert 0 < cut.played < 7
    assert all(set(entry.by_rung) <= {0.05, 0.1} for entry in cut.entries)


@pytest.mark.parametrize(
    ("raises", "ended"),
    [
        (KeyboardInterrupt(), INTERRUPTED),
        (PlandriftError("the agent\nnever played"), "the agent never played"),
    ],
)
def test_what_stops_the_agent_takes_nothing_with_it(raises: BaseException, ended: str) -> None:
    def player(at: int) -> Any:
        count = itertools.count(1)

        def play(history: History) -> Episode:
            if next(count) == at:
                raise raises
            return PLANS(history)

        return play

    stopped = found(player(3), rungs=(1.0,))
    assert (stopped.ended, stopped.seeds) == (ended, 2)
    assert stopped.entries
    if isinstance(raises, PlandriftError):
        with pytest.raises(PlandriftError, match="never played"):
            found(player(1), rungs=(1.0,))
    else:
        assert found(player(9), rungs=(1.0,)).ended == INTERRUPTED


def test_the_advice_is_something_that_can_be_done_at_that_time() -> None:
    late = FailureKind("drift_blind", "harmful", "update_record", "schema", "on the way")
    assert "if_match" in late.right
    assert "looks" not in late.right
    unheard = FailureKind("drift_blind", "harmful", "update_record", "schema", "unheard")
    assert unheard.right.startswith("looks right before firing")
    repeated = FailureKind("lost_ack", "repeat", "update_record", "", "on the way")
    assert "if_match" not in repeated.right
