"""What an episode promises whatever its settings: time, belief, common random numbers, an end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plandrift.policies import Assembled, bounded, gated, periodic, plan_once, replan_each
from plandrift.sim import (
    KEEP,
    Agent,
    Call,
    Change,
    Decision,
    Distribution,
    Episode,
    Observation,
    Policy,
    PolicyError,
    RunawayError,
    Scene,
    SettingError,
    Streams,
    Verdict,
    View,
    World,
    WorldError,
    run,
)
from plandrift.sim.measure.causes import CAUSES, MAST
from plandrift.sim.trace.events import Delivered, Exogenous, HandedOver, Landed
from plandrift.worlds import Records, Telegraph

times = st.sampled_from([0.0, 0.4, 1.0, "exponential(1)", "uniform(0, 2)", "gamma(mean=1, shape=2)"])
some = st.sampled_from([0.0, 0.0, 0.3, 1.0])
policies = st.builds(
    Assembled,
    trigger=st.sampled_from(["never", "observation", "touched", "steps"]),
    every=st.integers(1, 3),
    drift_gate=st.booleans(),
    reconcile=st.booleans(),
    if_match=st.sampled_from(["none", "none", "value", "version"]),
    declares=st.sampled_from([1.0, 0.5, 0.0]),
    verify=st.booleans(),
    idempotent=st.booleans(),
    reads=st.sampled_from(["belief", "fresh"]),
    compares=st.sampled_from(["value", "version"]),
    on_violation=st.sampled_from(["block", "warn"]),
    checks=st.sampled_from(["prepare", "fire"]),
    max_replans=st.sampled_from([None, None, 0, 3]),
    min_interval=st.sampled_from([0.0, 0.0, 2.0]),
    debounce=st.sampled_from([0.0, 0.0, 1.0]),
    backoff=st.sampled_from([0.0, 0.0, 1.0]),
    max_failures=st.sampled_from([None, 2]),
    max_thinking_share=st.sampled_from([None, 0.3]),
    when_bounded=st.sampled_from(["give-up", "go-on"]),
)
mixes = st.fixed_dictionaries(
    {
        "sampling": st.sampled_from(["push", "poll", "on-action"]),
        "latency": times,
        "loss": some,
        "scope": st.sampled_from(["*", "record-0.*,wire-*", "*.content"]),
        "thinking_time": times,
        "thinking": st.sampled_from(["blocking", "concurrent"]),
        "interrupted": st.sampled_from(["finish", "restart", "replace"]),
        "action_latency": times,
        "prepare_time": times,
        "read_latency": times,
        "slip": some,
        "lost_ack": some,
        "silent_success": some,
        "minds": st.integers(1, 2),
        "planner_error": some,
        "mode": st.sampled_from(["shared", "summary"]),
        "fidelity": some,
        "delay": times,
    }
)
worlds = st.sampled_from(
    [
        Records(volatility=0.1, records=5),
        Telegraph(volatility=0.3, values=3, requires=2, fluents=5, steps=6, chain=2),
        Records(volatility=0.0, records=3),
    ]
)


@pytest.mark.long
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds, policies, mixes, st.integers(0, 10_000))
def test_any_mix_of_settings_keeps_the_promises(
    world: World, policy: Policy, mix: dict[str, Any], seed: int
) -> None:
    episode = run(world, policy, seed=seed, horizon=40, trace=True, **mix)
    metrics, steps = episode.metrics, episode.steps
    assert 0 <= metrics.duration <= 40
    assert episode.end in ("done", "gave-up", "horizon")
    outcomes: list[str] = [step.outcome for step in steps]
    kinds = ("effective", "rejected", "harmful", "void", "repeat", "refused")
    assert metrics.steps_fired == sum(outcomes.count(kind) for kind in kinds)
    assert [s.time for s in steps] == sorted(s.time for s in steps)
    for step in steps:
        failed = step.outcome not in ("effective", "refused") or step.mismatch
        assert (step.failure is not None) == failed
        assert step.failure is None or step.failure.cause in CAUSES
    assert sum(metrics.causes.values()) == sum(s.failure is not None for s in steps) + metrics.gave_up
    assert set(metrics.mast) <= set(MAST)
    assert metrics.mismatches == metrics.mismatches_fired + metrics.mismatches_blocked
    if isinstance(policy, Assembled) and policy.reconcile:
        assert metrics.mismatches_fired == 0
    for name in ("plan_staleness", "direct_staleness", "perceived_staleness", "version_staleness"):
        share = getattr(metrics, name)
        assert isnan(share) or 0 <= share <= 1
    assert isnan(metrics.plan_staleness) or metrics.direct_staleness <= metrics.plan_staleness + 1e-12
    assert 0 <= metrics.thinking_time <= metrics.duration + 1e-9
    assert_belief_is_never_newer_than_the_truth(episode)


def assert_belief_is_never_newer_than_the_truth(episode: Episode) -> None:
    written: dict[tuple[str, int], float] = {}
    now = 0.0
    for event in episode.trace:
        assert event.t >= now
        now = event.t
        if isinstance(event, Exogenous):
            written[event.fluent, event.version] = now
        elif isinstance(event, Landed):
            written.update({(f, w[1]): now for f, w in event.writes.items()})
        elif isinstance(event, Delivered):
            assert event.taken <= now
            for fluent, _, version in event.fluents:
                assert version == 0 or written.get((fluent, version), now) <= event.taken


def log(episode: Episode) -> list[tuple[float, str, Any]]:
    return [(e.t, e.fluent, e.value) for e in episode.trace if isinstance(e, Exogenous)]


@settings(max_examples=60, deadline=None)
@given(worlds, policies, policies, mixes, st.integers(0, 1000))
def test_the_exogenous_log_is_the_same_under_every_policy(
    world: World, one: Policy, other: Policy, mix: dict[str, Any], seed: int
) -> None:
    first = log(run(world, one, seed=seed, horizon=40, trace=True, **mix))
    second = log(run(world, other, seed=seed, horizon=40, trace=True))
    shared = min(len(first), len(second))
    assert first[:shared] == second[:shared]


SCRIPT = """
from plandrift.policies import gated, read_back
from plandrift.sim import run
from plandrift.worlds import Records
for policy in (gated(), read_back()):
    episode = run(Records(volatility=0.2), policy, seed=5, latency="exponential(1)", slip=0.2, trace=True)
    print(episode.trace, episode.metrics)
"""


@pytest.mark.long
def test_same_seed_same_bytes_whatever_the_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }
    assert len(printed) == 1
    assert len(printed.pop()) > 1000


def test_other_seeds_give_other_worlds() -> None:
    logs = [tuple(log(run(Records(), plan_once(), seed=s, trace=True))) for s in range(5)]
    assert len(set(logs)) == 5


@pytest.mark.parametrize("policy", [plan_once(), replan_each(), gated(), periodic(1)])
def test_in_a_frozen_world_nothing_is_stale_and_all_goals_are_reached(policy: Policy) -> None:
    for world in (Records(volatility=0), Telegraph(volatility=0, requires=3, chain=4)):
        metrics = run(world, policy, seed=3, thinking_time=0.5, latency=1).metrics
        assert (metrics.plan_staleness, metrics.version_staleness, metrics.misfires) == (0, 0, 0)
        assert metrics.success == 1
        assert metrics.false_completion == 0


def test_the_oracle_hears_at_once_and_thinks_in_no_time() -> None:
    world = Records(volatility=0.2)
    slow: dict[str, Any] = {"latency": 3.0, "thinking_time": 2.0, "sampling": "poll", "poll_every": 5.0}
    oracle = run(world, gated(), seed=2, oracle=True, **slow)
    assert oracle.metrics.thinking_time == 0
    assert oracle.metrics.misfires == 0
    assert run(world, gated(), seed=2, **slow).metrics.misfires > 0


def test_requests_while_thinking_merge_into_one_that_follows_or_restart_it() -> None:
    world = Telegraph(volatility=1.0, fluents=5, steps=1)
    merged = run(world, replan_each(), seed=1, thinking_time=2.0, horizon=20, trace=True)
    plans = [e.t for e in merged.trace if isinstance(e, HandedOver)]
    assert plans == [2.0 * i for i in range(1, len(plans) + 1)]
    assert len(plans) > 5
    restarting = Agent(thinking_time=Distribution.constant(2.0), interrupted="restart")
    restarted = run(world, replan_each(), seed=1, agent=restarting, horizon=20, trace=True)
    assert not [e for e in restarted.trace if isinstance(e, HandedOver)]
    assert restarted.metrics.thinking_time == 20


def test_while_thinking_concurrently_the_executor_goes_on_and_does_nothing_twice() -> None:
    world = Telegraph(volatility=0.2, steps=8)
    episode = run(world, replan_each(), seed=4, thinking_time=2.5, thinking="concurrent", trace=True)
    assert episode.metrics.repeats == 0
    thinking = [(e.basis_taken or 0.0, e.t) for e in episode.trace if isinstance(e, HandedOver)][1:]
    assert any(a < step.time < b for step in episode.steps for a, b in thinking)
    waiting = run(world, replan_each(), seed=4, thinking_time=2.5, trace=True)
    thought = [(e.basis_taken or 0.0, e.t) for e in waiting.trace if isinstance(e, HandedOver)]
    assert not any(a < step.time < b for step in waiting.steps for a, b in thought)


def test_a_plan_that_comes_in_mid_step_lets_the_call_in_flight_land() -> None:
    world = Telegraph(volatility=0.5, steps=4)
    episode = run(world, replan_each(), seed=1, step_duration=3.0, action_latency=2.0, trace=True)
    plans = [e for e in episode.trace if isinstance(e, HandedOver) and e.in_flight is not None]
    assert plans
    assert episode.metrics.steps_fired == 4
    assert episode.metrics.repeats == 0


def test_an_older_stamp_never_overwrites_a_newer_one() -> None:
    """Where messages overtake each other the belief is what the newest of them told, whenever it came."""
    world = Telegraph(volatility=2.0, fluents=2, steps=2)
    noted = Noting()
    episode = run(world, noted, seed=1, latency="exponential(3)", step_duration=10, trace=True)
    newest: dict[str, tuple[float, int, Any]] = {}
    overtaken = 0
    arrivals = iter(noted.beliefs)
    for event in episode.trace:
        if not isinstance(event, Delivered) or event.own:
            continue
        for fluent, value, version in event.fluents:
            told = (event.taken, version, value)
            overtaken += told[:2] < newest.get(fluent, told)[:2]
            newest[fluent] = max(newest.get(fluent, told), told, key=lambda told: told[:2])
        believed = next(arrivals)
        assert all(believed[fluent] == told[2] for fluent, told in newest.items())
    assert overtaken > 10


def test_out_of_scope_fluents_are_never_heard_of() -> None:
    episode = run(Records(volatility=0.3), gated(), seed=1, scope="*.schema,*.content", trace=True)
    heard = {f for e in episode.trace if isinstance(e, Delivered) for f, _, _ in e.fluents}
    assert heard
    assert all(f.endswith((".schema", ".content")) for f in heard)


def test_loss_loses_messages() -> None:
    lost = run(Records(volatility=0.3), plan_once(), seed=1, loss=1.0, trace=True)
    assert not [e for e in lost.trace if isinstance(e, Delivered) and not e.own]


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"seed": 1.5},
        {"horizon": 0},
        {"horizon": float("nan")},
        {"poll_every": 0},
        {"latency": -1},
        {"latency": "gauss(1)"},
        {"latency": float("inf")},
        {"loss": 1.5},
        {"sampling": "pull"},
        {"thinkingtime": 1},
        {"step_duration": 0},
        {"sampling": "poll", "poll_every": 1e-9},
        {"slip": {"step": 2.0}},
        {"minds": 3},
    ],
)
def test_wrong_settings_are_refused_in_one_line(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError) as caught:
        run(Records(), plan_once(), **wrong)
    assert "\n" not in str(caught.value)
    assert next(iter(wrong)) in str(caught.value) or str(next(iter(wrong.values()))) in str(caught.value)


@dataclass(frozen=True)
class Noting(Policy):
    """Notes the belief after each observation."""

    beliefs: list[dict[str, Any]] = field(default_factory=list)

    def observed(self, view: View, observation: Observation) -> Decision:
        self.beliefs.append(dict(view.belief))
        return KEEP


@dataclass(frozen=True)
class Broken(World):
    kind: str = ""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return BrokenScene(self.kind)


class BrokenScene(Scene):
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.first = {"a": 0}
        self.goals = {"b": 1} if kind == "goal" else {"a": 1}

    def changes(self) -> Iterator[Change]:
        if self.kind == "back":
            yield from ((2.0, "a", 3), (1.0, "a", 4))
        if self.kind == "unknown":
            yield 1.0, "z", 1
        while self.kind == "stuck":
            yield 1.0, "a", 0

    def requires(self, call: Call) -> Mapping[str, Any]:
        return {"nowhere": 1} if self.kind == "needs" else {"a": 5}

    def effects(self, call: Call) -> Mapping[str, Any]:
        return {"a": 1}

    def plan(self, belief: Mapping[str, Any]) -> Sequence[Call] | None:
        return None if self.kind == "hopeless" else [Call("do")] * 3


@pytest.mark.parametrize("kind", ["goal", "back", "unknown", "needs"])
def test_a_world_that_breaks_its_side_is_told_so(kind: str) -> None:
    with pytest.raises((WorldError, SettingError), match="Broken") as caught:
        run(Broken(kind=kind), plan_once())
    assert "\n" not in str(caught.value)


def test_a_world_in_which_time_stands_still_is_an_error_and_no_hang() -> None:
    with pytest.raises(RunawayError, match="clock"):
        run(Broken(kind="stuck"), plan_once())


def test_without_a_plan_the_agent_waits_for_news() -> None:
    episode = run(Broken(kind="hopeless"), plan_once(), horizon=10, trace=True)
    assert episode.end == "horizon"
    first = next(e for e in episode.trace if isinstance(e, HandedOver))
    assert (first.plan, first.outcome) == (None, "unsolvable")


@dataclass(frozen=True)
class Stubborn(Policy):
    kind: str = "block"

    def observed(self, view: View, observation: Observation) -> Decision:
        return Decision("dither")  # type: ignore[arg-type]

    def before_fire(self, view: View, step: Any, call: Call) -> Verdict:
        return Verdict(self.kind)  # type: ignore[arg-type]


def test_a_policy_that_always_refuses_meets_the_horizon() -> None:
    for kind in ("block", "replan"):
        episode = run(Telegraph(volatility=0), Stubborn(kind), horizon=20)
        assert (episode.end, episode.metrics.steps_fired) == ("horizon", 0)


@pytest.mark.parametrize("world", [Telegraph(volatility=1), Telegraph(volatility=0)])
def test_an_answer_that_is_none_is_told_in_one_line(world: World) -> None:
    with pytest.raises(PolicyError, match="answer"):
        run(world, Stubborn("hesitate"))
    with pytest.raises(PolicyError, match=r"twice|dither"):
        run(world, Stubborn("read"))


def test_bounds_hold_back_replanning() -> None:
    world = Telegraph(volatility=1.0, steps=20)
    free = run(world, replan_each(), seed=1)
    assert free.metrics.replans > 50
    held = run(world, bounded(replan_each(), max_replans=5, when_bounded="go-on"), seed=1)
    assert held.metrics.replans == 5
    assert held.end == "done"
    quits = run(world, bounded(replan_each(), max_replans=5), seed=1)
    assert (quits.end, quits.metrics.gave_up, quits.metrics.causes["given_up"]) == ("gave-up", 1, 1)
    assert "budget" in quits.reason


def test_the_agent_is_made_of_settings_that_check_themselves() -> None:
    with pytest.raises(SettingError, match="thinking = 'fast'"):
        Agent(thinking="fast")
