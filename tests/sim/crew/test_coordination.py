"""Leases and fences, who goes first, what a crew is refused, and how it is told."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from plandrift.experiments.playback.narrative import narrate
from plandrift.policies import bounded, gated, plan_once
from plandrift.sim import Episode, PlandriftError, Streams, run
from plandrift.sim.companions.sharing import Sharing
from plandrift.sim.trace.crew_events import LockReleased
from plandrift.sim.trace.events import Fired, Landed
from plandrift.worlds import WORLDS, Ledger
from tests.worlds.moving import made, rates

TIGHT = Ledger(volatility=0.0, tasks=12, steps=3, shared=4, requires=1)


def leased(fenced: bool) -> Episode:
    """Locks that expire while their calls are on the way."""
    return run(
        TIGHT,
        gated(),
        agents=4,
        coordination="step-lock",
        lease=0.5,
        fenced=fenced,
        action_latency=0.8,
        thinking_time=0.5,
        seed=3,
        horizon=400.0,
        trace=True,
    )


def test_a_call_whose_lease_is_over_lands_unless_it_is_fenced() -> None:
    free, fenced = leased(False), leased(True)
    for episode in (free, fenced):
        expired = [e for e in episode.trace if isinstance(e, LockReleased) and e.why == "expired"]
        assert expired
    assert free.metrics.refused == 0
    assert free.metrics.misfires_by_fellow == free.metrics.misfires > 0
    # Every call takes longer than its lease: with a fence none of them lands.
    assert fenced.metrics.refused == fenced.metrics.steps_fired > 0
    assert fenced.metrics.misfires == fenced.metrics.right_tasks == 0


def test_an_agent_that_gave_up_keeps_its_locks_until_their_lease_is_over() -> None:
    policy = bounded(gated(on_error="go-on", if_match="value"), max_replans=0)
    ends = {
        lease: run(
            TIGHT,
            policy,
            agents=4,
            coordination="plan-lock",
            lease=lease,
            thinking_time=0.5,
            seed=4,
            horizon=90.0,
        )
        for lease in (None, 3.0)
    }
    gave_up = [one for one in ends[None].agents if one.end == "gave-up"]
    assert gave_up
    assert ends[None].end == "horizon"
    assert ends[3.0].metrics.duration < 90


@pytest.mark.parametrize("word", ["none", "plan-lock", "merge-queue"])
def test_an_own_planner_plans_for_the_task_of_each_agent(word: str) -> None:
    sharing = Sharing.of(TIGHT.begin(Streams(5), 200.0))
    tasks: list[dict[str, Any]] = []

    def own(belief: Any, goals: Any) -> Any:
        tasks.append(dict(goals))
        return sharing.plan(belief, goals)

    crews = [
        run(
            TIGHT,
            gated(),
            agents=3,
            coordination=word,
            thinking_time=1.0,
            delay=0.3,
            seed=5,
            planner=planner,
            trace=True,
            horizon=200.0,
        )
        for planner in (own, None)
    ]
    assert [e.row() for e in crews[0].trace] == [e.row() for e in crews[1].trace]
    assert all(len(task) == 1 for task in tasks)
    assert {name for task in tasks for name in task} == set(sharing.scene.goals)


def test_policies_are_one_for_each_agent() -> None:
    crew = run(TIGHT, gated(), agents=2, policies=[plan_once(), gated()], seed=1)
    assert [one.policy.name for one in crew.agents] == ["plan-once", "gated"]
    for wrong in ([gated()], [gated(), gated(), gated()]):
        with pytest.raises(PlandriftError, match="give 2 policies, one for each agent"):
            run(TIGHT, gated(), agents=2, policies=wrong, seed=1)


def test_no_agent_goes_first() -> None:
    """At one instant the order is random: by number, the first of four would always fire first."""
    first: Counter[int] = Counter()
    for seed in range(60):
        trace = run(TIGHT, plan_once(), agents=4, thinking_time=1.0, seed=seed, trace=True).trace
        first[next(event.agent for event in trace if isinstance(event, Fired))] += 1
    assert len(first) == 4
    assert max(first.values()) < 30


def test_a_crew_and_one_alone_meet_the_same_times() -> None:
    times: list[dict[Any, float]] = []
    for agents in (1, 4):
        trace = run(
            Ledger(volatility=0.0, tasks=8, distinct=True, shared=400),
            plan_once(),
            agents=agents,
            action_latency="exponential(0.3)",
            step_duration="exponential(1)",
            seed=2,
            trace=True,
        ).trace
        fired: dict[int, Fired] = {}
        took = {}
        for event in trace:
            if isinstance(event, Fired):
                fired[event.agent] = event
            elif isinstance(event, Landed):
                took[event.call.args[:2]] = event.t - fired[event.agent].t
        times.append(took)
    assert len(times[0]) == 32
    assert times[0] == pytest.approx(times[1])


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_takes_a_crew_or_says_in_one_line_why_not(name: str) -> None:
    world = made(name, rates(name)[1])
    if world.alone:
        with pytest.raises(PlandriftError, match="room for only one agent") as refused:
            run(world, gated(), agents=3)
        assert "\n" not in str(refused.value)
    else:
        crew = run(world, gated(), agents=3, seed=1, horizon=60.0, latency=0.5)
        assert len(crew.agents) == 3
        assert sum(one.metrics.steps_fired for one in crew.agents) == crew.metrics.steps_fired > 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"agents": 0}, "crew.agents = 0: give a number of at least 1"),
        ({"agents": 65}, "crew.agents = 65: give a number of at most 64"),
        ({"agents": 3, "policies": [gated()]}, "policies has 1 entries: give 3 policies, one for each agent"),
        ({"agents": 2, "coordination": "step-lock", "lease": 0}, "crew.lease = 0: give a number above 0"),
        ({"agents": 2, "lease": 1.0}, "none has no locks"),
        ({"agents": 2, "coordination": "plan-lock", "fenced": True}, "give crew.lease"),
        ({"agents": 2, "coordination": "serially"}, "did you mean 'serial'"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(PlandriftError) as refused:
        run(Ledger(), gated(), **settings)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_story_names_agents_deadlocks_and_merges() -> None:
    told = {
        word: "\n".join(
            narrate(run(TIGHT, gated(), agents=4, coordination=word, thinking_time=1.0, seed=1, trace=True))
        )
        for word in ("plan-lock", "merge-queue")
    }
    assert "is aborted" in told["plan-lock"]
    assert "waits for entry-" in told["plan-lock"]
    assert "is thrown away: entry-" in told["merge-queue"]
    assert all(f"gent {number}" in text for text in told.values() for number in range(4))
    assert "the agent " not in told["plan-lock"].lower()
