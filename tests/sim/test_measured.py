"""What the engine measures, held against figures worked out by hand or by theory, a case for each rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import pytest

from plandrift.experiments.statistics.theory import any_differs
from plandrift.policies import cautious, event_driven, gate_only, gated, plan_once, read_back, replan_each
from plandrift.sim import FIRE, KEEP, Call, Decision, Observation, Policy, Step, Verdict, View, run
from plandrift.sim.trace.events import Fired, HandedOver
from plandrift.worlds import Records, Routes, Telegraph


def test_a_call_that_has_landed_counts_as_landed_in_a_plan_adopted_before_its_answer() -> None:
    """Else its assumptions live on in the truth of that plan, and a step is stale with nothing violated."""
    for seed in range(40):
        episode = run(
            Records(linked=0.6, volatility=0.02), read_back(), latency="exponential(1.1)", seed=seed
        )
        for step in episode.steps:
            assert step.violated or not step.stale or step.outcome != "effective"


@pytest.mark.long
def test_the_call_in_flight_is_taken_for_no_other_step() -> None:
    """`drive(0, 24)` under way is not `drive(11, 24)` of the plan that comes, though both end at 24."""
    flying = 0
    for seed in range(30):
        episode = run(
            Routes(volatility=0.02), replan_each(), latency="exponential(1.1)", seed=seed, trace=True
        )
        sent: Call | None = None
        for event in episode.trace:
            if isinstance(event, Fired):
                sent = event.call
            elif isinstance(event, HandedOver) and event.in_flight is not None:
                assert event.steps is not None
                flying += 1
                assert event.steps[event.in_flight].call == sent
    assert flying > 100


def test_what_is_undone_after_it_was_heard_of_is_done_again() -> None:
    """The effect of a call was heard, and undone, before its answer: the plan that comes asks for it anew."""
    for seed in range(20):
        episode = run(Records(volatility=0.3), event_driven(), seed=seed)
        assert episode.metrics.plan_validity == 1


@pytest.mark.slow
@pytest.mark.parametrize("thinking", [0.0, 1.7])
@pytest.mark.parametrize("trigger", ["never", "touched"])
def test_a_reading_is_fresh_for_one_instant_whatever_makes_the_executor_wait(
    thinking: float, trigger: Any
) -> None:
    """With a fresh read a step that passes misfires with P_k(R/2 + a): 1,500 episodes of 7 steps."""
    world = Telegraph(steps=7, values=3, requires=2, volatility=0.11)
    mix: dict[str, Any] = {
        "latency": 2.3,
        "read_latency": 1.4,
        "action_latency": 0.35,
        "step_duration": 0.9,
        "thinking_time": thinking,
    }
    done = [run(world, gated(reads="fresh", trigger=trigger), seed=s, **mix).metrics for s in range(1500)]
    fired, misfired = sum(m.steps_fired for m in done), sum(m.misfires for m in done)
    theory = any_differs(0.7 + 0.35, 0.11, values=3, requires=2)
    assert theory == pytest.approx(0.2009, abs=1e-4)
    assert abs(misfired / fired - theory) < 4 * sqrt(theory * (1 - theory) / fired)


def test_the_plan_that_comes_is_asked_about_what_was_asked_only_of_the_one_before() -> None:
    """Changed and changed back while a plan was made of it: no step is fired that the belief contradicts."""
    for seed in range(150):
        episode = run(Telegraph(volatility=0.2), event_driven(), seed=seed, latency=1.0, thinking_time=1.0)
        assert not any(step.shown for step in episode.steps)


@pytest.mark.parametrize("volatility", [0.0, 0.1])
def test_a_plan_is_as_old_as_its_basis_whatever_is_heard(volatility: float) -> None:
    """Cautious replans after each step of length 1, at once: its plan is half a unit old on average."""
    episode = run(Telegraph(volatility=volatility, steps=20), cautious(), seed=3)
    assert episode.metrics.plan_age == pytest.approx(0.5)
    once = run(Telegraph(volatility=volatility, steps=20), plan_once(), seed=3, thinking_time=2.0)
    assert [step.plan_age for step in once.steps] == [2.0 + i for i in range(20)]


def test_where_silence_is_news_the_belief_is_at_most_as_old_as_the_latency() -> None:
    """Two steps of length 10, fired at 0 and at 10: a plan with steps left is held from 0 to 10.

    The kernel is the two wires until the first step is known to have landed, then one and what that wrote.
    """

    def belief_age(**mix: Any) -> float:
        world = Telegraph(volatility=0.0, steps=2)
        return run(world, plan_once(), step_duration=10.0, **mix).metrics.belief_age

    assert belief_age(latency=3.0) == pytest.approx((3 * 3 / 2 + 7 * 3) / 10)
    assert belief_age(latency=3.0, loss=1.0) == pytest.approx(10 / 2)
    assert belief_age(latency="uniform(2, 4)") == pytest.approx(10 / 2)
    assert belief_age(sampling="poll", poll_every=1.0) == pytest.approx(1 / 2)
    # Out of scope nothing is heard of the wire: (t + 3)/2 on average from 3 on.
    assert belief_age(latency=3.0, scope="done-*") == pytest.approx((4.5 + 91 / 4 + 7 * 1.5) / 10)


def test_a_repeat_whose_requirement_does_not_hold_is_a_misfire_too() -> None:
    """Plan-once on records at v = 0.3: 0.837 by the definition, over 150 episodes."""
    done = [run(Records(volatility=0.3), plan_once(), seed=s) for s in range(150)]
    repeats = [s for e in done for s in e.steps if s.outcome == "repeat"]
    assert any(step.misfire for step in repeats)
    fired = sum(e.metrics.steps_fired for e in done)
    assert sum(e.metrics.misfires for e in done) / fired == pytest.approx(0.837, abs=0.001)


def test_a_trigger_does_not_count_the_call_that_is_under_way() -> None:
    """It cannot be mended: what it needs may change as it will."""
    asked = 0
    for seed in range(30):
        episode = run(
            Telegraph(volatility=0.3, steps=6), event_driven(), seed=seed, action_latency=1.0, trace=True
        )
        steps: Sequence[Step] = ()
        left: set[int] = set()
        for event in episode.trace:
            if isinstance(event, HandedOver) and event.steps is not None:
                steps, left = event.steps, set(range(len(event.steps))) - {*event.done, event.in_flight}
            elif isinstance(event, Fired):
                left.discard(event.step)
            elif event.kind == "replan-requested" and event.t > 0:
                reason = str(getattr(event, "reason", ""))
                if reason.endswith(" changed"):
                    asked += 1
                    assert any(reason.removesuffix(" changed") in steps[i].requires for i in left)
    assert asked > 30


@pytest.mark.slow
def test_after_a_block_the_next_plan_handed_over_is_enough() -> None:
    """Thinking concurrently the executor takes it, though the planner thinks on: 1,000 episodes."""
    mix: dict[str, Any] = {"thinking_time": 1.3, "latency": 0.7, "thinking": "concurrent"}
    done = [run(Telegraph(volatility=0.1), gated(), seed=s, **mix).metrics.duration for s in range(1000)]
    mean = sum(done) / len(done)
    spread = sqrt(sum((d - mean) ** 2 for d in done) / (len(done) - 1))
    assert abs(mean - 12.72) < 4 * spread / sqrt(len(done))


@dataclass(frozen=True)
class Noting(Policy):
    """Notes what the view says at each fire, and replans when a fifth of the plan looks stale."""

    seen: list[tuple[float, bool, float, float]] = field(default_factory=list)

    def observed(self, view: View, observation: Observation) -> Decision:
        return Decision("replan", "stale") if view.perceived_staleness > 0.2 else KEEP

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        said = (view.perceived_staleness, bool(view.violated()), view.belief_age, view.plan_age)
        self.seen.append(said)
        return FIRE


def test_the_view_says_how_stale_the_plan_looks_and_how_old_belief_and_plan_are() -> None:
    looked = 0
    for seed in range(20):
        noting = Noting()
        episode = run(Records(volatility=0.1), noting, seed=seed, latency=1.0, thinking_time=0.4)
        for (share, stale, belief_age, plan_age), step in zip(noting.seen, episode.steps, strict=True):
            assert share == step.perceived
            assert stale == bool(step.shown) or step.planned != step.call
            assert 0 <= belief_age <= 1.0
            assert plan_age == step.plan_age
            looked += share > 0
    assert looked > 5


def test_first_misfires_leave_out_what_is_tried_again() -> None:
    """A rejected update that is sent again, and misfires again, is one first misfire."""
    done = [run(Records(volatility=0.1), gate_only(drift_gate=False), seed=s, latency=3.0) for s in range(60)]
    done += [run(Records(volatility=0.1), event_driven(), seed=s, latency=3.0) for s in range(60)]
    for episode in done:
        failed: dict[Any, int] = {}
        for step in episode.steps:
            work = dict(step.planned.args)["record"]
            assert step.attempt == failed.get(work, 0) + 1
            if step.outcome in ("effective", "repeat"):
                failed.pop(work, None)
            else:
                failed[work] = failed.get(work, 0) + 1
        first = sum(step.misfire for step in episode.steps if step.attempt == 1)
        assert episode.metrics.first_misfires == first <= episode.metrics.misfires
    assert sum(e.metrics.misfires - e.metrics.first_misfires for e in done) > 20
