"""What the audit says of own edits over others' changes, against scripted sessions with known truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plandrift.experiments.agents.audit.guards import guards_table
from plandrift.experiments.agents.audit.judge import judge
from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger, read_ledger
from plandrift.experiments.agents.transcripts.importing import import_path
from plandrift.experiments.agents.transcripts.operation import operations
from plandrift.policies import POLICIES
from tests.experiments.agents.audit.scripted import PATH, scripted
from tests.experiments.agents.transcripts.samples import Claude


def ledger_of(sessions: list[Claude], folder: Path) -> AuditLedger:
    lines = [json.dumps(line) + "\n" for session in sessions for line in session.lines]
    (folder / "s.jsonl").write_text("".join(lines))
    import_path(folder / "s.jsonl", "claude-code", folder / "ops.parquet")
    return read_ledger(operations(folder / "ops.parquet"))


def test_an_own_edit_does_not_hide_what_somebody_changed_before_it(tmp_path: Path) -> None:
    session = Claude()
    was = [f"line {i}" for i in range(8)]
    changed = [*was[:7], "theirs"]
    edited = ["mine", *changed[1:]]
    session.reads(PATH, 0, "\n".join(was))
    session.edits(PATH, 10, "\n".join(changed), "line 0", "mine")
    session.writes(PATH, 20, "\n".join(edited), "\n".join(["mine", "mine too", *was[2:]]))
    ledger = ledger_of([session], tmp_path)
    assert [(w.changed, w.lost_update) for w in ledger.writes] == [(True, False), (True, True)]
    names = ["hash", "if-match", "mtime-refreshed", "version"]
    rows = guards_table(ledger.writes, names, 1.0)
    # A guard that takes what the edit left on the disk as its baseline misses the loss.
    assert [(r.right, r.false, r.missed) for r in rows] == [(1, 1, 0), (1, 1, 0), (0, 1, 1), (0, 1, 1)]
    found = judge(tmp_path / "ops.parquet", POLICIES["look-first"]()).row()
    assert (found["wrong"], found["right"], found["false"], found["missed"]) == (1, 1, 1, 0)


@pytest.mark.long
def test_lost_updates_are_those_of_the_script(tmp_path: Path) -> None:
    scripts = [scripted(seed) for seed in range(120)]
    ledger = ledger_of([script.session for script in scripts], tmp_path)
    written: dict[str, list[AuditedWrite]] = {}
    for write in ledger.writes:
        if write.operation.tool == "Write":
            written.setdefault(write.operation.session, []).append(write)
    found, untold = 0, 0
    for script in scripts:
        writes = written.get(script.session.session, [])
        for write, lost, unsure in zip(writes, script.lost, script.unsure, strict=True):
            if write.rests_on_whole:
                assert write.lost_update == lost
                found += lost
            else:
                # Lines had moved in a part that it read again: what it knew of the rest cannot be told.
                assert unsure
                untold += lost
    assert found > 100
    assert 0 < untold < found / 10
    (row,) = guards_table(ledger.writes, ["if-match"], 1.0)
    judged = judge(tmp_path / "ops.parquet", POLICIES["look-first"]()).row()
    for name in ("writes", "wrong", "blocks", "right", "false", "missed"):
        assert judged[name] == getattr(row, name), name
