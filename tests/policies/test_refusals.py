"""What follows a refusal: a read and a plan, a blind retry, or what the refusal hands back."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.policies import if_match, retry_on_conflict
from plandrift.sim import Episode, run
from plandrift.worlds import Telegraph
from tests.sim.scripted import Wires, events, times

BARE: dict[str, Any] = {"trigger": "never", "drift_gate": False, "reconcile": False}


def by_hand(policy: Any, fails: str = "harmful", **settings: Any) -> Episode:
    """Wire 1 changes at 0.5, before its step is sent at 1; the news comes too late to matter."""
    world = Wires(steps=3, fails=fails).but((0.5, "wire-1", "b"))
    return run(world, policy, latency=50.0, trace=True, **settings)


def test_a_blind_retry_with_a_fresh_version_does_what_the_guard_had_stopped() -> None:
    right = by_hand(if_match(if_match="version", **BARE))
    wrong = by_hand(retry_on_conflict())
    assert [step.outcome for step in right.steps] == ["effective", "refused", "effective", "effective"]
    assert [step.outcome for step in wrong.steps] == ["effective", "refused", "harmful", "effective"]
    # The right one plans again for what it has read; the blind one sends the same call again.
    assert right.steps[2].call == right.steps[1].call.but(value="b")
    assert wrong.steps[2].call == wrong.steps[1].call
    assert (right.metrics.misfires, wrong.metrics.misfires) == (0, 1)
    assert (right.metrics.replans, wrong.metrics.replans) == (1, 0)


def test_what_a_refusal_hands_back_saves_the_read() -> None:
    reads = if_match(**BARE)
    back = if_match(hands_back=True, **BARE)
    slow, quick = (by_hand(policy, read_latency=1.5) for policy in (reads, back))
    (refused,) = (e.t for e in events(quick, "acknowledgment") if e.reported == "refused")
    assert [
        r.fluent for e in events(quick, "acknowledgment") if e.reported == "refused" for r in e.fluents
    ] == ["wire-1"]
    assert times(quick, "plan")[1] == refused
    assert times(slow, "plan")[1] == refused + 1.5
    assert (slow.metrics.reads, quick.metrics.reads) == (1, 0)
    assert [s.outcome for s in slow.steps] == [s.outcome for s in quick.steps]
    assert quick.metrics.duration == slow.metrics.duration - 1.5


@pytest.mark.long
def test_over_many_seeds_a_blind_retry_misfires_as_if_there_were_no_guard() -> None:
    """Each refusal ends in a misfire, or in luck: the value came back. 60 seeds, reads take no time."""
    world = Telegraph(volatility=0.2, values=3, requires=2, steps=8)
    figures = {}
    for policy in (if_match(if_match="version", **BARE), retry_on_conflict()):
        done = [run(world, policy, seed=seed, latency=4.0).metrics for seed in range(60)]
        figures[policy.name] = [sum(getattr(m, name) for m in done) for name in ("misfires", "refused")]
    assert figures["if-match"][0] == 0
    misfires, refused = figures["retry-on-conflict"]
    assert refused / 2 < misfires <= refused
