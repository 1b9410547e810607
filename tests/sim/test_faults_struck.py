"""What each way of going wrong looks like where it strikes every time: outcome, answer, cause, MAST code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from plandrift.policies import Assembled, bold_broken, cautious, if_match, plan_once
from plandrift.sim import Call, Episode, Handoff, Scene, Streams, run
from plandrift.sim.trace.events import Fired
from plandrift.worlds import Records
from tests.sim.scripted import Corridor, CorridorScene, Wires, WiresScene, events

ALWAYS = 1.0
MOVED = ((0.5, "wire-1", "b"),)


@dataclass(frozen=True)
class Confusing(Wires):
    """Wires of which each is taken for the one before it, and whose values may be lost in a hand-off."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return ConfusingScene(self)


class ConfusingScene(WiresScene):
    def confusable(self, call: Call) -> Sequence[Call]:
        return [call.but(wire=(call.arg("wire") - 1) % self.world.steps)]

    def sources(self, call: Call) -> dict[str, str]:
        return {"value": f"wire-{call.arg('wire')}"}

    def side_effects(self, call: Call, values: Any, mark: float) -> dict[str, Any]:
        return {f"wire-{call.arg('wire') + 1}": "formatted"} if call.arg("wire") == 0 else {}


def failures(episode: Episode) -> list[tuple[str, ...] | None]:
    """The cause and the codes of each step fired, None for one that did not fail."""
    return [(s.failure.cause, *s.failure.mast) if s.failure else None for s in episode.steps]


@pytest.mark.parametrize(
    ("fails", "reported", "harm"), [("rejected", "error", 0), ("harmful", "ok", 1), ("void", "ok", 0)]
)
def test_a_call_whose_wire_has_moved_is_answered_by_its_nature(fails: str, reported: str, harm: int) -> None:
    episode = run(Wires(steps=2).but(*MOVED, fails=fails), plan_once())
    assert [(s.outcome, s.reported) for s in episode.steps] == [("effective", "ok"), (fails, reported)]
    assert failures(episode) == [None, ("drift_shown", "FM-2.5")]
    assert (episode.metrics.harm, episode.metrics.misfires, episode.metrics.goals_met) == (harm, 1, 0.5)
    late = run(Wires(steps=2).but(*MOVED, fails=fails), plan_once(), latency=3.0)
    assert failures(late) == [None, ("drift_blind", "drift")]
    assert [s.shown for s in late.steps] == [(), ()]
    assert [s.shown for s in episode.steps] == [(), ("wire-1",)]


def test_what_another_hand_has_done_is_a_repeat() -> None:
    episode = run(Wires(steps=2).but((0.5, "sent-1", True), (0.75, "sent-0", False)), plan_once())
    assert [(s.outcome, s.misfire) for s in episode.steps] == [("effective", False), ("repeat", False)]
    assert failures(episode) == [None, ("done_by_other", "FM-1.3")]
    assert (episode.metrics.repeats, episode.metrics.goals_met) == (1, 0.5)


def test_a_slip_makes_the_sibling_of_the_planned_call() -> None:
    world = Confusing(steps=2)
    episode = run(world, plan_once(), slip=ALWAYS, loss=1.0)
    assert [(str(s.call), str(s.planned), s.mismatch) for s in episode.steps] == [
        ("send(wire=1, value='a')", "send(wire=0, value='a')", True),
        ("send(wire=0, value='a')", "send(wire=1, value='a')", True),
    ]
    assert failures(episode) == [("slip", "FM-2.6")] * 2
    metrics = episode.metrics
    assert (metrics.mismatches, metrics.mismatches_fired, metrics.mismatches_blocked) == (2, 2, 0)
    guarded = run(world, plan_once(reconcile=True), slip=ALWAYS, horizon=3.5, trace=True)
    assert guarded.steps == ()
    reasons = {(e.verdict, e.reason) for e in events(guarded, "verdict")}
    assert reasons == {("block", "the plan names send(wire=0, value='a')")}
    blocked = guarded.metrics.mismatches_blocked
    assert (blocked, guarded.metrics.blocks, guarded.metrics.false_blocks) == (blocked, blocked, 0)
    assert blocked > 1
    assert run(world, plan_once(), slip=ALWAYS, minds=1).metrics.mismatches == 0


@dataclass(frozen=True)
class Once(Confusing):
    """What has been sent cannot be sent again: each step also needs that it has not been."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return OnceScene(self)


class OnceScene(ConfusingScene):
    def requires(self, call: Call) -> dict[str, Any]:
        return {**super().requires(call), f"sent-{call.arg('wire')}": False}


def test_what_a_slip_writes_makes_the_steps_stale_that_need_it_as_it_was() -> None:
    """The first call sends the last wire: the last step is stale then, and the agent does not hear of it."""
    episode = run(Once(steps=3), plan_once(), slip=ALWAYS, loss=1.0)
    assert [s.call.arg("wire") for s in episode.steps] == [2, 0, 1]
    assert [s.staleness for s in episode.steps] == [0, 0.5, 1]
    assert [s.blind for s in episode.steps] == [0, 0.5, 1]
    assert [s.version for s in episode.steps] == [0, 0.5, 1]
    assert episode.steps[2].violated == (("sent-2", 0),)
    rows = [s.row() for s in episode.steps]
    assert [(row["failure"], row["mast"]) for row in rows] == [("slip", ["FM-2.6"])] * 3


def test_a_planner_that_errs_plans_the_sibling() -> None:
    episode = run(Confusing(steps=3), plan_once(), planner_error=ALWAYS, trace=True)
    (plan,) = events(episode, "plan")
    assert [step.call.arg("wire") for step in plan.steps] == [2, 0, 1]
    assert plan.wrong == (0, 1, 2)
    assert episode.metrics.success == 1
    wrong = run(Confusing(steps=3).but((1.5, "wire-1", "b")), plan_once(), planner_error=ALWAYS)
    assert failures(wrong) == [None, None, ("planner_error",)]


def test_a_silent_success_does_nothing_and_says_ok() -> None:
    episode = run(Wires(steps=2), plan_once(), silent_success=ALWAYS)
    assert [(s.outcome, s.reported, s.silent) for s in episode.steps] == [("void", "ok", True)] * 2
    assert failures(episode) == [("silent_success", "FM-3.2")] * 2
    metrics = episode.metrics
    assert (metrics.undetected_silent_successes, metrics.goals_met, metrics.false_completion) == (2, 0, 1)
    checked = run(Wires(steps=2), plan_once(verify=True, max_failures=1), silent_success=ALWAYS)
    assert [(s.verified, s.silent) for s in checked.steps] == [(False, True)]
    assert (checked.metrics.undetected_silent_successes, checked.metrics.verified) == (0, 1)
    assert failures(checked) == [("silent_success",)]


def test_a_side_effect_of_a_call_of_its_own_is_blamed_for_what_it_breaks() -> None:
    world = Confusing(steps=3)
    episode = run(world, plan_once(), side_effects=ALWAYS, trace=True)
    assert [(e.t, e.fluent, e.value) for e in events(episode, "side-effect")] == [(0, "wire-1", "formatted")]
    assert failures(episode) == [None, ("side_effect", "FM-2.5"), None]
    assert (episode.metrics.side_effects, episode.metrics.exogenous_changes) == (1, 0)
    both = run(world.but((0.5, "wire-1", "b")), plan_once(), side_effects=ALWAYS)
    assert failures(both) == [None, ("drift_shown", "FM-2.5"), None]


def test_a_summary_that_loses_an_argument_is_filled_in_from_what_the_executor_knew() -> None:
    world = Confusing(steps=2).but((0.5, "wire-1", "b"), (0.75, "wire-0", "c"))
    told: dict[str, Any] = {"mode": "summary", "thinking_time": 1.0}
    lossy = run(world, bold_broken(), fidelity=0.0, horizon=2.5, **told)
    assert [(s.time, str(s.call), str(s.planned)) for s in lossy.steps] == [
        (2, "send(wire=0, value='a')", "send(wire=0, value='c')")
    ]
    assert failures(lossy) == [("handoff", "FM-2.6", "FM-2.4")]
    whole = run(world, bold_broken(), fidelity=1.0, **told)
    assert (whole.metrics.mismatches, whole.metrics.success) == (0, 1)
    assert run(world, bold_broken(), fidelity=0.0, thinking_time=1.0).metrics.mismatches == 0
    assert run(world, bold_broken(), fidelity=0.0, minds=1, **told).metrics.mismatches == 0


@dataclass(frozen=True)
class Slamming(Corridor):
    """Whoever walks through the first door slams the second."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return SlammingScene(self)


class SlammingScene(CorridorScene):
    def side_effects(self, call: Call, values: Any, mark: float) -> dict[str, Any]:
        return {"door-1": "shut"} if call.arg("door") == 0 else {}


def test_a_side_effect_is_blamed_only_where_nobody_else_had_a_hand_in_it() -> None:
    alone = run(Slamming(steps=2), plan_once(), side_effects=ALWAYS)
    assert failures(alone) == [None, ("side_effect", "FM-2.5")]
    both = run(Slamming(steps=2).but((0.5, "place", 0)), plan_once(), side_effects=ALWAYS)
    assert both.steps[1].violated == (("place", 0.5), ("door-1", 0))
    assert failures(both) == [None, ("drift_shown", "FM-2.5")]


@dataclass(frozen=True)
class Forgetful(Corridor):
    """The door to walk through may be lost in a hand-off: it is the one at the place."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return ForgetfulScene(self)


class ForgetfulScene(CorridorScene):
    def sources(self, call: Call) -> dict[str, str]:
        return {"door": "place"}


def test_the_executor_of_a_summary_knows_what_its_own_calls_have_written() -> None:
    episode = run(Forgetful(steps=3), cautious(), mode="summary", fidelity=0.0)
    assert [step.call.arg("door") for step in episode.steps] == [0, 1, 2]
    assert episode.metrics.mismatches == 0
    once = run(Forgetful(steps=3), plan_once(), mode="summary", fidelity=0.0, horizon=2.5)
    assert [step.call.arg("door") for step in once.steps] == [0, 0, 0]


def test_an_executor_that_was_told_a_summary_does_not_know_what_its_steps_assume() -> None:
    """Its gate sees nothing violated, and its call carries nothing."""
    told: dict[str, Any] = {"mode": "summary", "trace": True}
    world = Wires(steps=2).but(*MOVED)
    assert run(world, plan_once(drift_gate=True), **told).metrics.blocks == 0
    assert run(world, plan_once(drift_gate=True), trace=True).metrics.blocks == 1
    carried = run(world, plan_once(if_match="value"), **told)
    assert [(s.declared, s.outcome) for s in carried.steps] == [((), "effective"), ((), "rejected")]


@pytest.mark.parametrize(
    ("compares", "refused", "again"),
    [("value", [False, True, False], [1, 1, 2, 1]), ("version", [False, True, True], [1, 1, 2, 1, 2])],
)
def test_a_call_that_carries_its_assumptions_is_refused_where_one_does_not_hold(
    compares: Any, refused: Sequence[bool], again: Sequence[int]
) -> None:
    """By value what went there and back is no matter, by version it is."""
    moves = ((0.5, "wire-1", "b"), (0.75, "wire-2", "b"), (1.0, "wire-2", "a"))
    world = Wires(steps=3).but(*moves, fails="harmful")
    deaf: dict[str, Any] = {"loss": 1.0, "trace": True}
    once = Assembled(trigger="never", if_match=compares, max_replans=0, when_bounded="go-on")
    episode = run(world, once, **deaf)
    assert [s.declared for s in episode.steps] == [("wire-0",), ("wire-1",), ("wire-2",)]
    assert [s.outcome == "refused" for s in episode.steps] == refused
    assert failures(episode) == [None, None, None]
    metrics = episode.metrics
    assert (metrics.refused, metrics.misfires, metrics.harm) == (sum(refused), 0, 0)
    assert [s.verdict for s in episode.steps] == ["if-match"] * 3
    mended = run(world, if_match(if_match=compares), **deaf)
    count = sum(refused)
    assert (mended.metrics.success, mended.metrics.refused, mended.metrics.replans) == (1, count, count)
    assert mended.metrics.reads == count
    assert [s.attempt for s in mended.steps] == again
    assert run(world, if_match(if_match=compares, declares=0.0), **deaf).metrics.harm == 1


def test_a_slip_that_leads_back_to_the_planned_call_is_no_failure_when_it_works() -> None:
    came_back = 0
    for seed in range(60):
        episode = run(
            Records(volatility=0.3, records=6, endpoints=2, linked=0.0),
            Assembled(reconcile=True),
            slip=0.5,
            handoff=Handoff(mode="summary", fidelity=0.0),
            horizon=20,
            seed=seed,
            trace=True,
        )
        slipped = {event.t for event in episode.trace if isinstance(event, Fired) and event.slipped}
        for step in episode.steps:
            if step.time in slipped and step.call == step.planned and step.outcome == "effective":
                assert step.failure is None
                came_back += 1
    assert came_back > 3
