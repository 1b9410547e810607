"""A system as somebody tells of it: values, ranges, and what follows from them."""

from __future__ import annotations

import numpy as np
import pytest

from plandrift.experiments.agents.advise.guards import LADDER, contenders
from plandrift.experiments.agents.advise.prices import Prices, components
from plandrift.experiments.agents.advise.system import DRAWS, Span, UserSystem
from plandrift.policies import plan_once
from plandrift.sim import SettingError, run
from plandrift.worlds import Records


def test_a_range_in_words() -> None:
    assert Span.parse("3s to 8s") == Span(3.0, 8.0)
    assert Span.parse("20 to 80 ms") == Span(0.02, 0.08)
    assert Span.parse("1 to 5 per hour") == Span(1 / 3600, 5 / 3600)
    assert Span.parse("5s") is None
    assert Span.parse("now to then") is None
    with pytest.raises(SettingError, match="lower end first"):
        Span.parse("8s to 3s")


def test_most_of_a_range_lies_between_its_ends() -> None:
    span = Span(2.0, 8.0)
    assert span.at(0.025) == pytest.approx(2.0)
    assert span.at(0.975) == pytest.approx(8.0)
    assert span.middle == pytest.approx(4.0)


def test_draws_are_spread_over_the_range_and_the_same_each_time() -> None:
    system = UserSystem("telegraph", {}, {"volatility": Span(0.01, 0.04)}, seed=3)
    values = [draw["volatility"] for draw in system.draws]
    assert len(values) == DRAWS
    assert values == [draw["volatility"] for draw in UserSystem("telegraph", {}, system.spans, seed=3).draws]
    assert np.median(values) == pytest.approx(0.02, rel=0.05)


def test_what_is_tied_follows_in_every_draw_unless_it_is_given() -> None:
    tied = {"agent.action_latency": ("agent.step_duration", 0.5)}
    system = UserSystem("telegraph", {}, {"agent.step_duration": Span(1.0, 4.0)}, tied=tied)
    for draw in range(DRAWS):
        drawn = system.drawn(draw)
        assert drawn["agent.action_latency"] == drawn["agent.step_duration"] / 2
    assert system.at({"agent.step_duration": 3.0}).drawn(0)["agent.action_latency"] == 1.5
    assert system.at({"agent.action_latency": 0.1}).drawn(0)["agent.action_latency"] == 0.1


def test_a_closed_form_holds_only_for_settings_that_it_knows() -> None:
    silent = {"volatility": 0.01, "channel.loss": 1.0}
    assert UserSystem("telegraph", silent).silent(0) is not None
    late = {"agent.action_latency": 1.5}
    assert UserSystem("telegraph", silent | late).lands_late
    assert not UserSystem("telegraph", silent | late | {"agent.step_duration": 1.5}).lands_late
    spans = {"agent.step_duration": Span(1.0, 3.0)}
    assert UserSystem("telegraph", silent | late, spans).lands_late
    for more in (
        {"world.spread": 0.5},
        {"channel.loss": 0.5},
        {"agent.step_duration": "exponential(1)"},
        late,
    ):
        assert UserSystem("telegraph", silent | more).silent(0) is None, more
    assert UserSystem("records", silent).silent(0) is None


def test_every_contender_is_a_policy_and_no_two_are_one() -> None:
    system = UserSystem("records", {"handoff.mode": "summary", "agent.prepare_time": 1.0})
    found = contenders(system.settings)
    assert {guard.name for guard in found} > {guard.name for guard in LADDER}
    assert len({system.condition(guard).id for guard in found}) == len(found)


def test_a_harmful_call_is_paid_once() -> None:
    metrics = run(Records(volatility=0.3), plan_once(), seed=4).metrics
    assert metrics.harm
    row = components(metrics)
    assert row[0] + row[1] == metrics.misfires
    assert row[2] == 10 - round(metrics.goals_met * 10)
    assert Prices(misfire=3, harm=7, unmet=0).vector @ row == pytest.approx(
        3 * (metrics.misfires - metrics.harm) + 7 * metrics.harm + metrics.false_blocks + 2 * metrics.replans
    )


def test_prices_that_are_none_are_refused() -> None:
    with pytest.raises(SettingError, match="--cost-false-block -1"):
        Prices(false_block=-1)
    with pytest.raises(SettingError, match="every price is 0"):
        Prices(0, 0, 0, 0, 0, 0, 0, 0)
