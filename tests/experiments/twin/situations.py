"""Situations that both engines can run, drawn from all that the compiled one takes."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from plandrift.policies import TRIGGERS, Assembled
from plandrift.sim import Agent, Channel, Distribution, Handoff, World
from plandrift.worlds import Records, Telegraph


class Situation(NamedTuple):
    """One episode's worth of settings."""

    world: World
    policy: Assembled
    channel: Channel
    agent: Agent
    handoff: Handoff
    horizon: float
    seed: int


VARIED = ("exponential(0.7)", "uniform(0.1, 1.5)", "gamma(mean=1, shape=0.5)", "empirical(0.3, 0.9, 2)")


def times(*fixed: float) -> st.SearchStrategy[Distribution]:
    return st.sampled_from([Distribution.parse(time) for time in (*fixed, *VARIED)])


def rarely(*values: Any) -> st.SearchStrategy[Any]:
    """The first of these most of the time."""
    return st.sampled_from([values[0]] * len(values) + list(values[1:]))


RATES = st.sampled_from([0.0, 0.0, 0.1, 0.4])
VOLATILITIES = st.sampled_from([0.0, 0.02, 0.1, 0.3, 1.0])
SPREADS = rarely(None, 0.3)

RECORDS = st.builds(
    Records,
    volatility=VOLATILITIES,
    records=st.sampled_from([1, 3, 6, 10]),
    endpoints=st.sampled_from([2, 4]),
    linked=st.sampled_from([0.0, 0.3, 0.9]),
    spread=SPREADS,
)
TELEGRAPHS = st.builds(
    Telegraph,
    volatility=VOLATILITIES,
    steps=st.sampled_from([1, 4, 8]),
    requires=st.sampled_from([1, 2, 3]),
    values=st.sampled_from([2, 3]),
    chain=rarely(1, 3),
    fluents=rarely(None, 4),
    spread=SPREADS,
)
POLICIES = st.builds(
    Assembled,
    trigger=st.sampled_from(list(TRIGGERS)),
    every=st.sampled_from([1, 2, 4]),
    watches=st.sampled_from([("*",), ("*.owner", "wire-1")]),
    drift_gate=st.booleans(),
    reconcile=st.booleans(),
    verify=rarely(False, True),
    idempotent=rarely(False, True),
    reads=st.sampled_from(["belief", "fresh"]),
    compares=st.sampled_from(["value", "version"]),
    on_violation=rarely("block", "warn"),
    checks=rarely("fire", "prepare"),
    if_match=rarely("none", "value", "version"),
    declares=rarely(1.0, 0.5),
    on_error=st.sampled_from(["go-on", "refresh"]),
    max_replans=rarely(None, 0, 3),
    min_interval=rarely(0.0, 1.5),
    debounce=rarely(0.0, 0.4),
    backoff=rarely(0.0, 0.5),
    max_failures=rarely(None, 1, 3),
    max_thinking_share=rarely(None, 0.2),
    when_bounded=st.sampled_from(["give-up", "go-on"]),
)
CHANNELS = st.builds(
    Channel,
    sampling=rarely("push", "poll", "on-action"),
    latency=times(0, 1, 2.5),
    poll_every=st.sampled_from([0.3, 1.0, 2.0]),
    loss=rarely(0.0, 0.3),
    scope=rarely(("*",), ("*.content", "*.owner", "done-*", "wire-0")),
)
AGENTS = st.builds(
    Agent,
    thinking_time=times(0, 0.2, 1),
    thinking=st.sampled_from(["blocking", "concurrent"]),
    interrupted=st.sampled_from(["finish", "restart", "replace"]),
    step_duration=times(0.5, 1),
    action_latency=times(0, 0.1),
    prepare_time=times(0, 0.5),
    read_latency=times(0, 0.2),
    slip=RATES,
    lost_ack=RATES,
    ack_timeout=st.sampled_from([Distribution.parse(5), Distribution.parse("exponential(5)")]),
    silent_success=RATES,
    side_effects=RATES,
    minds=rarely(2, 1),
    planner_error=rarely(0.0, 0.2),
)
HANDOFFS = st.builds(
    Handoff,
    mode=rarely("shared", "summary"),
    fidelity=st.sampled_from([1.0, 0.7, 0.0]),
    delay=times(0, 0, 0, 0.5),
)
SITUATIONS = st.builds(
    Situation,
    world=st.one_of(RECORDS, TELEGRAPHS),
    policy=POLICIES,
    channel=CHANNELS,
    agent=AGENTS,
    handoff=HANDOFFS,
    horizon=st.sampled_from([20.0, 40.0]),
    seed=st.integers(0, 1000),
)
