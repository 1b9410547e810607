"""Advice on crews: what the seeds decide is said, and what they do not decide is said to be so."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.experiments.agents.advise.crews import Crew, CrewAdvice, advise_crews, contenders, episodes
from plandrift.experiments.cli.crew_advice import crew_settings, recommendation


def advised(shared: int, *crews: Crew, **given: Any) -> CrewAdvice:
    settings = crew_settings(given, {"world.tasks": 8}, [4], steps=2, requires=1, shared=shared)
    return advise_crews(settings, [Crew(1, "none"), *crews], budget=600)


@pytest.mark.long
def test_four_agents_beat_one_and_turns_do_not_and_locks_that_never_meet_are_not_told_apart() -> None:
    found = advised(1000, Crew(4, "serial"), Crew(4, "none"), **{"agent.thinking_time": "5s"})
    assert found.settled
    assert found.standings[0].crew == Crew(4, "none")
    assert 3 < found.standings[0].times <= 4
    assert {one.verdict for one in found.standings[1:]} == {"less"}
    assert recommendation(found).startswith("Best: 4 agents with no lock and if-match: ")
    found = advised(1000, Crew(4, "step-lock"), Crew(4, "plan-lock"), **{"agent.thinking_time": "5s"})
    assert not found.settled
    assert [one.verdict for one in found.standings] == ["not decided", "not decided", "less"]
    assert recommendation(found).startswith("Not decided after ")
    rows = episodes(Crew(4, "none"), found.settings, 3, 2)
    assert (rows == episodes(Crew(4, "none"), found.settings, 3, 2)).all()


def test_a_call_lands_half_way_and_what_is_set_has_precedence() -> None:
    settings = crew_settings(
        {"agent.step_duration": "2s", "agent.thinking_time": "1 min"}, {"world.steps": "5"}, [1, 32], 10, 2, 7
    )
    assert (settings["agent.action_latency"], settings["agent.read_latency"]) == (1.0, 2.0)
    assert settings["crew.spread"] == 60 + 5 * 2
    assert settings["world.tasks"] == 96
    assert [crew.name for crew in contenders([1, 2], ["serial", "step-lock", "plan-lock", "start-lock"])] == [
        "one agent",
        "2 agents with no lock and if-match",
        "2 agents with merge-queue",
    ]
