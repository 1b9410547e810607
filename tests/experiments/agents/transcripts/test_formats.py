"""Every format: what its own sample says, that it is found by its shape, and that no odd file is a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.agents.transcripts import lines
from plandrift.experiments.agents.transcripts.digest import Names
from plandrift.experiments.agents.transcripts.finding import find
from plandrift.experiments.agents.transcripts.importing import import_files
from plandrift.experiments.agents.transcripts.lines import Source, sources
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation, operations
from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary, OperationBuffer
from plandrift.experiments.agents.transcripts.registry import FORMATS, format_of
from plandrift.sim import PlandriftError
from tests.experiments.agents.transcripts.other_samples import SAMPLES, openhands_trajectory
from tests.experiments.agents.transcripts.samples import BEGIN, FOLDER, Claude
from tests.experiments.agents.transcripts.test_importers import HOSTILE, imported

OWN = sorted(set(FORMATS) - {"claude-code", "codex", "opencode", "otel"})
ODD: tuple[Any, ...] = (None, 7, -1.5, "", "x", [], [7], {}, {"x": None}, True, "\x00", 10**30)


def read(form: str, files: dict[str, bytes]) -> tuple[list[Operation], ImportSummary]:
    summary = ImportSummary()
    given = [Source(name, len(held), lambda held=held: BytesIO(held)) for name, held in files.items()]  # type: ignore[misc]
    with OperationBuffer(summary, form) as buffer:
        FORMATS[form].gather(given, buffer, None)
        return list(FORMATS[form].rows(buffer, Names(False), Mapping())), summary


def test_every_format_has_a_sample_and_a_name() -> None:
    assert set(SAMPLES) == set(FORMATS)
    assert all(name == form.name and form.example and form.files for name, form in FORMATS.items())


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_is_told_by_what_it_holds(form: str, tmp_path: Path) -> None:
    SAMPLES[form](tmp_path)
    for file in sources(tmp_path, FORMATS[form].endings):
        assert format_of(file) in (form, None)
    found = [format_of(file) for file in sources(tmp_path, FORMATS[form].endings)]
    assert form in found


def test_events_of_copilot(tmp_path: Path) -> None:
    rows, summary = imported(SAMPLES["copilot"](tmp_path), "copilot")
    view, edit, cat, create = rows
    assert [(r.tool, r.kind, r.agent, r.ok, r.turn) for r in rows] == [
        ("view", "read", "", True, 1),
        ("edit", "write", "", True, 1),
        ("bash", "read", "sub", True, 1),
        ("create", "write", "", True, 1),
    ]
    assert (view.whole, view.called, view.answered) == (True, BEGIN + 2, BEGIN + 2.5)
    assert (edit.meant, edit.span, edit.picture) == (True, "1-2", cat.seen)
    assert (create.before, create.whole) == ("absent", True)
    assert {(r.program, r.release) for r in rows} == {("copilot", "1.0.64")}
    assert (summary.calls, summary.agents, dict(summary.programs)) == (4, 2, {"copilot": 4})


def test_a_session_of_gemini(tmp_path: Path) -> None:
    rows, summary = imported(SAMPLES["gemini"](tmp_path), "gemini")
    view, edit, cat = rows
    assert (view.whole, view.fluent, view.called) == (True, "0123456789ab/a.py", BEGIN + 2)
    # The whole before shows what another did between; the replaced text was there all the same.
    assert edit.before not in (None, view.seen)
    assert (edit.meant, edit.stands, edit.whole) == (True, True, True)
    assert (cat.ok, cat.kind, cat.turn) == (False, "opaque", 2)
    assert summary.troubles.total() == 0
    whole = [json.loads(line) for line in (tmp_path / "chat.json").read_text().splitlines()]
    messages = [m for m in whole if "type" in m]
    held = whole[0] | {"messages": messages, "kind": "subagent"}
    again, _ = read("gemini", {"chats/m0/s.json": json.dumps(held, indent=1).encode()})
    assert [(r.session, r.agent, r.fluent, r.before) for r in again[:2]] == [
        ("m0", "m1", r.fluent, r.before) for r in rows[:2]
    ]


def test_conversations_of_openhands(tmp_path: Path) -> None:
    rows, summary = imported(SAMPLES["openhands"](tmp_path), "openhands")
    view, edit, cat = rows
    assert {r.session for r in rows} == {"c1"}
    assert (view.whole, view.turn, view.fluent) == (True, 1, f"{FOLDER}/a.py")
    assert edit.before not in (None, view.seen)
    assert (edit.meant, edit.stands, edit.whole, edit.ok) == (True, True, True, True)
    assert (cat.ok, cat.error) == (False, "missing")
    assert summary.notes == {"events of abandoned branches are left out": 1}
    old, _ = imported(openhands_trajectory(tmp_path), "openhands")
    assert [(r.tool, r.kind, r.whole) for r in old] == [("run", "read", True), ("edit", "write", True)]
    assert old[0].seen == old[1].before


def test_trajectories_without_a_clock(tmp_path: Path) -> None:
    rows, summary = imported(SAMPLES["swe-agent"](tmp_path), "swe-agent")
    window, refused, edit, cat, missing, partly, _ = rows
    assert (window.whole, window.fluent) == (True, f"{window.session}:{FOLDER}/a.py")
    assert (refused.ok, refused.meant) == (False, True)
    assert (edit.ok, edit.meant, edit.picture) == (True, True, cat.seen)
    assert (missing.ok, missing.error) == (False, "missing")
    assert (partly.kind, partly.whole, partly.span) == ("read", False, "1-2")
    assert [r.called for r in rows] == [0.5 * n for n in range(7)]
    assert sum(summary.notes.values()) == 1
    mini, summary = imported(SAMPLES["mini-swe-agent"](tmp_path), "mini-swe-agent")
    assert [(r.kind, r.ok, r.whole) for r in mini] == [
        ("read", True, True),
        ("write", True, False),
        ("read", True, True),
        ("opaque", False, False),
        ("read", True, True),
    ]
    assert mini[2].seen == mini[4].seen != mini[0].seen
    assert (mini[1].called, mini[1].answered, mini[0].release) == (BEGIN + 2, BEGIN + 3, "2.0.0")
    assert not summary.notes


def test_a_history_of_aider(tmp_path: Path) -> None:
    rows, summary = imported(SAMPLES["aider"](tmp_path), "aider")
    assert [(r.tool, r.kind, r.ok, r.error) for r in rows] == [
        ("sent", "read", True, ""),
        ("edit", "write", True, ""),
        ("sent", "read", True, ""),
        ("edit", "write", False, "not found"),
    ]
    assert {r.called for r in rows} == {BEGIN}
    assert rows[0].release == "0.86.0"
    assert sum(summary.notes.values()) == 1


def test_subagents_in_files_of_their_own(tmp_path: Path) -> None:
    session = Claude()
    session.reads("a.py", 1, "x\n")
    session.save(tmp_path / "s1.jsonl")
    own = tmp_path / "s1" / "subagents"
    own.mkdir(parents=True)
    side = Claude()
    side.call("Bash", 5, 6, {"command": "ls"}, {"stdout": ""}, agentId="7f", isSidechain=True)
    for line in side.lines:
        line["uuid"] = f"side {line['uuid']}"
        for part in line["message"]["content"]:
            part.update({key: f"side {part[key]}" for key in ("id", "tool_use_id") if key in part})
    side.save(own / "agent-7f.jsonl")
    (own / "agent-7f.meta.json").write_text('{"agentType": "Explore"}')
    (own / "journal.jsonl").write_text('{"type": "started", "agentId": "7f"}\n')
    out = tmp_path / "ops.parquet"
    summary = import_files({"claude-code": sources(tmp_path, (".jsonl",))}, out)
    assert [(r.session, r.agent, r.tool) for r in operations(out)] == [
        ("s1", "", "Read"),
        ("s1", "7f", "Bash"),
    ]
    assert summary.troubles == {"files of claude-code without a call": 1}


@pytest.mark.parametrize("form", OWN)
def test_nothing_that_a_file_holds_makes_it_crash(form: str) -> None:
    ending = FORMATS[form].endings[0]
    rows, summary = read(form, {f"{n}/{n}{ending}": held for n, held in enumerate(HOSTILE)})
    assert rows == []
    # Each file is counted by name of what is wrong, but those that only look like an empty transcript.
    assert summary.files == len(HOSTILE)
    assert summary.troubles.total() >= (1 if form == "aider" else 4)


def altered(held: Any, count: list[int]) -> Iterator[Any]:
    """A value with each of its parts in turn missing, or replaced by something odd."""
    if isinstance(held, dict):
        for key, value in held.items():
            count[0] += 1
            yield {k: v for k, v in held.items() if k != key}
            yield held | {key: ODD[count[0] % len(ODD)]}
            for inner in altered(value, count):
                yield held | {key: inner}
    elif isinstance(held, list):
        for place, value in enumerate(held):
            for inner in altered(value, count):
                yield [*held[:place], inner, *held[place + 1 :]]


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"aider"}))
def test_no_part_of_another_type_makes_it_crash(form: str, tmp_path: Path) -> None:
    path = SAMPLES[form](tmp_path)
    files = {f.name: Path(f.name).read_bytes() for f in sources(path, FORMATS[form].endings)}
    most = len(read(form, files)[0])
    assert most >= 2
    tried = 0
    for name, text in files.items():
        parts = (
            [text] if form in ("openhands", "opencode", "swe-agent", "mini-swe-agent") else text.splitlines()
        )
        for place, line in enumerate(parts):
            for made in altered(json.loads(line), [tried]):
                tried += 1
                changed = b"\n".join([*parts[:place], json.dumps(made).encode(), *parts[place + 1 :]])
                assert len(read(form, files | {name: changed})[0]) <= most + 2
    assert tried > 40


def test_a_cut_history_of_aider_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    text = SAMPLES["aider"](tmp_path).read_bytes()
    for end in range(0, len(text), 7):
        read("aider", {".aider.chat.history.md": text[:end] + b"\xff"})


def test_auto_finds_all_of_them(tmp_path: Path) -> None:
    for name, sample in SAMPLES.items():
        (tmp_path / name).mkdir()
        sample(tmp_path / name)
    (tmp_path / "other.json").write_text('{"scripts": {}}')
    (tmp_path / "node_modules").mkdir()
    SAMPLES["codex"](tmp_path / "node_modules")
    (tmp_path / "state.vscdb").write_bytes(b"SQLite format 3")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "codex" / "rollout.jsonl")
    found = find([tmp_path, tmp_path / "codex"])
    assert {name: len(files) for name, files in found.files.items()} == {
        name: 9 if name == "openhands" else 1 for name in SAMPLES if name != "otel"
    }
    assert found.skipped == {
        "transcripts of Cursor, which no format reads": 1,
        "files of OpenTelemetry spans, which import otel reads with a mapping": 1,
    }
    out = tmp_path / "ops.parquet"
    summary = import_files(found.files, out)
    assert set(summary.programs) == set(found.files)
    assert summary.calls == sum(summary.programs.values()) > 30
    assert {row.program for row in operations(out)} == set(found.files)
    with pytest.raises(PlandriftError, match="none of 1 files is a transcript of claude-code, codex"):
        find([tmp_path / "other.json"])
    with pytest.raises(PlandriftError, match="no such file or folder"):
        find([tmp_path / "nowhere"])


@pytest.mark.parametrize("form", ["gemini", "opencode", "openhands", "swe-agent", "mini-swe-agent", "aider"])
def test_a_document_that_is_too_large_is_skipped_and_the_next_is_read(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LARGEST", 10_000)
    path = SAMPLES[form](tmp_path)
    files = {f.name: Path(f.name).read_bytes() for f in sources(path, FORMATS[form].endings)}
    rows, summary = read(form, {"large": b" " * 10_001} | files)
    assert len(rows) >= 2
    assert sum(count for why, count in summary.troubles.items() if "MiB" in why) == 1
