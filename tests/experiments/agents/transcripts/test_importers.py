"""Transcripts of every format become operations; whatever is broken in them is counted, never a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.agents.transcripts import lines
from plandrift.experiments.agents.transcripts.entire import checkpoints
from plandrift.experiments.agents.transcripts.finding import find
from plandrift.experiments.agents.transcripts.importing import import_files, import_path
from plandrift.experiments.agents.transcripts.mapping import read_mapping
from plandrift.experiments.agents.transcripts.operation import Operation, operations
from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary
from plandrift.sim import PlandriftError, SettingError
from tests.experiments.agents.transcripts.samples import (
    BEGIN,
    FOLDER,
    ORIGINAL,
    Claude,
    claude_session,
    codex_rollout,
    entire_repository,
    opencode_export,
    otel_spans,
)


def imported(path: Path, form: str, **more: Any) -> tuple[list[Operation], ImportSummary]:
    out = path.parent / "ops.parquet"
    summary = import_path(path, form, out, **more)
    return list(operations(out)), summary


def test_a_session_of_claude_code(tmp_path: Path) -> None:
    rows, summary = imported(claude_session().save(tmp_path / "s.jsonl"), "claude-code")
    assert [(r.tool, r.kind) for r in rows] == [
        ("Read", "read"),
        ("Edit", "write"),
        ("Bash", "opaque"),
        ("Edit", "write"),
        ("Edit", "write"),
        ("Edit", "write"),
        ("Write", "write"),
        ("Edit", "write"),
    ]
    read, edit, bash, second, gone, never, anew, unread = rows
    assert (summary.calls, summary.sessions, summary.agents, dict(summary.troubles)) == (8, 1, 1, {})
    assert read.called == BEGIN + 2
    assert read.whole
    assert read.seen == edit.before != edit.after
    assert (read.turn, anew.turn) == (1, 2)
    assert bash.command == "formatter"
    # The formatter changed the file, and the text that the second edit replaces is there all the same.
    assert second.before != edit.after
    assert (second.meant, second.stands, second.span) == (True, True, "2-2")
    assert (gone.error, gone.meant, gone.stands, gone.ok) == ("not found", True, False, False)
    assert (never.meant, never.stands) == (False, False)
    assert anew.before != second.after
    assert (unread.error, unread.fluent) == ("not read", f"{FOLDER}/other.py")


def test_no_content_is_in_the_file(tmp_path: Path) -> None:
    session = claude_session().save(tmp_path / "s.jsonl")
    import_path(session, "claude-code", tmp_path / "ops.parquet")
    for row in operations(tmp_path / "ops.parquet"):
        assert "prices" not in str(row)
        assert "ruff" not in str(row)


def test_pseudonyms_hide_names_and_keep_who_is_who(tmp_path: Path) -> None:
    session = claude_session().save(tmp_path / "s.jsonl")
    plain, _ = imported(session, "claude-code")
    hidden, _ = imported(session, "claude-code", pseudonyms=True)
    assert "shop" not in str(hidden)
    assert "s1" not in str(hidden)
    pairs = {(a.fluent, b.fluent) for a, b in zip(plain, hidden, strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_subagents_are_agents_of_their_own_and_numbered_text_is_read(tmp_path: Path) -> None:
    session = Claude()
    use = {"type": "tool_use", "id": "t1", "name": "Read", "input": {"file_path": "a.py"}}
    answer = {"type": "tool_result", "tool_use_id": "t1", "content": "     1→x = 1\n     2→y = 2"}
    for number, (kind, part) in enumerate((("assistant", use), ("user", answer))):
        inner: dict[str, Any] = {"type": kind, "timestamp": f"2026-01-01T00:00:0{number}Z"}
        inner["message"] = {"role": kind, "content": [part]}
        data = {"type": "agent_progress", "agentId": "sub", "message": inner}
        session.line("progress", number, None, data=data)
    session.reads(f"{FOLDER}/a.py", 5, "x = 1\ny = 2\n")
    rows, summary = imported(session.save(tmp_path / "s.jsonl"), "claude-code")
    assert [r.agent for r in rows] == ["sub", ""]
    assert summary.agents == 2
    assert rows[0].seen == rows[1].seen
    assert rows[0].whole


def test_events_in_several_files_count_once(tmp_path: Path) -> None:
    session = claude_session()
    (tmp_path / "deep").mkdir()
    session.save(tmp_path / "a.jsonl")
    session.lines = session.lines[:9]
    session.save(tmp_path / "deep" / "b.jsonl")
    # The same call again under another event.
    twice = dict(session.lines[1], uuid="another")
    (tmp_path / "deep" / "c.jsonl").write_text(json.dumps(twice) + "\n")
    out = tmp_path / "ops.parquet"
    summary = import_path(tmp_path, "claude-code", out)
    assert len(list(operations(out))) == 8
    assert (summary.files, summary.merged) == (3, 10)


HOSTILE = [
    b"",
    b"\x00\xff\xfe\x80 binary \n",
    b"[1, 2]\n42\nnull\n",
    b'{"type": "assistant"',
    b'{"type": "assistant", "message": 7, "timestamp": "2026-01-01T00:00:00Z"}\n',
    b'{"type": "user", "message": {"content": [7, null, {"type": "tool_result"}]}, "timestamp": "x"}\n',
    b'{"type": "progress", "data": {"type": "agent_progress", "message": []}}\n',
    b'{"type": "attachment", "attachment": {"type": "edited_text_file"}, "timestamp": 3}\n',
    b"[" * 100_000 + b"\n",
    json.dumps({"uuid": "u1", "parentUuid": "u2", "type": "user"}).encode() + b"\n",
    json.dumps({"uuid": "u2", "parentUuid": "u1", "type": "user"}).encode() + b"\n",
]


@pytest.mark.parametrize("form", ["claude-code", "codex", "opencode", "otel"])
def test_nothing_that_a_file_holds_makes_it_crash(form: str, tmp_path: Path) -> None:
    ending = ".json" if form == "opencode" else ".jsonl"
    for number, content in enumerate(HOSTILE):
        (tmp_path / f"{number}{ending}").write_bytes(content)
    good = tmp_path / f"z{ending}"
    mapping = None
    if form == "claude-code":
        claude_session().save(good)
    elif form == "codex":
        codex_rollout(good)
    elif form == "opencode":
        opencode_export(good)
    else:
        log, tools = otel_spans(tmp_path)
        log.rename(good)
        mapping = read_mapping(tools)
    out = tmp_path / "ops.parquet"
    summary = import_path(tmp_path, form, out, mapping)
    assert summary.troubles.total() >= 4
    assert len(list(operations(out))) >= 2


def test_odd_values_in_calls_are_no_crash(tmp_path: Path) -> None:
    session = Claude()
    for given in (
        {},
        {"file_path": None},
        {"file_path": 7},
        {"file_path": "../../../../etc/passwd"},
        {"file_path": "/a/../b\n\x00c", "old_string": 3, "new_string": None},
        {"file_path": "x" * 10_000, "edits": "no"},
    ):
        for tool in ("Read", "Edit", "Write", "MultiEdit", "NotebookEdit"):
            for result in (None, {}, {"file": 3}, {"originalFile": 4, "oldString": []}, "Error: no", [1]):
                session.call(tool, len(session.lines), len(session.lines) + 0.5, given, result)
    rows, summary = imported(session.save(tmp_path / "s.jsonl"), "claude-code")
    assert len(rows) == summary.calls == 6 * 5 * 6
    names = {r.fluent for r in rows}
    assert "/etc/passwd" in names
    assert all(name.isprintable() and len(name) <= 4096 for name in names)


def test_a_line_that_is_too_long_is_skipped_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 2000)
    session = claude_session().save(tmp_path / "s.jsonl")
    huge = json.dumps({"type": "user", "pad": "x" * 9000}).encode() + b"\n"
    session.write_bytes(huge + session.read_bytes())
    rows, summary = imported(session, "claude-code")
    assert len(rows) == 8
    assert sum(n for why, n in summary.troubles.items() if "MiB" in why) == 1


def test_answers_that_are_missing_or_early(tmp_path: Path) -> None:
    session = Claude()
    session.call("Bash", 1, None, {"command": "sleep 9"})
    session.reads("a.py", 2, "x\n")
    session.lines.append(session.lines.pop(-2))
    session.line("user", 9, [{"type": "tool_result", "tool_use_id": "of nobody", "content": ""}])
    rows, summary = imported(session.save(tmp_path / "s.jsonl"), "claude-code")
    assert [(r.tool, r.ok, r.answered is None) for r in rows] == [
        ("Bash", False, True),
        ("Read", True, False),
    ]
    assert dict(summary.troubles) == {"calls without an answer": 1, "answers without their call": 1}


def test_a_rollout_of_codex(tmp_path: Path) -> None:
    rows, summary = imported(codex_rollout(tmp_path / "r.jsonl"), "codex")
    assert [(r.tool, r.kind, r.fluent, r.ok) for r in rows] == [
        ("exec_command", "read", f"{FOLDER}/a.py", True),
        ("apply_patch", "write", f"{FOLDER}/a.py", True),
        ("apply_patch", "write", f"{FOLDER}/new.py", True),
        ("update_plan", "opaque", "", True),
        ("apply_patch", "write", f"{FOLDER}/a.py", False),
    ]
    read, edited, made, plan, failed = rows
    assert (read.whole, read.span, edited.meant, dict(summary.shell)) == (True, "1-2", True, {"read": 1})
    # The lines of the patch are where the read showed them.
    assert (edited.span, edited.before, edited.whole) == ("1-2", read.seen, True)
    assert (made.before, made.whole, plan.plan) == (None, True, "list")
    # What it replaced a moment ago no longer stands in what it knows.
    assert (failed.error, failed.stands) == ("not found", False)
    # What a patch did is an event of its own, but no call.
    assert summary.calls == 4


def test_an_export_of_opencode(tmp_path: Path) -> None:
    rows, _ = imported(opencode_export(tmp_path / "e.json"), "opencode")
    read, bash, edit = rows
    assert (read.kind, read.whole, read.called) == ("read", True, BEGIN + 2)
    assert bash.command == "formatter"
    assert edit.before != read.seen
    assert (edit.meant, edit.stands, edit.whole, edit.turn) == (True, True, True, 1)


def test_spans_with_a_mapping(tmp_path: Path) -> None:
    log, mapping = otel_spans(tmp_path)
    rows, summary = imported(log, "otel", mapping=read_mapping(mapping))
    read, close = rows
    assert [(r.kind, r.fluent, r.version) for r in rows] == [
        ("read", "ticket/7", "3"),
        ("write", "ticket/7", "3"),
    ]
    assert (read.called, read.answered, read.session) == (BEGIN + 1, BEGIN + 1.5, "o1")
    assert read.whole
    assert close.before not in (None, read.seen)
    assert summary.calls == 2
    # With no mapping nothing is known of what they read and wrote, and that is said.
    rows, summary = imported(log, "otel")
    assert {r.kind for r in rows} == {"opaque"}
    assert summary.troubles["calls of get_ticket, which the mapping does not name"] == 1


def test_lines_of_any_shape_with_a_mapping(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        json.dumps({"what": {"op": "put", "key": "k"}, "at": 1767225600, "till": 1767225601}) + "\n"
    )
    tools = tmp_path / "tools.toml"
    tools.write_text(
        '[fields]\ntool = "what.op"\nstart = "at"\nend = "till"\narguments = "what"\n'
        '[tools.put]\nwrites = "kv/{input.key}"\n'
    )
    rows, _ = imported(log, "otel", mapping=read_mapping(tools))
    assert [(r.tool, r.kind, r.fluent, r.called) for r in rows] == [("put", "write", "kv/k", BEGIN)]


@pytest.mark.parametrize(
    "text",
    ["[tools.a]\nread = 'x'", "[tool.a]\nreads = 'x'", "[fields]\nname = 'x'", "[tools]\na = 3", "not toml"],
)
def test_a_mapping_that_says_what_there_is_not_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "tools.toml").write_text(text)
    with pytest.raises(SettingError, match="--mapping"):
        read_mapping(tmp_path / "tools.toml")


def test_the_branch_that_entire_writes(tmp_path: Path) -> None:
    # The lines count, not what the checkpoint calls the agent.
    repository = entire_repository(tmp_path / "repo", "Gemini CLI")
    found = checkpoints(repository)
    assert {form: len(files) for form, files in found.files.items()} == {"claude-code": 2}
    out = tmp_path / "ops.parquet"
    summary = import_files(found.files, out)
    assert (summary.calls, summary.merged) == (8, 7)
    # In its folder and on its branch.
    assert {name: len(files) for name, files in find([repository]).files.items()} == {"claude-code": 4}


def test_what_is_no_repository_of_entire_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlandriftError, match="is not a git repository"):
        checkpoints(tmp_path)


def test_a_file_of_operations_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(PlandriftError, match="no such file"):
        next(operations(tmp_path / "none.parquet"))
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(PlandriftError, match="holds no operations"):
        next(operations(tmp_path / "x.parquet"))
    with pytest.raises(PlandriftError, match=r"end its name in \.parquet"):
        import_path(claude_session().save(tmp_path / "s.jsonl"), "claude-code", tmp_path / "ops.csv")


def test_the_same_transcript_gives_the_same_rows_however_it_is_cut(tmp_path: Path) -> None:
    session = claude_session()
    whole, _ = imported(session.save(tmp_path / "s.jsonl"), "claude-code")
    folder = tmp_path / "cut"
    folder.mkdir()
    for number, line in enumerate(session.lines):
        (folder / f"{number:03}.jsonl").write_text(json.dumps(line) + "\n")
    out = tmp_path / "cut.parquet"
    import_path(folder, "claude-code", out)
    assert list(operations(out)) == whole
    assert ORIGINAL


def test_a_patch_that_fails_accuses_only_the_file_that_it_names(tmp_path: Path) -> None:
    rollout = codex_rollout(tmp_path / "r.jsonl")
    text = rollout.read_text().replace(
        "Failed to find expected lines", f"Failed to find expected lines in {FOLDER}/a.py:\\nx = 1\\ny = 3"
    )
    rollout.write_text(text.replace("*** End Patch", "*** Update File: b.py\\n@@\\n-a\\n+b\\n*** End Patch"))
    rows, _ = imported(rollout, "codex")
    failed = [(r.fluent, r.error, r.meant, r.stands) for r in rows if r.tool == "apply_patch" and not r.ok]
    # The lines that the answer names stood in what the agent knew, after its own patch.
    assert sorted(failed) == [
        (f"{FOLDER}/a.py", "not found", True, False),
        (f"{FOLDER}/b.py", "other", None, None),
    ]
