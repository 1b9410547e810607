"""A planner of one's own in the world's place: every policy guards it, and its mistakes are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plandrift.policies import POLICIES, gated, plan_once
from plandrift.sim import Call, OwnPlanner, PlannerError, Scene, SettingError, Streams, run
from plandrift.worlds import Records, Telegraph

Belief = Mapping[str, Any]


def last_first(belief: Belief, goals: Belief) -> Sequence[Call]:
    """Update the records that are believed outdated, the last first."""
    return [
        Call.of(
            "update_record",
            record=i,
            endpoint=belief[f"record-{i}.endpoint"],
            schema=belief[f"record-{i}.schema"],
            owner=belief[f"record-{i}.owner"],
        )
        for i in range(9, -1, -1)
        if belief[f"record-{i}.content"] != goals[f"record-{i}.content"]
    ]


def test_it_plans_in_the_place_of_the_world() -> None:
    episode = run(Records(volatility=0.0, linked=0.0), plan_once(), planner=last_first)
    assert [dict(step.call.args)["record"] for step in episode.steps] == list(range(9, -1, -1))
    assert episode.metrics.success == 1


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_guards_it_and_the_world_moves_as_ever(policy: str) -> None:
    mine = run(Records(volatility=0.05), POLICIES[policy](), planner=last_first, latency=1.0, trace=True)
    ours = run(Records(volatility=0.05), POLICIES[policy](), latency=1.0, trace=True)
    assert mine.metrics.steps_fired > 0
    logs = [[e for e in episode.trace if e.kind == "exogenous"] for episode in (mine, ours)]
    both = min(len(log) for log in logs)
    assert [getattr(e, "fluent", "") for e in logs[0][:both]] == [
        getattr(e, "fluent", "") for e in logs[1][:both]
    ]


def test_the_worlds_own_planner_in_its_place_changes_nothing() -> None:
    for seed in range(5):
        world = Telegraph(volatility=0.2)
        scene = world.begin(Streams(seed), 200.0)
        mix: dict[str, Any] = {"seed": seed, "latency": 1.0, "thinking_time": 0.3}

        def plan(belief: Belief, goals: Belief, scene: Scene = scene) -> Sequence[Call] | None:
            return scene.plan(belief)

        theirs = run(world, gated(), planner=plan, **mix).metrics.row()
        assert theirs == pytest.approx(run(world, gated(), **mix).metrics.row(), nan_ok=True)


def test_where_it_finds_none_the_agent_waits_for_news() -> None:
    asked: list[float] = []

    def never(belief: Belief, goals: Belief) -> None:
        asked.append(1)

    episode = run(Telegraph(volatility=0.5), plan_once(), planner=never, horizon=20)
    assert episode.end == "horizon"
    assert episode.metrics.steps_fired == 0
    assert len(asked) > 10


def raising(belief: Belief, goals: Belief) -> list[Call]:
    return [belief["nowhere"]]


WRONG: dict[str, tuple[Callable[[Belief, Belief], Any], str]] = {
    "raises": (raising, r"raised KeyError: 'nowhere'"),
    "not calls": (lambda *_: ["update"], "which is not a Call"),
    "not a sequence": (lambda *_: 7, "TypeError"),
    "nothing": (lambda *_: [], "no calls while goals are open"),
    "unknown action": (lambda *_: [Call.of("fly")], "which the world does not know"),
    "unknown fluent": (
        lambda *_: [Call.of("update_record", record=99, endpoint="staging", schema=1, owner="bo")],
        "record-99.endpoint.*no such fluent",
    ),
    "writes to it": (lambda belief, _: belief.update({}), "raised AttributeError"),  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_mistake_is_one_line_with_its_name_its_file_and_its_line(kind: str) -> None:
    planner, says = WRONG[kind]
    given: OwnPlanner = planner
    with pytest.raises(PlannerError) as caught:
        run(Records(), plan_once(), planner=given)
    line = str(caught.value)
    assert "\n" not in line
    assert re.search(says, line), line
    assert re.search(rf"{re.escape(Path(__file__).name)}:\d+\)", line), line
    if kind == "raises":
        number = next(
            i
            for i, text in enumerate(Path(__file__).read_text().splitlines(), 1)
            if text.strip() == 'return [belief["nowhere"]]'
        )
        assert f":{number})" in line


def test_it_does_not_go_together_with_repair() -> None:
    with pytest.raises(SettingError, match="your own planner plans from scratch"):
        run(Records(), gated(repair=True), planner=last_first)


def test_what_was_meant_is_said_where_a_name_a_class_or_a_maker_is_given() -> None:
    for world, policy, says in (
        ("records", plan_once(), "give the world itself, such as plandrift.worlds.Records()"),
        (Records, plan_once(), r"call it: give Records()"),
        (Records(), gated, r"call it: give gated()"),
        (Records(), "gated", "such as plandrift.policies.gated()"),
        (Records(), None, "give a plandrift.Policy"),
    ):
        with pytest.raises(SettingError) as caught:
            run(world, policy)  # type: ignore[arg-type]
        assert says in str(caught.value)


def test_settings_that_would_do_nothing_are_refused() -> None:
    with pytest.raises(SettingError, match="repair"):
        run(Records(), gated(repair=True))
    with pytest.raises(SettingError, match="ack_timeout"):
        run(Records(), gated(), lost_ack=0.1, ack_timeout=0.5)
    run(Records(), gated(), ack_timeout=0.5)


def test_an_episode_shows_itself_in_three_lines() -> None:
    shown = repr(run(Records(), gated(), seed=7, trace=True))
    assert len(shown.splitlines()) == 3
    assert all(len(line) < 100 for line in shown.splitlines())
    assert "Records under gated, seed 7" in shown
