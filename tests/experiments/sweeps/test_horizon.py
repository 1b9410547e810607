"""How long an undisturbed episode takes, and which horizon cuts almost none off."""

from __future__ import annotations

from pathlib import Path

import pytest

from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.horizon import ENOUGH, try_horizon, undisturbed, with_horizon
from tests.command import plandrift

SLOW = {"volatility": 0.1, "channel.latency": 1.0, "agent.thinking_time": 2.0, "horizon": 80.0}


@pytest.mark.parametrize("horizon", [5.0, 80.0])
def test_an_undisturbed_episode_is_a_plan_and_its_steps(horizon: float) -> None:
    # Thinking once and ten steps, however short the horizon and fast the world are.
    assert undisturbed(condition("records", "if-match", SLOW | {"horizon": horizon})) == 12.0


def test_a_world_without_goals_has_no_end_but_the_horizon() -> None:
    assert undisturbed(condition("tileworld", "gated")) is None


def test_an_ample_horizon_is_found_by_doubling() -> None:
    one = condition("records", "if-match", SLOW)
    trial = try_horizon([one], 60.0)
    assert trial.cut > 0.5
    assert trial.ample
    assert trial.factor > 1
    ample = with_horizon(one, 80.0 * trial.factor)
    assert not any(ample.run(seed).metrics.cut_off for seed in range(8))
    assert any(with_horizon(one, 40.0 * trial.factor).run(seed).metrics.cut_off for seed in range(8))


def test_a_horizon_that_is_ample_is_left_as_it_is() -> None:
    trial = try_horizon([condition("records", "plan-once", SLOW)], 60.0, seeds=3)
    assert (trial.cut, trial.factor, trial.left, trial.episodes) == (0.0, 1, 0.0, 3)
    assert trial.left < ENOUGH


def test_an_agent_without_end_is_named() -> None:
    # An observation each half unit restarts a thinking time of 2: no plan ever comes.
    livelock = {"channel.sampling": "poll", "channel.poll_every": 0.5, "agent.interrupted": "restart"}
    one = condition("telegraph", "replan-each", SLOW | livelock | {"horizon": 20.0})
    trial = try_horizon([one], 60.0, seeds=2)
    assert not trial.ample
    assert trial.endless == one
    # A longer horizon would only make it run longer.
    assert trial.factor == 1


def test_the_dry_run_says_it(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(
        'world = "records"\npolicy = "if-match"\nseeds = 20\nhorizon = 80\n[grid]\nvolatility = [0.1]\n'
        '[fixed]\n"channel.latency" = 1.0\n"agent.thinking_time" = 2.0\n'
    )
    said = plandrift("sweep", "spec.toml", "--dry-run", cwd=tmp_path).stdout.splitlines()[-1]
    assert said.startswith("an undisturbed episode takes 12; horizon 80 cut off ")
    assert said.endswith(" would be ample")
