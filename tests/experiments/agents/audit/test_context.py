"""Plans told task by task, compactions of the context, false refusals, and refusals in a row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.audit.judge import judge
from plandrift.experiments.agents.audit.ledger import AuditLedger, read_ledger
from plandrift.experiments.agents.audit.measures import AuditFigure, figures
from plandrift.experiments.agents.audit.plans import plans_of
from plandrift.experiments.agents.transcripts.importing import import_path
from plandrift.experiments.agents.transcripts.operation import COMPACTED, operations
from plandrift.policies import POLICIES
from tests.experiments.agents.transcripts.samples import FOLDER, Claude, stamp

A, B, C = (f"{FOLDER}/{name}.py" for name in "abc")
MODIFIED = "File has been modified since read, either by the user or by a linter. Read it again."


def ledger_of(session: Claude, folder: Path, form: str = "claude-code") -> AuditLedger:
    session.save(folder / "s.jsonl")
    summary = import_path(folder / "s.jsonl", form, folder / "ops.parquet")
    assert not summary.troubles
    return read_ledger(operations(folder / "ops.parquet"))


def named(ledger: AuditLedger) -> dict[str, AuditFigure]:
    return {figure.name: figure for figure in figures(ledger)}


def test_tasks_told_one_by_one_are_one_plan(tmp_path: Path) -> None:
    session = Claude()

    def creates(at: float, id: str) -> None:
        result = {"task": {"id": id, "subject": f"task {id}"}}
        session.call("TaskCreate", at, at + 0.01, {"subject": f"task {id}", "description": "…"}, result)

    def updates(at: float, id: str, status: str) -> None:
        session.call("TaskUpdate", at, at + 0.01, {"taskId": id, "status": status}, {"success": True})

    for at, path in enumerate((A, B, C)):
        session.reads(path, at, "x = 1\n")
    creates(5, "1")
    creates(6, "2")
    updates(7, "1", "in_progress")
    session.edits(A, 10, "x = 1\n", "1", "2")
    updates(11, "1", "completed")
    session.edits(B, 20, "x  = 1\n", "1", "2")
    creates(21, "3")
    updates(22, "3", "deleted")
    session.edits(C, 25, "x = 1\n", "1", "2")
    updates(30, "2", "completed")
    ledger = ledger_of(session, tmp_path)
    plans = ["list", "progress", "progress", "progress", "list", "list", "finished"]
    assert [op.plan for op in ledger.operations if op.plan] == plans
    (plan,) = plans_of(ledger)
    assert (plan.kind, [step.stale for step in plan.steps]) == ("list", [False, True])


def compacts(session: Claude, at: float, kept: list[str]) -> None:
    """The line that a compaction leaves."""
    metadata = {"trigger": "auto", "preTokens": 9, "preservedMessages": {"uuids": kept}}
    line: dict[str, Any] = {"type": "system", "subtype": "compact_boundary", "uuid": f"compaction {at}"}
    line |= {"sessionId": session.session, "timestamp": stamp(at), "compactMetadata": metadata}
    session.lines.append(line)


def test_what_was_seen_before_a_compaction_is_no_basis(tmp_path: Path) -> None:
    session = Claude()
    for at, path in enumerate((A, B, C)):
        session.reads(path, at, "x = 1\ny = 1\n")
    kept = session.lines[-1]["uuid"]
    compacts(session, 5, [kept])
    session.edits(A, 10, "x = 1\ny = 2\n", "x = 1", "x = 3")
    # An own edit brings only its own lines into the context.
    session.writes(A, 12, "x = 3\ny = 2\n", "mine\n")
    session.reads(B, 15, "x = 1\ny = 1\n")
    session.edits(B, 20, "x = 1\ny = 1\n", "x = 1", "x = 2")
    session.edits(C, 30, "x = 1\ny = 1\n", "x = 1", "x = 2")
    session.edits(A, 40, "mine\n", "mine", "still mine")
    ledger = ledger_of(session, tmp_path)
    assert [w.from_memory for w in ledger.writes] == [True, True, False, False, False]
    assert [w.rests_on_whole for w in ledger.writes] == [False, False, True, True, True]
    found = named(ledger)
    assert found["writes from memory"].value.mean == 2 / 5
    assert found["changed, of these"].value.mean == 1
    assert found["wrong, of these"].value.mean == 0.5
    assert found["lost updates"].value.n == 3
    row = judge(tmp_path / "ops.parquet", POLICIES["look-first"]()).row()
    assert (row["writes"], row["not_judged"], row["wrong"]) == (3, 2, 0)


def test_a_compaction_of_codex_keeps_what_its_history_holds(tmp_path: Path) -> None:
    def patch(name: str) -> str:
        return f"*** Begin Patch\n*** Add File: {FOLDER}/{name}\n+x\n*** End Patch"

    lines: list[tuple[str, float, dict[str, Any]]] = [("session_meta", 0, {"id": "c1", "cwd": FOLDER})]
    for at, name in enumerate("ab", 1):
        call = {"type": "custom_tool_call", "name": "apply_patch", "call_id": name, "input": patch(name)}
        output = {"type": "custom_tool_call_output", "call_id": name, "output": "Exit code: 0\nSuccess"}
        lines += [("response_item", at, call), ("response_item", at + 0.1, output)]
    history = [{"type": "message"}, {"type": "custom_tool_call_output", "call_id": "b"}]
    lines.append(("compacted", 5, {"message": "", "replacement_history": history}))
    log = tmp_path / "r.jsonl"
    log.write_text(
        "".join(json.dumps({"timestamp": stamp(at), "type": k, "payload": p}) + "\n" for k, at, p in lines)
    )
    import_path(log, "codex", tmp_path / "ops.parquet")
    rows = [op for op in operations(tmp_path / "ops.parquet") if op.command == COMPACTED]
    assert [row.fluent for row in rows] == ["", f"{FOLDER}/b"]


def test_a_refusal_is_false_if_nothing_had_been_modified(tmp_path: Path) -> None:
    session = Claude()
    for path in (A, B, C):
        session.reads(path, 0, "x = 1\n")
        session.fails(path, 5, "x = 1", "x = 2", MODIFIED)
    session.reads(A, 10, "x = 1\n")
    session.reads(B, 11, "x = 7\n")
    # What a command did in between cannot be told from what had been done before.
    session.runs("make", 12, 13)
    session.reads(C, 14, "x = 1\n")
    ledger = ledger_of(session, tmp_path)
    assert ledger.false_refusals == [True, False]
    false = named(ledger)["false, of refusals as modified"].value
    assert (false.mean, false.n) == (0.5, 2)


def test_refusals_in_a_row_are_counted_by_their_length(tmp_path: Path) -> None:
    session = Claude()
    session.reads(A, 0, "x = 1\n")
    for at in range(4):
        session.fails(A, 5 + at, "x = 1", "x = 2", MODIFIED)
    session.fails(A, 20, "y", "z", MODIFIED)
    session.reads(A, 21, "x = 1\n")
    session.fails(A, 22, "y", "z", MODIFIED)
    session.edits(A, 23, "x = 1\ny", "y", "z")
    session.fails(A, 24, "w", "z", MODIFIED)
    found = named(ledger_of(session, tmp_path))
    # After 4 refusals 3 tries, after the last one before a success one, which is not refused again.
    again = found["refused writes tried again unchanged"].value
    assert (again.mean, again.n) == (4 / 7, 7)
    assert found["tries in a row after a refusal, median"].value.mean == 2
    assert found["tries in a row after a refusal, worst"].value.mean == 3
