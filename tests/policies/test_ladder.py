"""The ladder of guards: what each rung lets through, and what the world's own door does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plandrift.policies import (
    GATES,
    Assembled,
    Bounded,
    event_driven,
    gate_only,
    gated,
    if_match,
    look_first,
    on_error,
    plan_once,
)
from plandrift.sim import (
    REFRESH,
    Acknowledgment,
    Decision,
    Observation,
    Policy,
    Reaction,
    Step,
    Streams,
    Verdict,
    View,
    World,
    run,
)
from plandrift.sim.trace.events import Acknowledged, Delivered, Fired, HandedOver, Landed
from plandrift.worlds import Files, Records, Routes, Telegraph, Tickets

times = st.sampled_from([0.0, 0.4, 2.0, "exponential(1)", "uniform(0, 2)"])
worlds = st.sampled_from(
    [
        Records(volatility=0.2, records=5, linked=0.6),
        Telegraph(volatility=0.3, values=3, requires=2, fluents=5, steps=6, chain=2),
        Tickets(volatility=0.1),
        Files(volatility=0.1),
        Routes(volatility=0.1, places=8, parcels=3),
    ]
)
mixes = st.fixed_dictionaries(
    {
        "sampling": st.sampled_from(["push", "poll", "on-action"]),
        "latency": times,
        "loss": st.sampled_from([0.0, 0.3, 1.0]),
        "thinking_time": times,
        "thinking": st.sampled_from(["blocking", "concurrent"]),
        "action_latency": times,
        "prepare_time": times,
        "read_latency": times,
        "lost_ack": st.sampled_from([0.0, 0.3]),
        "silent_success": st.sampled_from([0.0, 0.3]),
        "planner_error": st.sampled_from([0.0, 0.3]),
        "delay": times,
    }
)
guards = st.builds(
    Assembled,
    if_match=st.just("value"),
    trigger=st.sampled_from(["never", "observation", "touched", "steps"]),
    drift_gate=st.booleans(),
    reads=st.sampled_from(["belief", "fresh"]),
    compares=st.sampled_from(["value", "version"]),
    verify=st.booleans(),
    checks=st.sampled_from(["prepare", "fire"]),
    max_replans=st.sampled_from([None, 3]),
    when_bounded=st.sampled_from(["give-up", "go-on"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds, guards, mixes, st.integers(0, 10_000))
def test_a_call_that_declares_all_its_assumptions_never_misfires(
    world: World, policy: Assembled, mix: dict[str, Any], seed: int
) -> None:
    """By value: a version says that nobody wrote, not that the belief of it is right."""
    episode = run(world, policy, seed=seed, horizon=40, **mix)
    assert episode.metrics.misfires == 0
    # A planner that errs may mean the wrong thing: then no requirement is violated.
    assert not episode.metrics.harm or mix["planner_error"]
    for step in episode.steps:
        assert set(step.declared) == set(_requires(episode.world, step.planned, seed))
        if step.outcome == "refused":
            assert not step.misfire
            assert step.failure is None


def _requires(world: World, call: Any, seed: int) -> Any:
    return world.begin(Streams(seed), 40.0).requires(call)


def test_by_version_a_call_is_refused_for_what_was_written_and_is_the_same_again() -> None:
    """So it is refused at least as often as by value, and never lets through what is violated."""
    refused: dict[str, int] = {}
    for compares in ("value", "version"):
        policy = if_match(if_match=compares, trigger="never", drift_gate=False)
        done = [run(Telegraph(volatility=0.3, steps=6), policy, seed=s, latency=2.0) for s in range(60)]
        assert not sum(e.metrics.misfires for e in done)
        refused[compares] = sum(e.metrics.refused for e in done)
    assert refused["version"] > refused["value"] > 20


@pytest.mark.long
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_what_is_not_declared_is_not_checked(share: float) -> None:
    """Each of two requirements is declared with probability q; with q = 0 it is as with no if-match."""
    world = Telegraph(volatility=0.2, requires=2, steps=8)
    part: dict[str, Any] = {"trigger": "never", "drift_gate": False}
    done = [run(world, if_match(declares=share, **part), seed=s, latency=2.0) for s in range(200)]
    declared = sum(len(step.declared) for e in done for step in e.steps)
    assert declared / (2 * sum(e.metrics.steps_fired for e in done)) == pytest.approx(share, abs=0.03)
    misfires = sum(e.metrics.misfires for e in done)
    if share:
        assert misfires > 50
        assert sum(e.metrics.refused for e in done) > 50
    else:
        without = [run(world, plan_once(), seed=s, latency=2.0) for s in range(200)]
        assert misfires == sum(e.metrics.misfires for e in without)


def test_after_a_refusal_the_agent_reads_and_then_replans() -> None:
    """412, GET, again: the plan that follows knows what the call was refused for."""
    read = 1.5
    for seed in range(20):
        episode = run(
            Records(volatility=0.1), if_match(), seed=seed, latency=5.0, read_latency=read, trace=True
        )
        events = list(episode.trace)
        for i, event in enumerate(events):
            if isinstance(event, Acknowledged) and event.reported == "refused":
                later = [e for e in events[i:] if isinstance(e, Delivered) and e.by == "read"]
                plans = [e for e in events[i:] if isinstance(e, HandedOver)]
                if not later or not plans:
                    continue
                assert later[0].t == pytest.approx(event.t + read)
                assert any(plan.t >= later[0].t for plan in plans)
                nexts = [e for e in events[i:] if isinstance(e, Fired)]
                if nexts:
                    assert nexts[0].t >= later[0].t


def test_a_refused_call_does_nothing_and_costs_its_time() -> None:
    refused = 0
    for seed in range(20):
        episode = run(Records(volatility=0.2), if_match(), seed=seed, latency=3.0, trace=True)
        for event in episode.trace:
            if isinstance(event, Landed) and event.outcome == "refused":
                refused += 1
                assert not event.writes
                assert event.reported == "refused"
        for before, after in zip(episode.steps, episode.steps[1:], strict=False):
            assert after.time >= before.time + 1
    assert refused > 20


def test_the_rungs_are_what_their_names_say() -> None:
    """One part differs from gated in each."""
    base = dict(gated().parts())
    assert dict(on_error().parts()) == dict(plan_once().parts()) | {"on_error": "refresh"}
    assert dict(gate_only().parts()) == {k: v for k, v in base.items() if k != "trigger"}
    assert dict(look_first().parts()) == base | {"reads": "fresh"}
    assert dict(if_match().parts()) == base | {"if_match": "value"}


def test_gate_only_replans_only_when_its_gate_blocks_or_a_call_fails() -> None:
    errors = 0
    for seed in range(30):
        episode = run(Records(volatility=0.1), gate_only(), seed=seed, latency=1.0, trace=True)
        reported = [e.reported for e in episode.trace if isinstance(e, Acknowledged)].count("error")
        assert episode.metrics.replans <= episode.metrics.blocks + reported
        errors += reported
    assert errors > 20


@pytest.mark.long
def test_a_gate_that_looks_lets_less_through_and_the_door_nothing() -> None:
    """60 seeds on records at v = 0.075 with read latency 0.2, action latency 0.1 and thinking time 0.2."""
    mix: dict[str, Any] = {
        "latency": 1.0,
        "thinking_time": 0.2,
        "read_latency": 0.2,
        "action_latency": 0.1,
    }
    harm, success = {}, {}
    for policy in (plan_once(), on_error(), gated(), look_first(), if_match()):
        done = [run(Records(volatility=0.075), policy, seed=s, **mix).metrics for s in range(60)]
        harm[policy.name] = sum(m.harm for m in done)
        success[policy.name] = sum(m.success for m in done)
    assert harm["plan-once"] > harm["on-error"] > harm["gated"] > harm["look-first"] > harm["if-match"] == 0
    assert success["plan-once"] == success["on-error"] == 0, "what is void or harmful is no error"
    assert 0 < success["gated"] < success["look-first"] < success["if-match"]


def test_a_gate_that_says_fire_in_its_own_words_does_not_end_the_chain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert list(GATES) == ["idempotent", "reconcile", "drift_gate"]

    class Talkative:
        def check(self, view: View, step: Step, call: Any) -> Verdict:
            return Verdict("fire", "no objection")

    plain = run(Records(volatility=0.2), gate_only(), seed=3, latency=1.0)
    monkeypatch.setitem(GATES, "idempotent", lambda _: Talkative())
    spoken = run(Records(volatility=0.2), gate_only(idempotent=True), seed=3, latency=1.0)
    assert plain.metrics.blocks > 0
    assert spoken.metrics.row() == pytest.approx(plain.metrics.row(), nan_ok=True)


def test_bounds_around_a_policy_that_repairs_repair() -> None:
    assert Bounded(inner=gated(repair=True)).repairs
    assert not Bounded(inner=gated()).repairs


class Refreshing(Policy):
    """Asks to refresh whatever was reported."""

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        return Reaction("go-on") if answer.refreshed else REFRESH


def test_a_refresh_reads_what_the_step_rests_on() -> None:
    episode = run(Records(volatility=0.2), Refreshing(), latency=9.0, read_latency=0.5, seed=1, trace=True)
    reads = [e for e in episode.trace if isinstance(e, Delivered) and e.by == "read"]
    assert len(reads) == len([e for e in episode.trace if isinstance(e, Acknowledged)])
    assert all(len(read.fluents) >= 3 for read in reads)


class Restless(Policy):
    """Asks for a new plan whenever it is asked about a plan handed over."""

    def observed(self, view: View, observation: Observation) -> Decision:
        return Decision("replan" if observation.by == "handover" else "keep")


def test_a_plan_handed_over_is_asked_about_with_what_was_heard_while_it_was_made() -> None:
    asked: list[Observation] = []

    class Listening(Policy):
        def observed(self, view: View, observation: Observation) -> Decision:
            if observation.by == "handover":
                asked.append(observation)
            return Decision("keep")

    run(Telegraph(volatility=0.5), Listening(), thinking_time=2.0, latency=1.0, seed=2)
    assert len(asked) == 1
    assert asked[0].news
    still = run(Telegraph(volatility=0.0), Restless(), thinking_time=2.0, seed=2)
    assert still.metrics.replans == 0
    assert run(Telegraph(volatility=0.2), event_driven(), seed=1).end == "done"
