"""Idempotency keys: a retry of a call that nobody answered does its work once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from plandrift.policies import Assembled, gated, plan_once, retry_on_conflict
from plandrift.sim import run
from plandrift.sim.trace.events import Landed
from plandrift.worlds import Files, Ledger, Records
from tests.sim.scripted import Wires, events

LOST: dict[str, Any] = {"lost_ack": 0.5, "ack_timeout": 1.5}


def test_in_a_still_world_each_repeat_is_recognized_and_nothing_else_changes() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(30):
        plain, keyed = (
            run(Records(volatility=0.0), plan_once(keyed=keys), seed=seed, **LOST) for keys in (False, True)
        )
        told = {"repeat": "recognized"}
        assert [told.get(s.outcome, s.outcome) for s in plain.steps] == [s.outcome for s in keyed.steps]
        assert [s.time for s in plain.steps] == [s.time for s in keyed.steps]
        assert keyed.metrics.repeats == 0
        assert not any(step.failure for step in keyed.steps)
        outcomes.update(step.outcome for step in plain.steps)
    assert outcomes["repeat"] > 100


def test_a_retry_does_not_write_over_what_came_after_the_first_one() -> None:
    """The call lands at 0 unanswered, another hand undoes it at 0.3, and the retry comes at 1."""
    world, seed = Wires(steps=1).but((0.3, "sent-0", False)), next(filter(loses_one, range(50)))
    for keys, writes in ((False, 2), (True, 1)):
        episode = run(
            world,
            plan_once(keyed=keys),
            latency=50.0,
            lost_ack=0.5,
            ack_timeout=1.0,
            seed=seed,
            trace=True,
        )
        landed = events(episode, "outcome")
        assert [e.outcome for e in landed] == ["effective", "recognized" if keys else "effective"]
        assert sum(bool(e.writes) for e in landed) == writes
        # It is told the first answer, as of then: what the belief holds is no newer than that.
        assert episode.steps[-1].reported == "ok"
        (answer,) = (e for e in events(episode, "acknowledgment") if e.reported == "ok")
        assert answer.taken == (0.0 if keys else 1.0)


def loses_one(seed: int) -> bool:
    found = run(Wires(steps=1), plan_once(), seed=seed, latency=50.0, lost_ack=0.5, ack_timeout=1.0)
    return [step.reported for step in found.steps] == [None, "ok"]


@pytest.mark.parametrize("policy", [plan_once(keyed=True), gated(keyed=True), retry_on_conflict(keyed=True)])
def test_a_call_that_was_answered_gets_a_new_key(policy: Assembled) -> None:
    """What was answered, and undone since, may be done again: a retry of what was lost is recognized."""
    recognized = 0
    for seed in range(25):
        episode = run(Files(volatility=0.1), policy, seed=seed, latency=1.0, trace=True, **LOST)
        unanswered: set[Any] = set()
        for step in episode.steps:
            assert step.outcome != "recognized" or step.call in unanswered
            recognized += step.outcome == "recognized"
            (unanswered.add if step.reported is None else unanswered.discard)(step.call)
    assert recognized > 4


def test_an_answer_ends_a_key_so_that_what_was_not_done_is_done_again() -> None:
    """Nothing is done, ok is reported, and a check finds it missing: then the work is still to be done."""
    policy = plan_once(verify=True, keyed=True)
    for seed in range(20):
        episode = run(Records(volatility=0.0), policy, seed=seed, latency=50.0, silent_success=0.4)
        assert {step.outcome for step in episode.steps} <= {"effective", "void"}
        assert episode.metrics.success


def test_a_call_that_is_not_retried_gets_a_new_key_when_it_is_planned_again() -> None:
    """The answer is lost, a check sees the effect, and another hand undoes it at 1.3: it is done again."""
    world = Wires(steps=2).but((1.3, "sent-0", False))
    again = 0
    for seed in range(20):
        policy = gated(verify=True, keyed=True)
        episode = run(world, policy, seed=seed, lost_ack=0.5, ack_timeout=1.0, latency=0.1)
        first = [step for step in episode.steps if step.call.arg("wire") == 0]
        again += len(first) == 2 and first[0].reported is None
        assert all(step.outcome == "effective" for step in first)
    assert again > 3


@pytest.mark.long
def test_in_a_crew_no_step_is_taken_for_done_that_was_taken_back() -> None:
    """A lease runs out between a lost answer and its retry, and the task is aborted: all is done again."""
    recognized = 0
    for seed in range(25):
        episode = run(
            Ledger(volatility=0.0, tasks=6, shared=4),
            plan_once(keyed=True),
            seed=seed,
            agents=4,
            coordination="plan-lock",
            lease=2.0,
            latency=50.0,
            horizon=300,
            trace=True,
            **LOST,
        )
        assert episode.metrics.success, seed
        recognized += sum(isinstance(e, Landed) and e.outcome == "recognized" for e in episode.trace)
    assert recognized > 300
