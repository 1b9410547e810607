"""Times and rates in people's words are the numbers that they stand for, everywhere a time is taken."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plandrift.experiments.analysis.tables import numeric
from plandrift.experiments.figures.labels import axis_of
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import Distribution, SettingError
from plandrift.sim.settings.real_time import (
    SECONDS,
    InUnit,
    per_second,
    rate_words,
    seconds,
    time_words,
    unit_of,
)

AMOUNTS = st.floats(0.001, 1000).map(lambda x: float(f"{x:.4g}"))


@given(AMOUNTS, st.sampled_from(sorted(SECONDS)), st.sampled_from(["", " ", "  "]))
def test_a_time_is_its_amount_times_its_unit(amount: float, unit: str, gap: str) -> None:
    assert seconds(f"{amount}{gap}{unit}") == amount * SECONDS[unit]
    assert unit_of(f"{amount}{gap}{unit}") == (unit, SECONDS[unit])


@given(AMOUNTS, st.sampled_from(sorted(SECONDS)), st.sampled_from(["{} per {}", "{}/{}", "{} a {} per file"]))
def test_a_rate_is_its_amount_over_its_unit(amount: float, unit: str, form: str) -> None:
    assert per_second(form.format(amount, unit)) == pytest.approx(amount / SECONDS[unit], rel=1e-12)


@given(st.floats(1e-6, 1e7))
def test_words_for_people_say_the_same_number(value: float) -> None:
    assert seconds(time_words(value)) == pytest.approx(value, rel=0.01)
    assert per_second(rate_words(value)) == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize(
    "text", ["", "5", "bananas", "5 bananas", "-5s", "5 s s", "nan s", "per hour", "5 per 0 s"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert seconds(text) is None
    assert per_second(text) is None
    assert unit_of(text) is None


def test_words_are_taken_wherever_a_time_is() -> None:
    given = {
        "volatility": "6 per minute",
        "horizon": "2 min",
        "channel.latency": "exponential(500 ms)",
        "channel.poll_every": "20 ms",
        "policy.min_interval": "1.5s",
    }
    one = condition("records", "gated", given)
    assert (one.parts.world.volatility, one.parts.horizon) == (0.1, 120.0)
    assert one.parts.channel.latency == Distribution("exponential", (0.5,))
    assert (one.parts.channel.poll_every, one.settings["policy.min_interval"]) == (0.02, 1.5)
    assert one.value("volatility") == "6 per minute", "shown back as it was given"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("volatility", "3 per fortnight", "a rate such as 3 per hour"),
        ("horizon", "5 bananas", "a time such as 5s"),
        ("channel.poll_every", "5 bananas", "a time such as 5s"),
        ("channel.latency", "gamma(mean=5 bananas, shape=2)", "'5 bananas' is not a number"),
        ("channel.latency", "gamma(mean=5s, shape=2s)", "'2s' is not a number"),
    ],
)
def test_what_is_no_time_is_refused_with_what_is(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        condition("records", "gated", {name: value})


def test_an_axis_counts_in_the_unit_of_its_words() -> None:
    rows: list[dict[str, Any]] = [{"volatility": "10 per hour"}, {"volatility": "1 per min"}]
    numeric(rows, "volatility")
    values = [row["volatility"] for row in rows]
    assert values == [10.0, 60.0]
    assert axis_of("volatility", values=values) == "volatility (changes per fluent per hour)"
    assert math.isclose(InUnit.of("1 per min", "hour").factor / 60, 60)


def test_words_and_numbers_on_one_axis_are_refused() -> None:
    with pytest.raises(SettingError, match="an axis needs numbers"):
        numeric([{"horizon": "2 min"}, {"horizon": 3.0}], "horizon")
