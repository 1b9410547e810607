"""How many writes could be judged, and by what, where the transcript leaves out what there was before."""

from __future__ import annotations

from pathlib import Path

from plandrift.experiments.agents.audit.audit import audit
from plandrift.experiments.agents.audit.coverage import coverage
from plandrift.experiments.agents.audit.ledger import read_ledger
from plandrift.experiments.agents.transcripts.operation import operations
from tests.command import plandrift, refused
from tests.experiments.agents.audit.test_ledger import ledger_of
from tests.experiments.agents.transcripts.samples import FOLDER, Claude, stamp

PATH = f"{FOLDER}/large.py"


def large(changed: str = "") -> str:
    """A file too large for the transcript, with one line perhaps changed by another hand."""
    lines = [f"value_{i} = {'x' * 100}" for i in range(200)]
    return "\n".join([changed, *lines[1:]] if changed else lines)


def edits(session: Claude, at: float, before: str, line: int, new: str) -> str:
    """An edit of one line as versions since 2.1.166 report it; return what it leaves."""
    lines = before.split("\n")
    start = max(line - 3, 0)
    old = lines[start : line + 4]
    shown = [f" {text}" for text in old[: line - start]]
    shown += [f"-{lines[line]}", f"+{new}", *(f" {text}" for text in old[line - start + 1 :])]
    hunk = {"oldStart": start + 1, "oldLines": len(old), "newStart": start + 1, "newLines": len(old)}
    given = {"file_path": PATH, "old_string": lines[line], "new_string": new}
    result = {"filePath": PATH, "oldString": lines[line], "newString": new, "originalFile": None}
    session.call("Edit", at, at + 0.05, given, result | {"structuredPatch": [hunk | {"lines": shown}]})
    return "\n".join([*lines[:line], new, *lines[line + 1 :]])


def test_the_lines_of_a_patch_stand_for_a_content_that_is_left_out(tmp_path: Path) -> None:
    session = Claude()
    session.reads(PATH, 0, large())
    now = edits(session, 10, large(), 50, "mine")
    now = edits(session, 20, now, 60, "mine too")
    # Another hand inserts a line above.
    now = edits(session, 30, "theirs\n" + now, 71, "mine again")
    first, second, third = ledger_of(session, tmp_path).writes
    assert [w.operation.before_by for w in (first, second, third)] == ["patch"] * 3
    assert [w.changed for w in (first, second, third)] == [False, False, True]
    assert not any(w.wrong for w in (first, second, third))
    assert first.operation.size == len(large())


def test_a_line_in_the_patch_that_the_agent_never_saw_is_a_change(tmp_path: Path) -> None:
    session = Claude()
    session.reads(PATH, 0, large())
    lines = [" theirs", *(f" {line}" for line in large().split("\n")[1:4])]
    hunk = {"oldStart": 1, "oldLines": 4, "newStart": 1, "newLines": 4}
    result = {"type": "update", "filePath": PATH, "content": "all mine", "originalFile": None}
    patch = [hunk | {"lines": [f"-{line[1:]}" for line in lines]}]
    session.call("Write", 9, 9.1, {"file_path": PATH}, result | {"structuredPatch": patch})
    (write,) = ledger_of(session, tmp_path).writes
    assert write.lost_update


def test_what_could_not_be_judged_is_said_by_reason_and_size(tmp_path: Path) -> None:
    session = Claude()
    small, unread, new = (f"{FOLDER}/{name}.py" for name in ("small", "unread", "new"))
    session.reads(small, 0, "x = 1\n")
    session.edits(small, 1, "x = 1\n", "1", "2")
    # Never read as a whole, so that there is nothing to compare the patch with.
    edits(session, 2, large(), 50, "mine")
    session.edits(unread, 3, "y = 1\n", "1", "2")
    session.writes(new, 4, None, "z = 1\n")
    session.writes(f"{FOLDER}/REDACTED", 5, "a", "b")
    session.fails(small, 6, "a", "b", "File has not been read yet.")
    found = coverage(ledger_of(session, tmp_path))
    assert (found.writes, dict(found.judged)) == (6, {"transcript": 1})
    assert sorted(found.reasons.values()) == [1] * 5
    assert found.sizes == {"up to 10,000 characters": (1, 4), "above 10,000": (0, 0), "unknown": (0, 1)}
    said = plandrift("audit", "ops.parquet", cwd=tmp_path).stdout
    assert "1 of 6 writes could be judged" in said.split(" figure ")[0]
    assert "1 of a path that is redacted or missing" in said


def test_no_guard_is_advised_from_fewer_than_ten_wrong_writes(tmp_path: Path) -> None:
    for losses in (9, 10):
        session = Claude()
        for number in range(losses):
            path = f"{FOLDER}/{number}.py"
            session.reads(path, 10 * number, "x\n")
            session.writes(path, 10 * number + 5, "theirs\n", "mine\n")
        ledger_of(session, tmp_path)
        found = audit(tmp_path / "ops.parquet", ["none", "hash"])
        assert found.guards[1].right == losses
        assert ("too few to base a choice on; they suggest hash" in found.sentence) == (losses < 10)
        assert ("would choose hash" in found.sentence) == (losses == 10)


def test_backups_on_ones_own_machine_hold_what_is_left_out(tmp_path: Path) -> None:
    session = Claude()
    session.reads(PATH, 0, large())
    changed = large("theirs")
    # A backup is made when the edit is about to be done.
    held = {"backupFileName": "abc@v1", "version": 1, "backupTime": stamp(10.02)}
    outside = held | {"backupFileName": "../../../secret"}
    snapshot = {"timestamp": stamp(9), "trackedFileBackups": {"large.py": held, "other.py": outside}}
    session.lines.append({"type": "file-history-snapshot", "isSnapshotUpdate": True, "snapshot": snapshot})
    edits(session, 10, changed, 50, "mine")
    session.save(tmp_path / "s.jsonl")
    assert [w.changed for w in ledger_of(session, tmp_path).writes] == [False]
    (tmp_path / "history" / "s1").mkdir(parents=True)
    (tmp_path / "history" / "s1" / "abc@v1").write_text(changed)
    out = ("--out", "o.parquet")
    plandrift("import", "claude-code", "s.jsonl", *out, "--history", "history", cwd=tmp_path)
    (write,) = read_ledger(operations(tmp_path / "o.parquet")).writes
    assert (write.operation.before_by, write.changed, write.wrong) == ("backup", True, False)
    assert "--history none" in refused(
        "import", "claude-code", "s.jsonl", *out, "--history", "none", cwd=tmp_path
    )
