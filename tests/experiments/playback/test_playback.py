"""One playback of a trace gives every figure of the engine to the last digit, from memory and from a file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.playback.playback import Playback
from plandrift.policies import (
    bold_new,
    bounded,
    event_driven,
    gate_only,
    gated,
    if_match,
    periodic,
    plan_once,
    read_back,
    replan_each,
)
from plandrift.sim import PlandriftError, Policy, World, read_lines, run, write_lines
from plandrift.worlds import Files, Records, Routes, Telegraph, Tickets, Tileworld

WORLDS: tuple[World, ...] = (
    Records(volatility=0.1, linked=0.6),
    Telegraph(volatility=0.1, values=3, requires=2, fluents=9, steps=8, chain=3),
    Tickets(volatility=0.05),
    Files(volatility=0.05),
    Routes(volatility=0.02),
    Tileworld(),
)
POLICIES: tuple[Policy, ...] = (
    plan_once(verify=True),
    replan_each(),
    gated(idempotent=True),
    event_driven(),
    periodic(2),
    read_back(),
    gate_only(reads="fresh"),
    if_match(if_match="version", declares=0.5),
    bounded(gated(), max_replans=3, when_bounded="go-on"),
    bold_new(),
)
AGENTS: tuple[dict[str, Any], ...] = (
    {
        "latency": 1.0,
        "thinking_time": 0.5,
        "action_latency": 0.3,
        "read_latency": 0.4,
        "scope": "*[0-6].*,w*",
    },
    {
        "latency": "exponential(1)",
        "thinking_time": "uniform(0, 1)",
        "thinking": "concurrent",
        "prepare_time": 0.3,
        "loss": 0.2,
    },
    {"sampling": "poll", "poll_every": 2, "latency": 0.5, "interrupted": "restart", "thinking_time": 0.7},
    {
        "sampling": "on-action",
        "latency": 0.2,
        "step_duration": "gamma(mean=1, shape=3)",
        "slip": 0.2,
        "lost_ack": 0.2,
        "silent_success": 0.2,
        "planner_error": 0.1,
        "mode": "summary",
        "fidelity": 0.6,
        "delay": 0.3,
    },
)


def same(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The figures that differ."""
    return {
        name: (value, other.get(name))
        for name, value in one.items()
        if value != other.get(name) and not (math.isnan(value) and math.isnan(other[name]))
    }


@pytest.mark.long
@pytest.mark.parametrize("world", WORLDS, ids=lambda w: type(w).__name__)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.name)
def test_every_figure_and_every_step_comes_out_of_the_trace(
    world: World, policy: Policy, tmp_path: Path
) -> None:
    for seed, mix in enumerate(AGENTS):
        episode = run(world, policy, seed=seed, horizon=40, trace=True, **mix)
        write_lines(episode.trace, tmp_path / "trace.jsonl")
        measured = episode.metrics.row()
        for events in (episode.trace, read_lines(tmp_path / "trace.jsonl")):
            played = Playback(events).to_the_end()
            assert not same(measured, played.metrics().row())
            assert [str(r.call) for r in played.records] == [str(s.call) for s in episode.steps]
        assert Playback(episode.trace).to_the_end().records == list(episode.steps)


def test_a_step_passed_over_is_in_the_trace() -> None:
    policy = gated(max_replans=1, when_bounded="go-on")
    episode = run(Tickets(), policy, seed=4, trace=True)
    assert "skip" in [event.kind for event in episode.trace]
    assert not same(episode.metrics.row(), Playback(episode.trace).to_the_end().metrics().row())


def test_what_is_no_trace_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PlandriftError, match="trace=True"):
        Playback(())
    episode = run(Records(), gated(), trace=True)
    with pytest.raises(PlandriftError, match="cut off"):
        Playback(episode.trace[:-1]).to_the_end().metrics()
    for text in ("{}", "[1]", '{"event": "fire", "t": 1}', "nonsense", '{"event": "skip", "t": 1, "z": 2}'):
        (tmp_path / "bad.jsonl").write_text(text + "\n")
        with pytest.raises(PlandriftError, match=r"bad.jsonl:1: .* is not an event"):
            read_lines(tmp_path / "bad.jsonl")
    with pytest.raises(PlandriftError, match="No such file"):
        read_lines(tmp_path / "none.jsonl")
