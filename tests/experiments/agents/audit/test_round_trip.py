"""An episode exported as a transcript and read back: its own figures and verdicts, to the last digit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.agents.audit.measures import declared
from plandrift.experiments.agents.audit.replayed import BLOCKED, JudgedCall, judged
from plandrift.experiments.agents.transcripts.export import export_transcript
from plandrift.experiments.agents.transcripts.importing import import_path
from plandrift.experiments.agents.transcripts.operation import Operation, operations
from plandrift.policies import POLICIES
from plandrift.sim import Episode, PlandriftError, World, run
from plandrift.sim.trace.events import Asked
from plandrift.worlds import Files, Records, Telegraph

STANDING = ("plan_age", "staleness", "direct", "perceived", "blind", "version", "stale", "rewritten")


def played(episode: Episode, folder: Path) -> tuple[list[Operation], list[JudgedCall]]:
    export_transcript(episode, folder / "s.jsonl")
    import_path(folder / "s.jsonl", "claude-code", folder / "ops.parquet")
    rows = list(operations(folder / "ops.parquet"))
    return rows, [c for c in judged(rows, episode.policy) if c.operations[0].session == "agent"]


def compared(episode: Episode, folder: Path) -> int:
    """Compare everything, and say of how many calls that were fired."""
    rows, calls = played(episode, folder)
    fired = [call for call in calls if not call.held_back]
    assert [[getattr(call.record, name) for name in STANDING] for call in fired] == [
        [getattr(step, name) for name in STANDING] for step in episode.steps
    ]
    assert [call.misfire for call in fired] == [step.misfire for step in episode.steps]
    # What is said to be done and is not: the transcript cannot tell harm done elsewhere from nothing done.
    wrong = [step.misfire and step.outcome in ("harmful", "void") for step in episode.steps]
    assert [call.wrong for call in fired] == wrong
    if isinstance(episode.world, Files):
        assert sum(wrong) == episode.metrics.harm
    said = [e.verdict for e in episode.trace if isinstance(e, Asked) and e.verdict != "read"]
    assert [call.verdict.kind for call in calls] == said
    assert sum(call.held_back for call in calls) == episode.metrics.blocks
    found = {figure.name: figure.value.mean for figure in declared(rows)}
    for name in ("steps_fired", "misfires", "blocks", "staleness_before_fire"):
        assert found[name] == getattr(episode.metrics, name)
    return len(fired)


@pytest.mark.long
@pytest.mark.parametrize("name", ["plan-once", "gated", "look-first", "if-match", "warn", "read-back"])
@pytest.mark.parametrize("seed", range(3))
def test_the_episodes_own_figures_and_verdicts(name: str, seed: int, tmp_path: Path) -> None:
    latency = (0.0, 1.0, "exponential(1.5)")[seed]
    latencies: dict[str, Any] = {"latency": latency, "action_latency": 0.4 * (seed % 2)}
    world = Files(volatility=0.05)
    episode = run(world, POLICIES[name](), thinking_time=0.5, seed=seed, trace=True, **latencies)
    assert compared(episode, tmp_path) == episode.metrics.steps_fired > 0


@pytest.mark.parametrize(
    "world", [Records(volatility=0.1), Telegraph(volatility=0.1)], ids=["records", "telegraph"]
)
def test_other_worlds_go_the_same_way(world: World, tmp_path: Path) -> None:
    episode = run(world, POLICIES["look-first"](), latency=1.0, read_latency=0.2, seed=3, trace=True)
    assert compared(episode, tmp_path) == episode.metrics.steps_fired > 0


@pytest.mark.parametrize("update", ["region", "whole"])
def test_regions_and_side_effects_go_the_same_way(update: str, tmp_path: Path) -> None:
    world = Files(volatility=0.05, regions=3, update=update)
    episode = run(world, POLICIES["plan-once"](), latency=1.0, seed=2, trace=True, side_effects=0.5)
    assert episode.metrics.side_effects
    assert compared(episode, tmp_path) > 0


def test_there_is_something_to_get_wrong(tmp_path: Path) -> None:
    episode = run(Files(volatility=0.05), POLICIES["plan-once"](), latency=1.0, seed=1, trace=True)
    assert episode.metrics.misfires
    assert any(step.staleness for step in episode.steps)
    rows, calls = played(episode, tmp_path)
    # Another policy says another thing of the same calls.
    other = [c for c in judged(rows, POLICIES["if-match"]()) if c.operations[0].session == "agent"]
    assert sum(c.misfire for c in calls) == episode.metrics.misfires
    assert all(o.blocked for o, c in zip(other, calls, strict=True) if c.misfire)


def test_a_call_held_back_is_one_that_was_refused(tmp_path: Path) -> None:
    for seed in range(30):
        episode = run(Files(volatility=0.1), POLICIES["gate-only"](), latency=0.2, seed=seed, trace=True)
        if episode.metrics.blocks:
            break
    rows, _ = played(episode, tmp_path)
    held = {row.call for row in rows if row.error == BLOCKED}
    assert len(held) == episode.metrics.blocks > 0


def test_the_transcript_has_the_shape_of_the_format(tmp_path: Path) -> None:
    episode = run(Files(), POLICIES["gated"](), latency=1.0, seed=1, trace=True)
    export_transcript(episode, tmp_path / "s.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert {line["type"] for line in lines} == {"user", "assistant", "attachment"}
    assert len({line["uuid"] for line in lines}) == len(lines)
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_an_episode_without_a_trace_has_no_transcript(tmp_path: Path) -> None:
    with pytest.raises(PlandriftError, match="trace=True"):
        export_transcript(run(Files(), POLICIES["gated"]()), tmp_path / "s.jsonl")
