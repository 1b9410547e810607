"""The gates and the verifier, each alone: what it says of a call, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.policies import Assembled, bold, plan_once
from plandrift.sim import Episode, run
from tests.sim.scripted import Wires, events


def said(episode: Episode) -> list[tuple[float, int, str, str]]:
    """When the gate had something to say, of which step, what and why."""
    return [(e.t, e.step, e.verdict, e.reason) for e in events(episode, "verdict") if e.verdict != "fire"]


def test_the_drift_gate_blocks_what_the_belief_shows_to_be_changed_or_notes_it() -> None:
    world = Wires(steps=3).but((0.5, "wire-1", "b"), (1.5, "wire-0", "b"))
    blocked = run(world, plan_once(drift_gate=True), trace=True)
    assert said(blocked) == [(1, 1, "block", "wire-1 changed")]
    noted = run(world, plan_once(drift_gate=True, on_violation="warn"), trace=True)
    assert said(noted) == [(1, 1, "warn", "wire-1 changed")]
    assert [step.verdict for step in noted.steps] == ["fire", "warn", "fire"]
    assert [step.outcome for step in noted.steps] == ["effective", "rejected", "effective"]


def test_the_drift_gate_that_reads_fresh_sees_what_the_belief_does_not() -> None:
    world = Wires(steps=3).but((0.9, "wire-1", "b"))
    trusting = run(world, plan_once(drift_gate=True), latency=5.0, trace=True)
    assert said(trusting) == []
    reading = run(world, plan_once(drift_gate=True, reads="fresh"), latency=5.0, read_latency=0.5, trace=True)
    assert said(reading)[:2] == [(0, 0, "read", ""), (1.5, 1, "read", "")]
    assert [step.outcome for step in reading.steps] == ["effective"] * 3
    late = run(
        Wires(steps=3).but((1.8, "wire-1", "b")),
        plan_once(drift_gate=True, reads="fresh"),
        latency=5.0,
        read_latency=0.5,
        trace=True,
    )
    assert [step.outcome for step in late.steps][:2] == ["effective", "rejected"]


def test_work_that_another_hand_has_done_is_passed_over() -> None:
    world = Wires(steps=3).but((0.5, "sent-1", True))
    episode = run(world, plan_once(idempotent=True), trace=True)
    assert said(episode) == [(1, 1, "block", "already done")]
    assert [(e.t, e.plan, e.step) for e in events(episode, "skip")] == [(1, 1, 1)]
    assert [step.time for step in episode.steps] == [0, 1]
    assert episode.metrics.false_blocks == 0
    assert run(world, plan_once(), trace=True).metrics.repeats == 1
    assert run(world, plan_once(idempotent=True, max_replans=0)).end == "done"


def test_work_that_seems_to_be_done_and_is_not_is_falsely_passed_over() -> None:
    world = Wires(steps=3).but((0.2, "sent-1", True), (0.5, "sent-1", False))
    episode = run(world, plan_once(idempotent=True), latency=0.6, trace=True)
    assert said(episode) == [(1, 1, "block", "already done")]
    assert (episode.metrics.false_blocks, episode.metrics.false_completion) == (1, 1)


@pytest.mark.parametrize(
    ("policy", "fired"), [(plan_once(verify=True), [0, 1, 2, 3]), (bold(verify=True), [0, 1, 2, 3])]
)
def test_what_is_read_back_and_there_is_gone_on_from(policy: Assembled, fired: list[int]) -> None:
    episode = run(Wires(), policy, trace=True)
    assert [e.verified for e in events(episode, "verified")] == [True] * 4
    assert [step.call.arg("wire") for step in episode.steps] == fired
    assert all(step.verified for step in episode.steps)


def test_what_is_read_back_and_missing_is_done_again_or_planned_anew() -> None:
    silent: dict[str, Any] = {"silent_success": 1.0, "horizon": 2.5, "trace": True}
    again = run(Wires(), plan_once(verify=True), **silent)
    assert [step.call.arg("wire") for step in again.steps] == [0, 0, 0]
    assert [(e.t, e.plan, e.step) for e in events(again, "retry")] == [(1, 1, 0), (2, 1, 0)]
    assert len(events(again, "replan-requested")) == 1
    anew = run(Wires(), bold(verify=True), **silent)
    assert [e.t for e in events(anew, "replan-requested")] == [0, 1, 2]
    assert [e.reason for e in events(anew, "replan-requested")][1:] == ["the effects are missing"] * 2
    assert events(anew, "retry") == []


def test_what_is_known_to_have_failed_is_not_read_back() -> None:
    world = Wires().but((0.5, "wire-1", "b"))
    episode = run(world, plan_once(verify=True), trace=True)
    assert [e.call.arg("wire") for e in events(episode, "verified")] == [0, 2, 3]
    assert [step.verified for step in episode.steps] == [True, None, True, True]
