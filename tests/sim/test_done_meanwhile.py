"""What a plan asks for though its basis knew it to be done is done anew; what was done since is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plandrift.policies import Assembled, cautious, replan_each
from plandrift.sim import Call, run
from tests.sim.scripted import Corridor, Wires, events


def whatever(belief: Mapping[str, Any], goals: Mapping[str, Any]) -> Sequence[Call]:
    """A planner that plans every step, done or not."""
    return [Call.of("send", wire=i, value=belief[f"wire-{i}"]) for i in range(3)]


def test_a_step_that_the_basis_knew_to_be_done_is_done_again() -> None:
    """Each answer makes a plan, which knows what was answered, and begins with the first step again."""
    episode = run(Wires(steps=3), cautious(), planner=whatever, loss=1.0, horizon=2.5, trace=True)
    assert [event.done for event in events(episode, "plan")] == [(), (), ()]
    assert [step.call.arg("wire") for step in episode.steps] == [0, 0, 0]


def test_a_step_that_was_answered_while_the_plan_was_made_is_not_nor_is_the_one_under_way() -> None:
    world = Wires(steps=3).but((1.25, "wire-2", "b"))
    slow: dict[str, Any] = {"thinking_time": 0.5, "thinking": "concurrent", "scope": "wire-*", "trace": True}
    episode = run(world, replan_each(), planner=whatever, **slow)
    plans = [(event.t, event.done, event.in_flight) for event in events(episode, "plan")]
    assert plans == [(0.5, (), None), (1.75, (0,), 1)]
    assert [step.call.arg("wire") for step in episode.steps] == [0, 1, 2]


def test_a_call_under_way_whose_effect_the_basis_knew_is_made_again() -> None:
    """The news at 0.1 asks for a plan at 0.4, when the belief shows what the call has done at 0.2."""
    world = Wires(steps=3).but((0.1, "wire-2", "b"))
    late: dict[str, Any] = {"action_latency": 0.2, "horizon": 1.5, "trace": True}
    known = run(world, replan_each(debounce=0.3), planner=whatever, **late)
    assert [(event.t, event.in_flight) for event in events(known, "plan")] == [(0, None), (0.4, None)]
    unheard = run(world, replan_each(debounce=0.3), planner=whatever, scope="wire-*", **late)
    assert [(event.t, event.in_flight) for event in events(unheard, "plan")] == [(0, None), (0.4, 0)]


def test_what_a_call_of_the_plan_before_has_written_is_what_the_next_rests_on() -> None:
    """The call under way is no step of the plan that comes; its answer makes that plan fit."""

    def planner(belief: Mapping[str, Any], goals: Mapping[str, Any]) -> Sequence[Call]:
        first = 0 if belief["door-3"] == "open" else 1
        return [Call.of("walk", door=i) for i in range(first, 3)]

    gate = Assembled(trigger="observation", drift_gate=True)
    late: dict[str, Any] = {"planner": planner, "scope": "door-*", "action_latency": 0.5, "horizon": 2.9}
    episode = run(Corridor(steps=4).but((0.25, "door-3", "shut")), gate, trace=True, **late)
    assert [event.in_flight for event in events(episode, "plan")] == [None, None]
    assert [(event.t, event.verdict) for event in events(episode, "verdict")] == [
        (0, "fire"),
        (1, "fire"),
        (2, "fire"),
    ]
    assert [step.outcome for step in episode.steps] == ["effective"] * 3
