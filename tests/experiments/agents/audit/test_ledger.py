"""What each write rested on, by hand on a small session, and what each guard says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from plandrift.experiments.agents.audit.audit import audit
from plandrift.experiments.agents.audit.guards import DEFAULT, GuardRow, guard_named, guarded
from plandrift.experiments.agents.audit.ledger import AuditLedger, read_ledger
from plandrift.experiments.agents.audit.measures import figures, thinking_times
from plandrift.experiments.agents.audit.plans import plans_of
from plandrift.experiments.agents.audit.replayed import judged
from plandrift.experiments.agents.transcripts.importing import import_path
from plandrift.experiments.agents.transcripts.operation import operations
from plandrift.policies import POLICIES
from plandrift.sim import SettingError
from tests.experiments.agents.transcripts.samples import (
    FOLDER,
    ORIGINAL,
    Claude,
    claude_session,
    opencode_export,
)


def ledger_of(session: Claude, folder: Path) -> AuditLedger:
    session.save(folder / "s.jsonl")
    import_path(folder / "s.jsonl", "claude-code", folder / "ops.parquet")
    return read_ledger(operations(folder / "ops.parquet"))


def test_a_session_by_hand(tmp_path: Path) -> None:
    first, second, gone, never, anew, unread = ledger_of(claude_session(), tmp_path).writes
    assert first.age == pytest.approx(3.0)
    assert not first.changed
    # The formatter ran between the first edit, answered at 5.05, and the second.
    assert second.age == pytest.approx(6.95)
    assert (second.changed, second.outdated, second.author, second.wrong) == (
        True,
        True,
        "own formatter",
        False,
    )
    assert (gone.moved, gone.wrong, gone.author) == (True, True, "nobody seen")
    assert (never.own_error, never.wrong) == (True, False)
    assert (anew.lost_update, anew.wrong, anew.blind) == (True, True, False)
    assert (unread.basis, unread.wrong) == (None, False)


def test_the_guards_by_hand(tmp_path: Path) -> None:
    writes = guarded(ledger_of(claude_session(), tmp_path).writes)
    assert len(writes) == 5
    says = {
        name: "".join("x" if guard_named(name)(w) else "." for w in writes)
        for name in [*DEFAULT.split(","), "age:5", "age:20"]
    }
    assert says == {
        "none": ".....",
        "warn": ".....",
        # Own edits came after the only read, so that all but the first are taken for changed.
        "mtime": ".xxxx",
        "mtime-refreshed": ".xx.x",
        "hash": ".xx.x",
        "version": ".xx.x",
        "region": "..x.x",
        "if-match": ".xx.x",
        "age:60": "..xxx",
        "age:600": ".....",
        "age:5": ".xxxx",
        "age:20": "..xxx",
    }


def test_the_policy_by_region_says_of_a_trace_what_the_guard_by_region_says(tmp_path: Path) -> None:
    ledger = ledger_of(claude_session(), tmp_path)
    rows = list(operations(tmp_path / "ops.parquet"))
    said = {c.operations[0].call: c.verdict for c in judged(rows, POLICIES["region"]()) if c.known}
    by_guard = {w.operation.call: guard_named("region")(w) for w in guarded(ledger.writes)}
    assert {call: verdict.kind == "block" for call, verdict in said.items()} == by_guard
    assert sum(by_guard.values()) == 2
    assert "the text to be replaced" in next(v.reason for v in said.values() if v.kind == "block")


def test_the_table_counts_right_false_and_missed(tmp_path: Path) -> None:
    ledger_of(claude_session(), tmp_path)
    rows = {row.guard: row for row in audit(tmp_path / "ops.parquet", DEFAULT.split(",")).guards}

    def counts(row: GuardRow) -> tuple[int, int, int, int]:
        return row.blocks, row.right, row.false, row.missed

    assert counts(rows["none"]) == (0, 0, 0, 2)
    assert counts(rows["mtime"]) == (4, 2, 2, 0)
    assert counts(rows["hash"]) == (3, 2, 1, 0)
    assert counts(rows["region"]) == (2, 2, 0, 0)
    assert (rows["warn"].warned, rows["warn"].blocks) == (3, 0)
    for row in rows.values():
        assert 0 <= row.false_rate.low <= row.false_rate.mean <= row.false_rate.high <= 1


def test_a_partial_reading_that_shows_the_change_refreshes_the_basis(tmp_path: Path) -> None:
    session = Claude()
    path = f"{FOLDER}/a.py"
    session.reads(path, 0, "a = 1\nb = 2\n")
    part = {
        "type": "text",
        "file": {"filePath": path, "content": "b = 3", "numLines": 1, "startLine": 2, "totalLines": 3},
    }
    session.call("Read", 50, 50.1, {"file_path": path, "offset": 2, "limit": 1}, part)
    session.edits(path, 60, "a = 1\nb = 3\n", "b = 3", "b = 4")
    (write,) = ledger_of(session, tmp_path).writes
    # It saw the change, though the whole is not the one that it had last seen as a whole.
    assert (write.changed, write.outdated) == (False, True)
    assert write.age == pytest.approx(10)
    assert write.whole_age == pytest.approx(60)


def test_another_sessions_write_is_seen_as_another_sessions(tmp_path: Path) -> None:
    mine, theirs = Claude("mine"), Claude("theirs")
    path = f"{FOLDER}/a.py"
    mine.reads(path, 0, ORIGINAL)
    theirs.reads(path, 1, ORIGINAL)
    theirs.edits(path, 10, ORIGINAL, "sum", "max")
    mine.writes(path, 20, ORIGINAL.replace("sum", "max"), "pass\n")
    mine.lines += theirs.lines
    by_mine = ledger_of(mine, tmp_path).writes[1]
    assert (by_mine.author, by_mine.foreign, by_mine.wrong) == ("another session", True, True)


def test_a_blind_write_is_one_over_what_was_never_seen(tmp_path: Path) -> None:
    session = Claude()
    session.writes(f"{FOLDER}/new.py", 1, None, "x = 1\n")
    session.writes(f"{FOLDER}/old.py", 5, "y = 1\n", "y = 2\n")
    new, old = ledger_of(session, tmp_path).writes
    assert (new.blind, old.blind) == (False, True)


def test_thinking_is_from_the_last_answer_to_the_next_call_within_a_turn(tmp_path: Path) -> None:
    ledger = ledger_of(claude_session(), tmp_path)
    expected = [5 - 2.01, 8 - 5.05, 12 - 9, 80 - 12.05, 90 - 80.02, 115 - 110.05]
    assert thinking_times(ledger.operations) == pytest.approx(expected)


def test_the_plan_of_a_turn_goes_stale_as_any_plan_does(tmp_path: Path) -> None:
    session = Claude()
    a, b, c = (f"{FOLDER}/{name}.py" for name in "abc")
    session.says(0, "change three files")
    for at, path in enumerate((a, b, c)):
        session.reads(path, at + 1, "x = 1\n")
    session.edits(a, 10, "x = 1\n", "1", "2")
    session.runs("ruff format .", 11, 12)
    # The formatter has changed both that are left; of the last it is known only when it is written.
    session.edits(b, 20, "x  = 1\n", "1", "2")
    session.edits(c, 30, "x  = 1\n", "1", "2")
    (plan,) = plans_of(ledger_of(session, tmp_path))
    assert (plan.kind, [step.staleness for step in plan.steps]) == ("turn", [0, 0.5, 1])
    assert [step.stale for step in plan.steps] == [False, True, True]
    assert plan.steps[2].plan_age == pytest.approx(20)
    assert plan.staleness == 0.5


def test_a_list_of_to_dos_is_a_plan_until_its_steps_are_others_or_done(tmp_path: Path) -> None:
    session = Claude()
    a, b, c = (f"{FOLDER}/{name}.py" for name in "abc")

    def notes(at: float, **statuses: str) -> None:
        todos = [{"content": name, "status": status} for name, status in statuses.items()]
        session.call("TodoWrite", at, at + 0.01, {"todos": todos})

    for turn, path in enumerate((a, b, c)):
        session.reads(path, turn + 1, "x = 1\n")
    notes(5, a="pending", b="pending")
    session.edits(a, 10, "x = 1\n", "1", "2")
    # What a person says in between begins another turn, and no other plan.
    session.says(15, "go on")
    notes(16, a="completed", b="in_progress")
    session.edits(b, 20, "x  = 1\n", "1", "2")
    notes(25, a="completed", b="completed")
    session.edits(a, 30, "x = 2\n", "2", "3")
    session.edits(b, 31, "x  = 2\n", "2", "3")
    notes(35, c="pending")
    session.edits(c, 40, "x = 1\n", "1", "2")
    ledger = ledger_of(session, tmp_path)
    assert [op.plan for op in ledger.operations if op.plan] == ["list", "progress", "finished", "list"]
    listed, one_turn = plans_of(ledger)
    assert (listed.kind, [step.stale for step in listed.steps]) == ("list", [False, True])
    assert (one_turn.kind, len(one_turn.steps)) == ("turn", 2)


def test_the_figures_are_shares_within_their_bounds(tmp_path: Path) -> None:
    for figure in figures(ledger_of(claude_session(), tmp_path)):
        if figure.unit == "share" and figure.value.n:
            assert 0 <= figure.value.low <= figure.value.mean <= figure.value.high <= 1, figure.name
    named = {f.name: f.value for f in figures(ledger_of(claude_session(), tmp_path))}
    assert named["blind writes"].mean == 0
    assert named["changed by another hand, basis under 10 s"].mean == 0.5
    assert named["of these, by own formatter"].n == 3


def test_an_export_of_opencode_is_audited_as_well(tmp_path: Path) -> None:
    import_path(opencode_export(tmp_path / "e.json"), "opencode", tmp_path / "ops.parquet")
    (write,) = read_ledger(operations(tmp_path / "ops.parquet")).writes
    assert (write.changed, write.author, write.wrong) == (True, "own formatter", False)


def test_a_guard_that_there_is_not_is_refused() -> None:
    for name in ("hsh", "age:", "age:soon", "age:-1"):
        with pytest.raises(SettingError, match="--guards"):
            guard_named(name)


def test_a_redacted_path_is_no_file_and_a_new_file_overwrites_nothing(tmp_path: Path) -> None:
    session = Claude()
    one, other = f"{FOLDER}/REDACTED.md", f"{FOLDER}/notes.md"
    session.reads(one, 1, "plan\n")
    # Another file, of which redaction has made the same name.
    session.writes(one, 5, "a letter\n", "a longer letter\n")
    session.reads(other, 6, "old\n")
    # Somebody has deleted it: nothing of theirs is lost.
    session.writes(other, 9, None, "new\n")
    session.save(tmp_path / "s.jsonl")
    summary = import_path(tmp_path / "s.jsonl", "claude-code", tmp_path / "ops.parquet")
    assert summary.troubles == {"reads and writes whose path is redacted or missing": 2}
    rows = list(operations(tmp_path / "ops.parquet"))
    assert [(op.kind, op.fluent) for op in rows] == [
        ("read", ""),
        ("write", ""),
        ("read", other),
        ("write", other),
    ]
    (created,) = read_ledger(rows).writes
    assert (created.wrong, created.outdated, created.changed) == (False, False, False)
    assert not any(call.wrong or call.violated for call in judged(rows, POLICIES["look-first"]()))
