"""An error is an observation: what a policy makes of one, `on_error` by `on_error`."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.policies import POLICIES, Assembled, event_driven, gated, on_error, plan_once
from plandrift.sim import Call, Policy, Session, World, run
from plandrift.sim.trace.events import Acknowledged, Delivered
from plandrift.worlds import Records, Telegraph, Tickets
from tests.sim.scripted import Wires, events, times

MOVED = Wires(steps=3).but((0.5, "wire-1", "b"))
"""The second call fails at 1, and is answered at 2."""
LATE: dict[str, Any] = {"latency": 50.0, "read_latency": 0.5, "trace": True}


def calls(world: World, policy: Policy) -> list[tuple[float, int]]:
    return [(s.time, s.call.arg("wire")) for s in run(world, policy, **LATE).steps]


def test_after_an_error_what_the_step_rests_on_is_read_and_then_a_plan_is_made() -> None:
    """The news is 50 late: only the read can tell."""
    episode = run(MOVED, on_error(), **LATE)
    assert [(e.t, e.reason) for e in events(episode, "replan-requested")] == [(0, "start"), (2.5, "error")]
    [read] = [e for e in episode.trace if isinstance(e, Delivered) and e.by == "read"]
    assert [reading.fluent for reading in read.fluents] == ["wire-1"]
    assert [(s.time, s.call.arg("wire")) for s in episode.steps] == [(0, 0), (1, 1), (2.5, 1), (3.5, 2)]
    assert (episode.end, episode.metrics.success, episode.metrics.replans) == ("done", 1, 1)


def test_with_go_on_the_trigger_decides() -> None:
    assert calls(MOVED, plan_once()) == [(0, 0), (1, 1), (2, 2)]
    looping = calls(MOVED, gated(on_error="go-on"))
    assert looping[:4] == [(0, 0), (1, 1), (2, 1), (3, 1)]
    assert len(looping) > 40
    assert calls(MOVED, gated()) == calls(MOVED, on_error())


def test_what_does_wrong_and_looks_like_success_is_no_error() -> None:
    for fails in ("void", "harmful"):
        world = MOVED.but(*MOVED.moves, fails=fails)
        assert calls(world, on_error()) == calls(world, plan_once())


def test_bounds_hold_after_the_read() -> None:
    spent = run(MOVED, on_error(max_replans=0), **LATE)
    assert (spent.end, spent.reason, spent.metrics.duration) == (
        "gave-up",
        "budget of 0 replans spent",
        2.5,
    )
    assert calls(MOVED, on_error(max_replans=0, when_bounded="go-on")) == [(0, 0), (1, 1), (2.5, 2)]


def test_every_policy_that_replans_heeds_errors_but_for_those_that_are_published() -> None:
    made = {name: POLICIES[name]() for name in POLICIES}
    published = {"periodic", "bold", "normal", "cautious", "bold-broken", "bold-better", "bold-new"}
    for name, policy in made.items():
        assert isinstance(policy, Assembled)
        heeds = name not in {"plan-once", *published}
        assert policy.on_error == ("refresh" if heeds else "go-on"), name
    assert list(POLICIES)[:2] == ["plan-once", "on-error"]


FIRST_FIGURE: dict[str, Any] = {
    "latency": 1.0,
    "thinking_time": 0.2,
    "read_latency": 0.2,
    "action_latency": 0.1,
}


@pytest.mark.parametrize("made", [gated, event_driven])
def test_one_rejected_call_is_not_fired_until_the_horizon(made: Any) -> None:
    """Records as in the first figure, seed 5: 48 misfires in 51 calls without the read."""
    looping, heeding = (
        run(Records(volatility=0.001), made(on_error=how), seed=5, horizon=60, **FIRST_FIGURE)
        for how in ("go-on", "refresh")
    )
    assert (looping.metrics.misfires, looping.metrics.steps_fired, looping.end) == (48, 51, "horizon")
    assert (heeding.metrics.misfires, heeding.metrics.steps_fired, heeding.end) == (2, 12, "done")


def test_it_is_the_cheapest_thing_that_an_agent_does_and_worth_it() -> None:
    """80 seeds of tickets; success .51 to .84 and .01 to .39 by an independent simulation."""
    for volatility, least in ((0.003, 0.25), (0.0316, 0.2)):
        done = {
            policy.name: [
                run(Tickets(volatility=volatility), policy, seed=s, **FIRST_FIGURE | {"latency": 1.7}).metrics
                for s in range(80)
            ]
            for policy in (plan_once(), on_error())
        }
        once, heeding = (sum(m.success for m in found) / 80 for found in done.values())
        assert heeding - once > least
        assert sum(m.harm for m in done["on-error"]) < sum(m.harm for m in done["plan-once"]) / 2


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_in_telegraph_nothing_is_ever_reported_as_an_error(name: str) -> None:
    """So the closed forms hold whatever `on_error` is."""
    for seed in range(4):
        world = Telegraph(volatility=0.3, requires=2)
        episode = run(world, POLICIES[name](), seed=seed, latency=1.0, trace=True, horizon=40)
        assert not [e for e in episode.trace if isinstance(e, Acknowledged) and e.reported == "error"]
    assert times(episode, "acknowledgment")


@pytest.mark.parametrize(
    ("guard", "time", "advice", "believed"), [(plan_once(), 2, "", "a"), (on_error(), 2.5, "error", "b")]
)
def test_the_guard_of_a_session_reads_after_an_error_and_advises_to_replan(
    guard: Policy, time: float, advice: str, believed: str
) -> None:
    session = Session(MOVED, guard, latency=50.0, read_latency=0.5)
    plan = [Call.of("send", wire=i, value="a") for i in range(3)]
    session.submit_plan(plan)
    session.do(plan[0])
    answer = session.do(plan[1])
    assert (answer.time, answer.reported, answer.advice) == (time, "error", advice)
    assert session.known("wire-1")["wire-1"].value == believed
