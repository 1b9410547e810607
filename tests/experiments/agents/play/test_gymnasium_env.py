"""The worlds as Gymnasium environments pass its own checker, and reward what was achieved."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("gymnasium")

import gymnasium
from gymnasium.utils.env_checker import check_env

from plandrift.experiments.agents.play.gymnasium_env import ACTIONS, SessionEnv
from plandrift.policies import gated, plan_once
from plandrift.sim import SettingError, run
from plandrift.worlds import WORLDS, Records

NAMES = [WORLDS[name].__name__ for name in WORLDS if name not in ("recorded", "pddl")]


@pytest.mark.parametrize("space", ["dict", "text"])
@pytest.mark.parametrize("name", NAMES)
def test_gymnasiums_own_checker_finds_nothing(name: str, space: str) -> None:
    env = gymnasium.make(f"plandrift/{name}-v0", space=space)
    check_env(env.unwrapped, skip_render_check=True)
    assert env.reset(seed=1)[0] in env.observation_space


def test_whoever_fires_the_plan_blindly_gets_what_plan_once_gets() -> None:
    env = SessionEnv(Records(volatility=0.1), misfire=0.25, harm=2.0, latency=1.0)
    env.reset(seed=5)
    total, over = 0.0, False
    while not over:
        assert env.session is not None
        act = "fire" if env.session.plan_left and not env.session.goals_met else "done"
        _, reward, over, cut, _ = env.step(ACTIONS.index(act))
        total += reward
        assert not cut
    metrics = run(Records(volatility=0.1), plan_once(), seed=5, latency=1.0).metrics
    assert total == pytest.approx(metrics.effectiveness - 0.25 * metrics.misfires - 2.0 * metrics.harm)
    assert metrics.misfires > 0


def test_the_horizon_cuts_an_episode_off() -> None:
    env = SessionEnv("records", horizon=3.0, guard=gated())
    env.reset(seed=1)
    ends = [env.step(ACTIONS.index("wait"))[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]


def test_in_text_it_is_what_a_person_plays() -> None:
    env = SessionEnv("tickets", space="text", volatility=0.0, render_mode="ansi")
    task, _ = env.reset(seed=7)
    assert task.startswith("Close the support tickets")
    said, *_ = env.step("look ticket-1.status")
    assert 'ticket-1.status = "open"' in said
    assert env.render() == said
    wrong, *_ = env.step("close 1")
    assert wrong.startswith("? ")


@pytest.mark.parametrize("given", [{"space": "pixels"}, {"world": "nowhere"}, {"latncy": 1.0}])
def test_what_there_is_not_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        SessionEnv(**given).reset(seed=1)
