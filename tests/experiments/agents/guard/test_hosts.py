"""Each host, by its own exit codes and JSON: nothing said in shadow, a refusal heard, the person asked."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Thread

import pytest

from plandrift.experiments.agents.guard.guard_report import guard_report
from plandrift.experiments.agents.guard.guard_settings import read_guard_settings
from plandrift.experiments.agents.guard.hook_client import failed, note
from plandrift.experiments.agents.guard.live_guard import LiveGuard
from plandrift.experiments.agents.guard.payloads.host import HookAnswer
from plandrift.experiments.agents.guard.payloads.registry import HOSTS
from plandrift.experiments.agents.guard.resident import hooked
from plandrift.experiments.agents.transcripts.guard_lines import logged
from plandrift.experiments.agents.transcripts.operation import HELD_BACK
from tests.experiments.agents.guard.hosts import FAKES, FakeHost, Payload

TEXT = "x = 1\ny = 2\n"
BROKEN: tuple[object, ...] = (None, 7, [], {}, "text", {"command": ["a"], "path": 3, "file_path": []})
HOST = pytest.mark.parametrize("host", FAKES.values(), ids=FAKES)


class Project:
    def __init__(self, folder: Path, settings: str) -> None:
        self.config, self.file = folder / "guard.toml", folder / "a.py"
        self.config.write_text(settings)
        self.file.write_text(TEXT)
        self.guard = LiveGuard(read_guard_settings(self.config))

    def told(self, host: FakeHost, payload: Payload) -> HookAnswer:
        return hooked(self.guard, host.name, json.dumps(payload).encode())


def test_every_host_has_a_fake() -> None:
    assert set(FAKES) == set(HOSTS)


@HOST
def test_in_shadow_nothing_is_said_and_each_policy_is_logged(host: FakeHost, tmp_path: Path) -> None:
    project = Project(tmp_path, "")
    assert host.after(project.told(host, host.read(project.file, TEXT))) == ""
    project.file.write_text("x = 9\ny = 2\n")
    answer = project.told(host, host.edit(project.file, 1))
    assert host.does(answer).runs
    assert not host.does(answer).reads
    project.file.write_text("x = 9\ny = 3\n")
    assert host.after(project.told(host, host.edited(project.file, 1))) == ""
    (row,) = (row for row in logged(project.guard.log.path) if row.verdicts)
    assert (row.basis, row.did, row.operation.ok) == ("known", "let", True)
    # The rest of the file changed, the text to be replaced did not.
    assert row.verdicts["look-first"] == "block"
    assert row.verdicts["region"] == "fire"
    assert row.operation.program == host.name


@HOST
def test_a_refusal_is_heard_once_and_the_person_is_asked_at_last(host: FakeHost, tmp_path: Path) -> None:
    project = Project(tmp_path, 'mode = "block"\non_block = "refuse"\n')
    project.told(host, host.read(project.file, TEXT))
    project.file.write_text("x = 9\ny = 2\n")
    said = [host.does(project.told(host, host.edit(project.file, n))) for n in range(4)]
    assert [verdict.runs for verdict in said] == [False] * 4
    # Varied texts were retried more often.
    assert said[0].reads == said[1].reads
    assert "has changed since you last saw it" in said[0].reads
    assert "x = 9" not in said[0].reads
    assert said[2].asks == (host.name == "claude-code")
    assert said[2].reads == said[3].reads != said[1].reads
    rows = [row for row in logged(project.guard.log.path) if row.verdicts]
    assert [row.did for row in rows] == ["refused", "refused", "asked", "asked"]
    assert {row.operation.error for row in rows} == {HELD_BACK}


def test_other_calls_in_between_do_not_start_the_count_anew_and_the_person_may_allow(tmp_path: Path) -> None:
    project = Project(tmp_path, 'mode = "block"\non_block = "refuse"\n')
    host, other = FAKES["claude-code"], tmp_path / "other.py"
    other.write_text(TEXT)
    for file in (project.file, other):
        project.told(host, host.read(file, TEXT))
    project.file.write_text("x = 9\ny = 2\n")
    asks = []
    for n in range(3):
        asks.append(host.does(project.told(host, host.edit(project.file, n))).asks)
        assert host.does(project.told(host, host.edit(other, n + 10))).runs
    assert asks == [False, False, True]
    project.file.write_text("x = 9\ny = 3\n")
    project.told(host, host.edited(project.file, 2))
    found = {row.outcome: row.count for row in guard_report(project.guard.log.path).after}
    assert (found["repeated"], found["allowed by the person"], found["given up"]) == (2, 1, 0)


def test_what_is_told_after_a_failed_call_names_the_event_that_it_answers(tmp_path: Path) -> None:
    project, host = Project(tmp_path, 'mode = "block"\n'), FAKES["claude-code"]
    project.told(host, host.read(project.file, TEXT))
    project.file.write_text("x = 9\ny = 2\n")
    name = "PostToolUseFailure"
    failed = {"tool_name": "Bash", "tool_input": {"command": "make format"}, "error": "Exit code 1"}
    answer = project.told(host, host.read(project.file, TEXT) | failed | {"hook_event_name": name})
    assert "x = 9" in host.after(answer)
    assert json.loads(answer.out)["hookSpecificOutput"]["hookEventName"] == name


def test_cursor_shows_a_read_only_after_a_decision(tmp_path: Path) -> None:
    project, host = Project(tmp_path, ""), FAKES["cursor"]
    assert host.does(project.told(host, host.read(project.file, TEXT))).runs


@HOST
def test_what_is_handed_back_is_known_and_the_retry_passes(host: FakeHost, tmp_path: Path) -> None:
    project = Project(tmp_path, 'mode = "block"\n')
    project.told(host, host.read(project.file, TEXT))
    project.file.write_text("x = 9\ny = 2\n")
    first, second = (host.does(project.told(host, host.edit(project.file, n))) for n in (1, 2))
    assert not first.runs
    assert "-x = 1\n+x = 9" in first.reads
    assert second.runs


@HOST
def test_a_formatter_of_ones_own_is_told_once(host: FakeHost, tmp_path: Path) -> None:
    project = Project(tmp_path, 'mode = "block"\n')
    project.told(host, host.read(project.file, TEXT))
    assert host.does(project.told(host, host.edit(project.file, 1))).runs
    project.file.write_text("x=1\ny = 3\n")
    assert "-x = 1\n+x=1" in host.after(project.told(host, host.edited(project.file, 1)))
    (row,) = (row for row in logged(project.guard.log.path) if row.verdicts)
    assert row.window == "space"
    known = project.guard._sessions["s"].held("", str(project.file))
    assert known is not None
    assert known.whole == "x=1\ny = 3\n"


def test_what_is_told_is_short_enough_for_hosts_and_told_once(tmp_path: Path) -> None:
    project, host = Project(tmp_path, 'mode = "block"\n'), FAKES["claude-code"]
    files = [tmp_path / f"{n}.py" for n in range(8)]
    for file in files:
        file.write_text("a\n")
        project.told(host, host.read(file, "a\n"))
        file.write_text("b" * 1500 + "\n")
    files[0].unlink()
    ran = host.edited(project.file, 1) | {"tool_name": "Bash", "tool_input": {"command": "make format"}}
    said = host.after(project.told(host, ran))
    assert len(said) < 10_000
    assert [str(file) in said for file in files] == [True] * 8
    known = [project.guard._sessions["s"].held("", str(file)) for file in files]
    shown = [held is not None and held.whole != "a\n" for held in known]
    assert shown == [False] + [True] * 5 + [False] * 2, "what is cut is not known"
    assert host.after(project.told(host, ran)) == ""


@HOST
@pytest.mark.parametrize("fail", ["open", "closed"])
def test_a_guard_that_fails_lets_through_or_holds_back(
    host: FakeHost, fail: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "guard.toml"
    config.write_text(f'mode = "block"\nfail = "{fail}"\n')
    payload = json.dumps(host.edit(tmp_path / "a.py", 1)).encode()
    code = failed(host.name, str(config), payload, "killed")
    out, error = capfd.readouterr()
    verdict = host.does(HookAnswer(out, code, error))
    assert verdict.runs == (fail == "open")
    assert ("fails closed" in verdict.reads) == (fail == "closed")
    (line,) = (tmp_path / ".plandrift" / "guard.jsonl.failed").read_text().splitlines()
    assert (tmp_path / ".plandrift" / ".gitignore").read_text() == "*\n"
    assert json.loads(line)["closed"] == (fail == "closed")


def test_what_nobody_can_parse_fails_closed_as_well(tmp_path: Path) -> None:
    config = tmp_path / "guard.toml"
    config.write_text('mode = "block"\nfail = "closed"\n')
    for payload in (b"{", b'{"tool_input": ' + b"[" * 200_000, b"\xff", b"[]"):
        assert failed("claude-code", str(config), payload, "killed") == 2


@pytest.mark.parametrize("log", [".plandrift/own", "linked.jsonl", "../home/own", "{outside}/own"])
def test_a_repository_chooses_no_file_elsewhere_to_write_to(log: str, tmp_path: Path) -> None:
    outside, inside = tmp_path / "home", tmp_path / "project"
    outside.mkdir()
    inside.mkdir()
    (outside / "own").write_text("mine")
    (outside / "own.failed").write_text("mine")
    project = Project(inside, 'mode = "block"\n')
    (inside / ".plandrift").symlink_to(outside)
    (inside / "linked.jsonl").symlink_to(outside / "own")
    (inside / "linked.jsonl.failed").symlink_to(outside / "own.failed")
    text = f'mode = "block"\nlog = "{log.format(outside=outside)}"\n'
    project.config.write_text(text)
    note(str(project.config), "Edit", "killed", before=True)
    if not log.startswith(("..", "{")):
        project.guard = LiveGuard(read_guard_settings(project.config))
        host = FAKES["claude-code"]
        project.told(host, host.read(project.file, TEXT))
        project.file.write_text("x = 9\ny = 2\n")
        assert not host.does(project.told(host, host.edit(project.file, 1))).runs
    found = {file.name: file.read_text() for file in outside.iterdir()}
    assert found == {"own": "mine", "own.failed": "mine"}


@HOST
def test_broken_payloads_hold_nothing_up(host: FakeHost, tmp_path: Path) -> None:
    project = Project(tmp_path, 'mode = "block"\n')
    whole = host.edit(project.file, 1)
    for name in whole:
        for value in BROKEN:
            project.told(host, whole | {name: value})
    for payload in (b"", b"[]", b"{", b"\xff"):
        assert hooked(project.guard, host.name, payload) == HookAnswer()


def test_nothing_blind_is_written_over_and_that_is_neither_right_nor_false(tmp_path: Path) -> None:
    project, host = Project(tmp_path, 'mode = "block"\n'), FAKES["claude-code"]
    payload = host.edit(project.file, 1)
    given = {"file_path": str(project.file), "content": "z = 1\n"}
    write = payload | {"tool_name": "Write", "tool_input": given}
    refused = host.does(project.told(host, write))
    assert "you have not seen what it holds" in refused.reads
    assert host.does(project.told(host, payload)).runs, "an edit is left to the tool's own check"
    removes = {"tool_name": "Bash", "tool_input": {"command": f"rm {project.file}"}}
    assert host.does(project.told(host, payload | removes)).runs
    rows = [row for row in logged(project.guard.log.path) if row.verdicts]
    assert [row.basis for row in rows] == ["unseen"] * 3
    project.told(host, host.read(project.file, TEXT))
    project.told(host, {"session_id": "s", "hook_event_name": "SessionStart", "source": "compact"})
    refused = host.does(project.told(host, write))
    assert "you have not seen what it holds" in refused.reads
    assert [row.basis for row in logged(project.guard.log.path) if row.verdicts][-1] == "compacted"


def test_every_write_is_counted_as_known_or_not_and_a_look_only_where_there_was_one(tmp_path: Path) -> None:
    project, host = Project(tmp_path, ""), FAKES["claude-code"]
    project.told(host, host.read(project.file, TEXT))
    project.told(host, host.edit(project.file, 1))
    written = {"tool_name": "Write", "tool_input": {"file_path": str(project.file), "content": "z = 1\n"}}
    project.told(host, host.edited(project.file, 2) | written)
    log = project.guard.log.path
    found = guard_report(log)
    assert (found.known, dict(found.unknown), found.meant) == (1, {"no look": 1}, 0)
    # An old part of the log is gone, with what the first write rested on.
    log.write_text("".join(log.read_text().splitlines(keepends=True)[1:]))
    found = guard_report(log)
    assert (found.known, dict(found.unknown)) == (0, {"no look": 1, "cut": 1})
    assert "of 0 it is known" in found.sentences()[0]
    assert "do not count what somebody wrote" in found.sentences()[1]


def test_a_transcript_that_is_a_pipe_holds_nothing_up(tmp_path: Path) -> None:
    project, host = Project(tmp_path, ""), FAKES["claude-code"]
    os.mkfifo(tmp_path / "pipe")
    read = host.read(project.file, TEXT) | {"transcript_path": str(tmp_path / "pipe")}
    asks = Thread(target=project.told, args=(host, read), daemon=True)
    asks.start()
    asks.join(5)
    assert not asks.is_alive()


def test_secrets_are_never_handed_back(tmp_path: Path) -> None:
    project, host = Project(tmp_path, 'mode = "block"\n'), FAKES["claude-code"]
    project.file = tmp_path / ".env"
    project.file.write_text("KEY=one\ny = 2\n")
    project.told(host, host.read(project.file, "KEY=one\ny = 2\n"))
    project.file.write_text("KEY=two\ny = 2\n")
    said = host.does(project.told(host, host.edit(project.file, 1))).reads
    assert "has changed" in said
    assert "two" not in said
    assert "two" not in project.guard.log.path.read_text()
