"""The compiled engine against the SimPy engine: every figure and every record, to the last bit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

pytest.importorskip("numba")

from plandrift.experiments.analysis.closed_forms import cases
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.condition import Condition, condition
from plandrift.experiments.sweeps.engines import episode
from plandrift.experiments.sweeps.spec import read_spec
from plandrift.experiments.twin.coverage import table_of
from plandrift.experiments.twin.engine import reason
from plandrift.experiments.twin.loading import Loaded, load
from plandrift.experiments.twin.twin import Twin
from plandrift.policies import POLICIES
from plandrift.sim import Agent, Channel, Distribution, Handoff, Metrics, StepRecord, run
from plandrift.worlds import Records
from tests.experiments.book.test_suites import SUITES
from tests.experiments.twin.situations import SITUATIONS, Situation

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin()


def apart(
    ours: tuple[Metrics, Iterable[StepRecord]], theirs: tuple[Metrics, Iterable[StepRecord]]
) -> list[Any]:
    """Where the two differ; a NaN is equal to a NaN."""
    one, other = ours[0].row(), theirs[0].row()
    found: list[Any] = [(name, one[name], other[name]) for name in other if not _same(one[name], other[name])]
    steps, others = list(ours[1]), list(theirs[1])
    found += [(len(steps), len(others))] if len(steps) != len(others) else []
    return found + [pair for pair in zip(steps, others, strict=False) if pair[0] != pair[1]]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    # An episode that ends as it begins ends at SimPy's 0, which is a whole number.
    return bool(one == other)


def loaded(it: Situation) -> Loaded:
    table = table_of(it.world, it.agent, it.horizon)
    assert table is not None
    return load(table, it.policy, it.channel, it.agent, it.handoff, it.horizon)


def differences(twin: Twin, it: Situation) -> list[Any]:
    """Where the two engines differ in one situation: in a figure, in a step, in how it ended."""
    found = twin.run(loaded(it), it.seed, steps=True)
    engine = run(
        it.world,
        it.policy,
        channel=it.channel,
        agent=it.agent,
        handoff=it.handoff,
        horizon=it.horizon,
        seed=it.seed,
    )
    assert found is not None
    pairs = [
        ((found.end, found.events), (engine.end, engine.events)),
        (str(found.row), str(found.metrics.row())),
    ]
    return apart((found.metrics, found.steps), (engine.metrics, engine.steps)) + [
        pair for pair in pairs if pair[0] != pair[1]
    ]


@settings(max_examples=300, deadline=None)
@given(it=SITUATIONS)
def test_the_two_are_equal(twin: Twin, it: Situation) -> None:
    assert differences(twin, it) == []


@pytest.mark.slow
@settings(max_examples=8000, deadline=None)
@given(it=SITUATIONS)
def test_the_two_are_equal_in_thousands_of_situations(twin: Twin, it: Situation) -> None:
    assert differences(twin, it) == []


LEFT_OUT = {"region", "retry-on-conflict"}
"""The named policies that only the SimPy engine runs."""


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_named_policies_are_equal(policy: str) -> None:
    for world in ("records", "telegraph"):
        one = condition(world, policy, {"volatility": 0.2, "channel.latency": 1.0, "horizon": 60.0})
        assert bool(reason(one)) == (policy in LEFT_OUT)
        assert policy in LEFT_OUT or unequal(one, range(5)) == []


def unequal(one: Condition, seeds: Iterable[int]) -> list[Any]:
    """Where the two engines differ in a condition, seed by seed."""
    found_apart: list[Any] = []
    for seed in seeds:
        found, engine = episode(one, seed, "compiled", steps=True), one.run(seed)
        differ = apart((found.metrics, found.steps), (engine.metrics, engine.steps))
        found_apart += [(one.given, seed, differ)] if differ else []
    return found_apart


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_every_suites_conditions_are_equal(suite: Path) -> None:
    spec, text = read_spec(suite)
    taken = [one for one in conditions_of(spec, text, str(suite)) if not reason(one)]
    for one in taken:
        assert unequal(one, range(2)) == []


@pytest.mark.slow
def test_every_closed_forms_condition_is_equal() -> None:
    taken = [case.condition for case in cases() if not reason(case.condition)]
    assert len(taken) > 20
    for one in taken:
        assert unequal(one, range(3)) == []


def test_a_busy_episode_of_the_largest_table_is_equal(twin: Twin) -> None:
    """Sixty records, thousands of changes: masks of sixty-one bits, and draws made ready on the way."""
    agent = Agent(thinking_time=Distribution.parse("exponential(0.3)"), slip=0.1, lost_ack=0.1)
    channel = Channel(latency=Distribution.parse("exponential(1)"), loss=0.1)
    for policy in ("replan-each", "if-match", "read-back"):
        made = POLICIES[policy]()
        world = Records(records=60, volatility=0.5)
        it = Situation(world, made, channel, agent, Handoff(), 80.0, 3)  # type: ignore[arg-type]
        assert differences(twin, it) == []


def test_what_needs_more_room_is_left_to_the_engine(twin: Twin) -> None:
    agent = Agent(step_duration=Distribution.constant(0.01), thinking_time=Distribution.constant(5000.0))
    crowded = Channel(sampling="poll", poll_every=0.001, latency=Distribution.constant(1000.0))
    full = Situation(Records(), POLICIES["plan-once"](), crowded, agent, Handoff(), 20_000.0, 1)  # type: ignore[arg-type]
    assert twin.run(loaded(full), 1) is None
    one = condition(
        "records",
        "plan-once",
        {
            "channel.sampling": "poll",
            "channel.poll_every": 0.01,
            "channel.latency": 100.0,
            "agent.thinking_time": 60.0,
            "horizon": 60.0,
        },
    )
    assert unequal(one, [1]) == []
