"""The trace is enough to recompute each figure: done here by a second, slow and simple reading of it."""

from __future__ import annotations

import json
from math import isclose, isnan
from pathlib import Path
from typing import Any

import pytest

from policies import event_driven, gated, periodic, plan_once, read_back, replan_each
from sim import Call, Episode, Policy, Step, World, dependency_graph, run, stale_in_graph, write_lines
from worlds import Records, Telegraph

Belief = dict[str, list[Any]]
POLICIES = (plan_once(), replan_each(), gated(), event_driven(), periodic(2), read_back())
WORLDS = (
    Records(volatility=0.08),
    Telegraph(volatility=0.1, values=3, requires=2, fluents=9, steps=8, chain=3),
)
AGENTS: tuple[dict[str, Any], ...] = (
    {"latency": 1.0, "thinking_time": 0.5, "action_latency": 0.3, "read_latency": 0.4},
    {
        "latency": "exponential(1)",
        "thinking_time": "uniform(0, 1)",
        "thinking": "concurrent",
        "prepare_time": 0.3,
        "loss": 0.2,
    },
    {"sampling": "poll", "poll_every": 2, "latency": 0.5, "interrupted": "restart", "thinking_time": 0.7},
    {"sampling": "on-action", "latency": 0.2, "step_duration": "gamma(mean=1, shape=3)"},
)


class Recount:
    """Reads a trace line by line and keeps what a figure needs in the plainest form."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.world: dict[str, Any] = {}
        self.belief: Belief = {}
        self.held_plan: dict[str, Any] | None = None
        self.unfired: set[int] = set()
        self.landed: set[int] = set()
        self.heard: set[int] = set()
        self.flying: int | None = None
        self.now = self.held = 0.0
        self.areas = dict.fromkeys(
            (
                "plan_staleness",
                "direct_staleness",
                "perceived_staleness",
                "blind_staleness",
                "plan_validity",
                "plan_age",
            ),
            0.0,
        )
        self.fires: list[dict[str, Any]] = []
        self.outcomes: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}
        first = next(e for e in events if e["event"] == "plan")
        self.world = {f: held[0] for f, held in first["basis"].items()}
        self.belief = {f: list(held) for f, held in first["basis"].items()}
        for event in events:
            self.advance(event["t"])
            self.counts[event["event"]] = self.counts.get(event["event"], 0) + 1
            getattr(self, event["event"].replace("-", "_"))(event)

    def shares(self) -> dict[str, float]:
        assert self.held_plan is not None
        believed = {f: held[0] for f, held in self.belief.items()}
        direct, stale = stale_in_graph(self.graph, self.landed, self.world)
        _, seen = stale_in_graph(self.graph, self.heard, believed)
        left = len(self.unfired)
        return {
            "plan_staleness": len(stale & self.unfired) / left,
            "direct_staleness": len(direct & self.unfired) / left,
            "perceived_staleness": len(seen & self.unfired) / left,
            "blind_staleness": len((stale - seen) & self.unfired) / left,
            "plan_validity": float(not direct),
        }

    def advance(self, time: float) -> None:
        assert time >= self.now, "time went back"
        span = time - self.now
        if span > 0 and self.held_plan is not None and self.unfired:
            self.held += span
            for name, share in self.shares().items():
                self.areas[name] += share * span
            self.areas["plan_age"] += ((time + self.now) / 2 - self.held_plan["basis_time"]) * span
        self.now = time

    def exogenous(self, event: dict[str, Any]) -> None:
        self.world[event["fluent"]] = event["value"]

    def observation_sent(self, event: dict[str, Any]) -> None:
        assert event["taken"] <= event["t"]

    def observation_delivered(self, event: dict[str, Any]) -> None:
        for fluent, value, version in event["fluents"]:
            held = self.belief[fluent]
            if (event["taken"], version) >= (held[2], held[1]) or event["taken"] > held[2]:
                self.belief[fluent] = [value, version, event["taken"]]
        if self.flying is None or self.held_plan is None:
            return
        writes = self.held_plan["steps"][self.flying]["writes"]
        if event["by"] == "acknowledgment" or (
            event["own"] and any(fluent in writes for fluent, _, _ in event["fluents"])
        ):
            self.heard.add(self.flying)
        if event["by"] == "acknowledgment":
            self.flying = None

    def replan_requested(self, event: dict[str, Any]) -> None:
        pass

    def verdict(self, event: dict[str, Any]) -> None:
        pass

    def plan(self, event: dict[str, Any]) -> None:
        steps = [Step(Call(s["call"]), s["requires"], s["writes"]) for s in event["steps"]]
        self.held_plan, self.graph = event, dependency_graph(steps, event["goals"])
        self.landed, self.heard = set(event["done"]), set(event["done"])
        self.flying = event["in_flight"]
        self.unfired = set(range(len(steps))) - self.landed - {self.flying}

    def fire(self, event: dict[str, Any]) -> None:
        self.fires.append(event | {"staleness": self.shares()["plan_staleness"]})
        self.unfired.discard(event["step"])
        self.flying = event["step"]

    def outcome(self, event: dict[str, Any]) -> None:
        self.outcomes.append(event)
        self.world.update({f: written[0] for f, written in event["writes"].items()})
        if self.flying is not None:
            self.landed.add(self.flying)

    def end(self, event: dict[str, Any]) -> None:
        pass


def check(episode: Episode, counted: Recount) -> None:
    metrics, steps = episode.metrics, episode.steps
    for name, area in counted.areas.items():
        measured = getattr(metrics, name)
        if not counted.held:
            assert isnan(measured)
        else:
            assert isclose(measured, area / counted.held, rel_tol=1e-9, abs_tol=1e-9), name
    assert metrics.steps_fired == len(counted.outcomes) == len(steps)
    assert metrics.replans == counted.counts["plan"] - 1
    assert metrics.misfires == sum(bool(o["violated"]) and o["outcome"] != "repeat" for o in counted.outcomes)
    for step, fire, outcome in zip(steps, counted.fires, counted.outcomes, strict=False):
        assert (str(step.call), step.time) == (fire["call"], fire["t"])
        assert isclose(step.staleness, fire["staleness"], abs_tol=1e-12)
        assert step.outcome == outcome["outcome"]
    goals = counted.held_plan["goals"] if counted.held_plan else {}
    met = sum(counted.world[f] == wanted for f, wanted in goals.items())
    assert isclose(metrics.goals_met, met / len(goals))
    assert metrics.duration == counted.now


@pytest.mark.parametrize("world", WORLDS, ids=lambda w: type(w).__name__)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.name)
@pytest.mark.parametrize("agent", range(len(AGENTS)))
def test_each_figure_follows_from_the_trace(world: World, policy: Policy, agent: int, tmp_path: Path) -> None:
    for seed in range(3):
        episode = run(world, policy, seed=seed, horizon=60, trace=True, **AGENTS[agent])
        write_lines(episode.trace, tmp_path / "trace.jsonl")
        lines = (tmp_path / "trace.jsonl").read_text().splitlines()
        check(episode, Recount([json.loads(line) for line in lines]))
