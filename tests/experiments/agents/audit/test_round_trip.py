"""An episode exported as a transcript and read back: its own figures and verdicts, to the last digit."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from plandrift.experiments.agents.audit.guards import guards_table
from plandrift.experiments.agents.audit.judge import JudgedRow, Judgement
from plandrift.experiments.agents.audit.ledger import AuditLedger
from plandrift.experiments.agents.audit.measures import declared
from plandrift.experiments.agents.audit.replayed import BLOCKED, JudgedCall, judged
from plandrift.experiments.agents.audit.side_by_side import side_by_side
from plandrift.experiments.agents.audit.stated import stated_writes
from plandrift.experiments.agents.audit.trend import trend
from plandrift.experiments.agents.transcripts import claude_code
from plandrift.experiments.agents.transcripts.digest import Names
from plandrift.experiments.agents.transcripts.export import export_lines, export_transcript
from plandrift.experiments.agents.transcripts.lines import Source
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary, OperationBuffer
from plandrift.policies import POLICIES
from plandrift.sim import Episode, PlandriftError, Session, World, run
from plandrift.sim.trace.events import Asked
from plandrift.worlds import WORLDS, Files, Records, Telegraph
from tests.sim.session.clients import Plan, believed, planner_of
from tests.worlds.moving import made, rates

STANDING = ("plan_age", "staleness", "direct", "perceived", "blind", "version", "stale", "rewritten")


def played(episode: Episode) -> tuple[list[Operation], list[JudgedCall]]:
    text = "".join(json.dumps(line) + "\n" for line in export_lines(episode)).encode()
    with OperationBuffer(ImportSummary()) as buffer:
        claude_code.gather([Source("s.jsonl", len(text), lambda: BytesIO(text))], buffer)
        rows = list(claude_code.rows(buffer, Names(hidden=False), Mapping()))
    return rows, [c for c in judged(rows, episode.policy) if c.operations[0].session == "agent"]


def compared(episode: Episode) -> int:
    """Compare everything, and say of how many calls that were fired."""
    rows, calls = played(episode)
    fired = [call for call in calls if call.operations[0].landed is not None]
    assert [[getattr(call.record, name) for name in STANDING] for call in fired] == [
        [getattr(step, name) for name in STANDING] for step in episode.steps
    ]
    assert [call.misfire for call in fired] == [step.misfire for step in episode.steps]
    wrong = [step.misfire or step.outcome == "refused" or step.mismatch for step in episode.steps]
    assert [call.wrong for call in fired] == wrong
    said = [e.verdict for e in episode.trace if isinstance(e, Asked) and e.verdict != "read"]
    assert [call.verdict.kind for call in calls] == said
    assert sum(call.held_back for call in calls) == episode.metrics.blocks
    agree(episode, rows, calls)
    return len(fired)


def agree(episode: Episode, rows: list[Operation], calls: list[JudgedCall]) -> None:
    """Compare the episode's own figures with those of the audit of its transcript, and with the judgement."""
    ledger = AuditLedger(rows, stated=stated_writes(rows))
    found = {figure.name: figure.value.mean for figure in declared(ledger)}
    for name in ("steps_fired", "misfires", "blocks", "staleness_before_fire"):
        assert found[name] == pytest.approx(getattr(episode.metrics, name), rel=1e-12, nan_ok=True), name
    writes = stated_writes(rows)
    row = Judgement(episode.policy.name, [JudgedRow(call, episode.policy.name) for call in calls]).row()
    assert row["false"] == episode.metrics.false_blocks
    assert row["blocks"] == episode.metrics.blocks + episode.metrics.refused
    assert row["missed"] == sum(
        step.misfire or (step.mismatch and step.outcome != "refused") for step in episode.steps
    )
    none, refuses = guards_table(writes, ["none", "if-match"], 1.0)
    assert (none.writes, none.wrong) == (row["writes"], row["wrong"])
    beside = side_by_side(ledger, ledger, ())[0]
    assert (beside.name, beside.first.n) == ("wrong", none.writes)
    versions = [p.value.n for p in trend(ledger) if (p.by, p.share) == ("version", "wrong")]
    assert sum(versions) == none.writes
    assert refuses.right == sum(bool(call.violated) for call in calls if call.known)


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_every_world_and_policy_has_one_meaning_of_false(world: str) -> None:
    blocks = false = 0
    faults: dict[str, Any] = {"slip": 0.1, "lost_ack": 0.1, "silent_success": 0.1}
    # A transcript holds no versions: a policy whose calls carry them is judged by values.
    by_value = [p for p in (make() for make in POLICIES.values()) if getattr(p, "if_match", "") != "version"]
    for policy in by_value:
        episode = run(
            made(world, rates(world)[2]),
            policy,
            seed=3,
            horizon=15,
            latency=1.0,
            action_latency=0.3,
            thinking_time=0.5,
            trace=True,
            **faults,
        )
        rows, calls = played(episode)
        agree(episode, rows, calls)
        blocks += episode.metrics.blocks
        false += episode.metrics.false_blocks
    assert blocks > false


@pytest.mark.long
@pytest.mark.parametrize("name", ["plan-once", "gated", "look-first", "if-match", "warn", "read-back"])
@pytest.mark.parametrize("seed", range(3))
def test_the_episodes_own_figures_and_verdicts(name: str, seed: int) -> None:
    latency = (0.0, 1.0, "exponential(1.5)")[seed]
    latencies: dict[str, Any] = {"latency": latency, "action_latency": 0.4 * (seed % 2)}
    world = Files(volatility=0.05)
    episode = run(world, POLICIES[name](), thinking_time=0.5, seed=seed, trace=True, **latencies)
    assert compared(episode) == episode.metrics.steps_fired > 0


def restless(session: Session, plan: Plan, random: Random) -> None:
    """Play a session: carry out plans in any order, look at times, and plan anew when the guard wants it."""
    replan = True
    while not session.over:
        left = session.plan_left
        if replan:
            session.submit_plan(plan(believed(session)))
            replan = False
        elif not left and session.goals:
            session.done()
        elif not left:
            session.wait(1.0)
            replan = True
        elif random.random() < 0.1:
            session.look()
        else:
            call = random.choice(left) if random.random() < 0.2 else left[0]
            replan = bool(session.do(call).advice)


@pytest.mark.long
@pytest.mark.parametrize("world", WORLDS)
def test_a_session_its_transcript_and_the_judge_agree(world: str) -> None:
    fired = blocks = 0
    faults: dict[str, Any] = {"slip": 0.1, "lost_ack": 0.1, "silent_success": 0.1}
    for guard in ("plan-once", "gated", "look-first", "if-match", "bounded"):
        playing = Session(
            made(world, rates(world)[2]),
            POLICIES[guard](),
            seed=3,
            horizon=20,
            pace="fixed:0.5",
            latency=1.0,
            action_latency=0.3,
            **faults,
        )
        restless(playing, planner_of(playing.world, 3, 20), Random(1))
        rows, calls = played(playing.episode)
        assert sum(call.operations[0].landed is not None for call in calls) == len(playing.steps)
        agree(playing.episode, rows, calls)
        fired += len(playing.steps)
        blocks += playing.metrics.blocks
    assert fired
    assert blocks


@pytest.mark.parametrize(
    "world", [Records(volatility=0.1), Telegraph(volatility=0.1)], ids=["records", "telegraph"]
)
def test_other_worlds_go_the_same_way(world: World) -> None:
    episode = run(world, POLICIES["look-first"](), latency=1.0, read_latency=0.2, seed=3, trace=True)
    assert compared(episode) == episode.metrics.steps_fired > 0


@pytest.mark.parametrize("update", ["region", "whole"])
def test_regions_and_side_effects_go_the_same_way(update: str) -> None:
    world = Files(volatility=0.05, regions=3, update=update)
    episode = run(world, POLICIES["plan-once"](), latency=1.0, seed=2, trace=True, side_effects=0.5)
    assert episode.metrics.side_effects
    assert compared(episode) > 0
    seen = run(world, POLICIES["region"](), latency=1.0, seed=2, trace=True, read_latency=0.2)
    assert compared(seen) > 0


def test_there_is_something_to_get_wrong() -> None:
    episode = run(Files(volatility=0.05), POLICIES["plan-once"](), latency=1.0, seed=1, trace=True)
    assert episode.metrics.misfires
    assert any(step.staleness for step in episode.steps)
    rows, calls = played(episode)
    # Another policy says another thing of the same calls.
    other = [c for c in judged(rows, POLICIES["if-match"]()) if c.operations[0].session == "agent"]
    assert sum(c.misfire for c in calls) == episode.metrics.misfires
    assert all(o.blocked for o, c in zip(other, calls, strict=True) if c.misfire)


def test_a_call_held_back_is_one_that_was_refused() -> None:
    for seed in range(30):
        episode = run(Files(volatility=0.1), POLICIES["gate-only"](), latency=0.2, seed=seed, trace=True)
        if episode.metrics.blocks:
            break
    rows, _ = played(episode)
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
