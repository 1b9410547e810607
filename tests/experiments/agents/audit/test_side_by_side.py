"""Two traces beside each other, and one over weeks and versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plandrift.experiments.agents.audit.ledger import AuditLedger, read_ledger
from plandrift.experiments.agents.audit.shares import SHARES
from plandrift.experiments.agents.audit.side_by_side import Compared, apart, side_by_side
from plandrift.experiments.agents.audit.trend import trend, trend_figure
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.statistics.intervals import share_interval
from tests.command import plandrift, refused
from tests.experiments.agents.transcripts.other_samples import SAMPLES
from tests.experiments.agents.transcripts.samples import operations_file

WEEK = 7 * 86_400.0
MONDAY = 1_767_571_200.0
"""2026-01-05."""


def trace(stale: list[int], of: int = 10, prefix: str = "s") -> AuditLedger:
    """A session for each number, of so many whole writes, of which that many are over another's change."""
    made = []
    for session, bad in enumerate(stale):
        for n in range(of):
            at = MONDAY + WEEK * (session % 2) + 1000 * session + 10 * n
            common = {
                "session": f"{prefix}{session}",
                "agent": "",
                "turn": 1,
                "fluent": f"f{n}",
                "program": "claude-code",
                "release": "2.1.9" if session < 6 else "2.1.10",
            }
            before = "other" if n < bad else "seen"
            read = {"tool": "Read", "kind": "read", "seen": "seen", "picture": "seen", "whole": True}
            write = {"tool": "Write", "kind": "write", "before": before, "after": "new", "whole": True}
            made.append(Operation(called=at, answered=at, call=f"r{n}", **common | read))  # type: ignore[arg-type]
            made.append(Operation(called=at + 5, answered=at + 6, call=f"w{n}", **common | write))  # type: ignore[arg-type]
    return read_ledger(made)


def wrong(rows: list[Compared]) -> Compared:
    return next(row for row in rows if row.name == "wrong")


def test_the_difference_of_two_shares_is_newcombes() -> None:
    # Newcombe (1998), table II, example (a): 56/70 and 48/80, method 10.
    found = apart(share_interval(48, 80), share_interval(56, 70))
    assert (round(found.mean, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)


def test_sessions_that_are_in_both_are_paired() -> None:
    first = [5, 1, 4, 2, 6, 3, 5, 2, 4, 3, 6, 1]
    second = [n + 1 + (-1) ** n for n in first]
    together = wrong(side_by_side(trace(first), trace(second), ["hash"]))
    alone = wrong(side_by_side(trace(first), trace(second, prefix="other "), ["hash"]))
    assert together.paired == len(first)
    assert alone.paired == 0
    for row in (together, alone):
        assert (row.first.mean, row.second.mean) == (sum(first) / 120, sum(second) / 120)
        assert row.difference.mean == pytest.approx(0.1)
    # Sessions differ from each other far more than from themselves: only pairs see it.
    assert together.difference.low > 0
    assert alone.difference.low < 0 < alone.difference.high
    assert wrong(side_by_side(trace(second), trace(first), [])).difference.mean == pytest.approx(-0.1)


def test_few_sessions_or_none_wrong_are_not_paired() -> None:
    assert wrong(side_by_side(trace([1] * 9), trace([2] * 9), [])).paired == 0
    none = wrong(side_by_side(trace([0] * 12), trace([0] * 12), []))
    assert (none.paired, none.difference.mean) == (0, 0)
    assert none.difference.low < 0 < none.difference.high


def test_guards_are_compared_as_well() -> None:
    rows = {
        row.name: row for row in side_by_side(trace([2] * 12), trace([2] * 12), ["none", "hash", "age:1"])
    }
    assert not any(name.startswith("none") for name in rows)
    assert (rows["hash: missed"].first.mean, rows["hash: false"].first.mean) == (0, 0)
    assert rows["age:1: false"].first.mean == 1


def test_shares_by_week_and_by_version() -> None:
    ledger = trace([0, 10, 0, 10, 0, 10, 0, 10])
    points = trend(ledger)
    assert len(points) == 4 * len(SHARES)
    found = {(p.by, p.group): p.value for p in points if p.share == "wrong"}
    assert {key: (value.mean, value.n) for key, value in found.items()} == {
        ("week", "2026-01-05"): (0, 40),
        ("week", "2026-01-12"): (1, 40),
        ("version", "2.1.9"): (0.5, 60),
        ("version", "2.1.10"): (0.5, 20),
    }
    # Versions are in the order of their numbers.
    assert [p.group for p in points if p.by == "version" and p.share == "wrong"] == ["2.1.9", "2.1.10"]
    figure = trend_figure(ledger, "t")
    assert len(figure.axes) == 2 * len(SHARES)
    assert [t.get_text() for t in figure.axes[-1].get_xticklabels()] == [
        "claude-code 2.1.9",
        "claude-code 2.1.10",
    ]


def test_on_the_command_line(tmp_path: Path) -> None:
    operations_file(tmp_path)
    SAMPLES["copilot"](tmp_path)
    plandrift("agent", "import", "auto", "events.jsonl", "--out", "other.parquet", cwd=tmp_path)
    said = plandrift("audit", "ops.parquet", "other.parquet", "--guards", "hash", cwd=tmp_path).stdout
    for words in (
        "first, ops.parquet: 8 calls",
        "second, other.parquet: 4 calls",
        "second − first",
        "hash: false",
    ):
        assert words in said
    made = plandrift("audit", "ops.parquet", "other.parquet", "--format", "json", cwd=tmp_path)
    assert json.loads(made.stdout)["figures"][0]["figure"] == "wrong"
    plandrift("audit", "ops.parquet", "--trend", "trend.svg", cwd=tmp_path)
    assert "by version" in (tmp_path / "trend.svg").read_text()
    wrong_use = refused("audit", "ops.parquet", "other.parquet", "--trend", "trend.svg", cwd=tmp_path)
    assert "--trend trend.svg: it shows one trace: leave out other.parquet" in wrong_use
    assert "--trend t.gif" in refused("audit", "ops.parquet", "--trend", "t.gif", cwd=tmp_path)
