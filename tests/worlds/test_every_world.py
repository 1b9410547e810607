"""What holds of every built-in world: the promises that the engine and the figures rest on."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable
from hashlib import sha256
from itertools import islice, pairwise
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plandrift.policies import POLICIES, event_driven, gated, periodic, plan_once, replan_each
from plandrift.sim import Call, Description, Hierarchy, Landscape, Scene, Streams, Value, plain, run
from plandrift.sim.trace.events import Exogenous, Landed
from plandrift.worlds import WORLDS
from tests.worlds.moving import after_moves, carried_out, made, moves, rates

every_world = pytest.mark.parametrize("name", WORLDS)
seeds = st.integers(min_value=0, max_value=10_000)


Log = list[tuple[float, str, Value, int]]


def exogenous_log(name: str, policy: str, seed: int, horizon: float) -> tuple[Log, set[str]]:
    """What others wrote in an episode up to the horizon, and the fluents that the agent wrote."""
    world = made(name, rates(name)[1])
    episode = run(
        world, POLICIES[policy](), seed=seed, horizon=horizon, latency=0.5, thinking_time=0.3, trace=True
    )
    log = [(e.t, e.fluent, e.value, e.version) for e in episode.trace if isinstance(e, Exogenous)]
    mine = {f for e in episode.trace if isinstance(e, Landed) for f in e.writes}
    return [entry for entry in log if entry[0] < episode.metrics.duration], mine


@every_world
@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_others_do_the_same_under_every_policy(name: str, seed: int) -> None:
    """To the last digit, for each fluent that the agent has written in neither episode."""
    logs = [exogenous_log(name, policy, seed, 25.0) for policy in ("plan-once", "gated", "replan-each")]
    mine = set().union(*(written for _, written in logs))
    if made(name, 0.0).begin(Streams(seed), 25.0).reacts:
        mine = set()
        logs = [([entry for entry in log if entry[0] < 0.3], written) for log, written in logs]
    shared = [[entry for entry in log if entry[1] not in mine] for log, _ in logs]
    for log in shared[1:]:
        both = min(len(log), len(shared[0]))
        assert log[:both] == shared[0][:both]


@every_world
def test_others_do_something(name: str) -> None:
    """The test before this one compares logs that are not empty."""
    log, mine = exogenous_log(name, "plan-once", 3, 25.0)
    assert any(entry[1] not in mine for entry in log)


@every_world
@settings(max_examples=25, deadline=None)
@given(seed=seeds, count=st.integers(min_value=0, max_value=120))
def test_a_plan_carried_out_in_a_frozen_world_reaches_every_goal(name: str, seed: int, count: int) -> None:
    """From the first state and from any that the world moves to. What is left is beyond any plan."""
    scene, values = after_moves(name, seed, rates(name)[1], count)
    calls = carried_out(scene, values)
    unmet = [fluent for fluent, wanted in scene.goals.items() if values[fluent] != wanted]
    if unmet:
        assert scene.plan(values) is None
    # Roads may be closed from the start, and cut parcels off.
    if count == 0 and scene.goals and name != "routes":
        assert calls
        assert not unmet


@every_world
@pytest.mark.parametrize("policy", POLICIES)
def test_in_a_world_that_stands_still_nothing_is_ever_stale(name: str, policy: str) -> None:
    episode = run(made(name, 0.0), POLICIES[policy](), seed=11, latency=1.0, thinking_time=0.5, horizon=300.0)
    metrics = episode.metrics
    assert metrics.steps_fired > 0
    assert metrics.plan_staleness == metrics.version_staleness == metrics.misfires == metrics.harm == 0
    assert metrics.goals_met == 1
    assert metrics.repeats == metrics.blocks == metrics.false_completion == 0


@pytest.mark.long
@every_world
def test_a_plan_made_once_is_no_less_stale_in_a_faster_world(name: str) -> None:
    """Paired by seed; a fall must lie within the noise of three standard errors."""
    figures = [
        [
            run(made(name, v), plan_once(), seed=seed, horizon=60.0).metrics.plan_staleness
            for seed in range(25)
        ]
        for v in rates(name)
    ]
    for slow, fast in pairwise(figures):
        gains = [b - a for a, b in zip(slow, fast, strict=True) if not math.isnan(a + b)]
        assert fmean(gains) >= -3 * stdev(gains) / math.sqrt(len(gains))
    assert fmean(figures[2]) > fmean(figures[0])


@every_world
def test_each_changing_fluent_changes_as_often_as_the_volatility_says(name: str) -> None:
    if name in ("tileworld", "recorded"):
        pytest.skip("its volatility is another rate: γ, or the speed of the replay")
    scene = made(name, 0.5).begin(Streams(2), 1e9)
    log = list(islice(moves(scene, dict(scene.first)), 20_000))
    rate = len(log) / log[-1][0] / len({fluent for _, fluent, _ in log})
    assert rate == pytest.approx(0.5, rel=0.04)


@every_world
def test_every_event_is_told_in_a_sentence(name: str) -> None:
    """No event falls back on naming fluents and values as the engine holds them."""
    for policy in (gated(), replan_each()):
        world = made(name, rates(name)[2])
        episode = run(world, policy, seed=5, horizon=40.0, latency=1.0, slip=0.2, trace=True)
        description = Description.of(world.begin(Streams(5), 40.0))
        sentences = [e.told for e in episode.trace if isinstance(e, Exogenous)]
        sentences += [description.call(step.call) for step in episode.steps]
        assert sentences
        for sentence in sentences:
            assert len(sentence.split()) >= 3
            assert not sentence.endswith(".")
            assert "went from" not in sentence
            assert not sentence.startswith("calls ")


@every_world
@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_siblings_and_sources_name_what_is_there(name: str, seed: int) -> None:
    scene, values = after_moves(name, seed, rates(name)[1], 20)
    calls = scene.plan(values) or ()
    siblings = [sibling for call in calls for sibling in scene.confusable(call)]
    # A hole to be filled on the spot is taken for no other.
    assert siblings or not calls or {call.action for call in calls} == {"fill"}
    for one in (*calls, *siblings):
        assert one not in scene.confusable(one)
    for call in calls:
        for argument, fluent in scene.sources(call).items():
            assert call.arg(argument) == values[fluent] or fluent in _written_by(scene, calls)
    for sibling in siblings:
        assert {*scene.requires(sibling), *scene.effects(sibling)} <= set(values)
        assert scene.answer(sibling, values).writes.keys() <= values.keys()


def _written_by(scene: Scene, calls: Iterable[Call]) -> set[str]:
    return {f for call in calls for f in scene.effects(call)}


@every_world
def test_with_every_fault_at_once_an_episode_still_ends(name: str) -> None:
    for policy in (plan_once(), gated(), event_driven(), periodic(2)):
        episode = run(
            made(name, rates(name)[2]),
            policy,
            seed=8,
            horizon=80.0,
            latency="exponential(1)",
            loss=0.2,
            slip=0.2,
            lost_ack=0.1,
            silent_success=0.1,
            thinking="concurrent",
            thinking_time=1.0,
            action_latency=0.3,
            mode="summary",
            fidelity=0.7,
            delay=0.5,
        )
        assert episode.metrics.duration <= 80.0
        assert 0 <= episode.metrics.effectiveness <= 1


def digests() -> dict[str, str]:
    """For each world, a digest of the trace of an episode with faults."""
    found = {}
    for name in WORLDS:
        episode = run(
            made(name, rates(name)[1]), gated(), seed=21, horizon=30.0, latency=0.7, slip=0.1, trace=True
        )
        text = json.dumps([plain(event) for event in episode.trace])
        found[name] = sha256(text.encode()).hexdigest()
    return found


@pytest.mark.long
def test_the_same_seed_gives_the_same_trace_whatever_the_hash_seed() -> None:
    here = digests()
    script = "from tests.worlds.test_every_world import *; print(json.dumps(digests()))"
    for hash_seed in ("1", "4242"):
        there = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(there.stdout) == here


@pytest.mark.parametrize("name", ["tileworld", "routes"])
def test_on_a_map_a_call_ends_where_its_effect_stands(name: str) -> None:
    scene = made(name, rates(name)[1]).begin(Streams(3), 60.0)
    drawn = Description.of(scene).landscape()
    assert isinstance(drawn, Landscape)
    calls = scene.plan(scene.first)
    assert calls
    for call in calls:
        mark = drawn.call(call)
        places = [drawn.fluent(f, value) for f, value in scene.effects(call).items()]
        agents = [m for m in places if m is not None and m.look == "agent"]
        assert mark is not None
        assert [(m.x, m.y) for m in agents] == ([mark.to] if mark.to is not None else [])
    # The ground and what moves stand on different spots: nobody walks through a wall.
    walls = {(m.x, m.y) for m in drawn.ground if m.look == "wall"}
    stands = [drawn.fluent(f, value) for f, value in scene.first.items()]
    assert walls.isdisjoint((m.x, m.y) for m in stands if m is not None)


def test_files_hang_below_those_through_which_they_import() -> None:
    scene = made("files", 0.0).begin(Streams(3), 60.0)
    drawn = Description.of(scene).landscape()
    assert isinstance(drawn, Hierarchy)
    for call in scene.plan(scene.first) or ():
        if call.action != "rename_module":
            needed = {f.partition(".")[0] for f in scene.requires(call)} - {call.arg("file"), "module"}
            assert drawn.on[call.arg("file")] == (needed.pop() if needed else "module")
