"""The closed forms behind an instant answer, held against episodes of the engine."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plandrift.experiments.agents.advise.exact import FORMS, SilentSystem
from plandrift.experiments.agents.advise.prices import COMPONENTS, components
from plandrift.experiments.statistics.theory import any_differs
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import PlandriftError

SYSTEMS = {
    "two fluents a step": SilentSystem(0.05, 4, 6, 2, 2.0, 1.0, 0.4, 0.6),
    "a fast world": SilentSystem(0.2, 2, 3, 1, 0.5, 1.0, 0.0, 1.0),
    "slow thinking": SilentSystem(0.02, 1000, 4, 3, 10.0, 2.0, 1.0, 2.0),
}


def measured(of: SilentSystem, policy: str, seeds: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    settings = {
        "volatility": of.rate,
        "world.values": of.values,
        "world.steps": of.steps,
        "world.requires": of.requires,
        "agent.thinking_time": of.thinking,
        "agent.step_duration": of.step,
        "agent.action_latency": of.lands,
        "agent.read_latency": of.trip,
        "channel.loss": 1.0,
        "horizon": 3000.0,
    }
    one = condition("telegraph", policy, settings)
    return np.array([components(one.run(seed).metrics) for seed in range(seeds)])


def disagreements(of: SilentSystem, policy: str, seeds: int, limit: float) -> list[tuple[str, float, float]]:
    """The components that are more than `limit` standard errors off: name, theory, mean of episodes."""
    expected = FORMS[policy](of)
    assert expected is not None
    rows = measured(of, policy, seeds)
    found = []
    for name, column in zip(COMPONENTS, rows.T, strict=True):
        error = column.std(ddof=1) / math.sqrt(seeds)
        gap = column.mean() - expected[name]
        # What was never seen in so many episodes is at most rare.
        if abs(gap) > limit * error + (5 / seeds if error == 0 else 0):
            found.append((name, expected[name], float(column.mean())))
    return found


@pytest.mark.long
@pytest.mark.parametrize("policy", FORMS)
def test_a_form_meets_the_episodes(policy: str) -> None:
    assert disagreements(SYSTEMS["two fluents a step"], policy, 250, 4.5) == []


@pytest.mark.slow
@pytest.mark.parametrize("policy", FORMS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_form_meets_many_episodes(system: str, policy: str) -> None:
    assert disagreements(SYSTEMS[system], policy, 1500, 4.0) == []


@given(st.floats(0, 50), st.floats(0.001, 2), st.integers(2, 50), st.integers(1, 5))
def test_many_ages_at_once_are_what_each_is(age: float, rate: float, values: int, requires: int) -> None:
    of = SilentSystem(rate, values, 1, requires, 0.0, 1.0, 0.0, 0.0)
    expected = any_differs(age, rate, values, requires)
    assert float(of.stale(np.array([age, 1.0]))[0]) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("policy", ["gate-only(reads=fresh)", "plan-once(if_match=value)"])
def test_where_an_agent_replans_for_ever_there_is_no_form(policy: str) -> None:
    assert FORMS[policy](SilentSystem(2.0, 1000, 10, 5, 10.0, 1.0, 0.5, 1.0)) is None


def test_a_call_that_lands_after_its_steps_duration_is_refused() -> None:
    with pytest.raises(PlandriftError, match=r"lands 1.5 after it is fired, in a step of 1"):
        SilentSystem(0.1, 2, 4, 1, 1.0, 1.0, 1.5, 0.0)


def test_in_a_still_world_nothing_is_paid_but_time_and_looks() -> None:
    of = SilentSystem(0.0, 2, 5, 1, 2.0, 1.0, 0.5, 0.5)
    looked = FORMS["gate-only(reads=fresh)"](of)
    assert looked is not None
    assert looked["reads"] == 5
    assert looked["misfires"] == looked["replans"] == looked["false blocks"] == 0
    assert looked["time"] == pytest.approx(2 + 5 * 1.5)
