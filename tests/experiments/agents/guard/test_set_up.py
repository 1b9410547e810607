"""Setting a guard up: `init` for each host, what is wrong with `guard.toml`, and the doors besides hooks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from threading import Thread

import pytest

from plandrift.experiments.agents.guard.guard_report import guard_report
from plandrift.experiments.agents.guard.guard_settings import read_guard_settings
from plandrift.experiments.agents.guard.payloads import claude_code
from plandrift.experiments.agents.guard.payloads.registry import HOSTS
from plandrift.experiments.agents.transcripts.guard_lines import logged
from plandrift.guard import Guard, Stale
from tests.command import plandrift, refused

TOOLS = """mode = "block"
[tools.get]
reads = "ticket/{input.id}"
seen = "output.text"
version = "output.version"
[tools.put]
writes = "ticket/{input.id}"
after = "output.text"
version = "input.if_match"
"""


@pytest.mark.parametrize("host", HOSTS)
def test_init_puts_its_entry_beside_others_and_once(host: str, tmp_path: Path) -> None:
    plandrift("guard", "init", "--agent", host, cwd=tmp_path)
    assert not list(tmp_path.iterdir()), "without --write it shows only"
    entry = HOSTS[host].hook(["python", "hook_client.py"])
    file = tmp_path / entry.path
    if not isinstance(entry.content, str):
        other = {"hooks": {name: [{"command": "mine"}] for name in entry.content["hooks"]}, "model": "x"}
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(other))
    plandrift("guard", "init", "--agent", host, "--write", cwd=tmp_path)
    beside = 0
    if not isinstance(entry.content, str):
        added = json.loads(file.read_text())
        for *_, last in added["hooks"].values():
            if "hooks" in last:
                last["hooks"].append({"command": "beside"})
                beside += 1
        file.write_text(json.dumps(added))
    said = plandrift("guard", "init", "--agent", host, "--write", cwd=tmp_path).stdout
    assert "never block" in said
    assert 'guard.toml: left as it is, with mode = "shadow"' in said
    assert HOSTS[host].closed in said
    assert read_guard_settings(tmp_path / "guard.toml").mode == "shadow"
    text = file.read_text()
    assert str(tmp_path / "guard.toml") in text
    if not isinstance(entry.content, str):
        held = json.loads(text)
        assert held["model"] == "x"
        for entries in held["hooks"].values():
            assert sum(json.dumps(one).count("hook_client.py") for one in entries) == 1
            assert "hook_client.py" not in json.dumps(entries[0])
        assert text.count('"beside"') == beside


@pytest.mark.long
@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to run OpenCode's plugin")
def test_the_plugin_of_opencode_throws_what_is_refused_and_adds_what_is_told(tmp_path: Path) -> None:
    client = tmp_path / "client"
    client.write_text(
        '#!/bin/sh\ncat > "$0.in"\n'
        'case "$(cat "$0.in")" in *before*stale*) echo \'{"deny": "stale"}\';;'
        ' *closed*) echo closed >&2; exit 2;; *after*) echo \'{"context": "news"}\';; esac\n'
    )
    client.chmod(0o755)
    entry = HOSTS["opencode"].hook([str(client)])
    assert isinstance(entry.content, str)
    (tmp_path / "plugin.mjs").write_text(entry.content)
    (tmp_path / "run.mjs").write_text(
        """import { Plandrift } from "./plugin.mjs"
const hooks = await Plandrift({ directory: "/" })
const ask = async (tool) => {
  try { await hooks["tool.execute.before"]({ tool }, { args: {} }) } catch (e) { return e.message.trim() }
  return "runs"
}
const output = { output: "done" }
await hooks["tool.execute.after"]({ tool: "edit", args: {} }, output)
const said = [await ask("fine"), await ask("stale"), await ask("closed")]
console.log(JSON.stringify([...said, output.output]))
"""
    )
    done = subprocess.run(["node", "run.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["runs", "stale", "closed", "done\n\nnews"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('mode = "on"', "mode = 'on': "),
        ('policy = "look-frist"', "did you mean 'look-first'"),
        ('policy = "mine:Policy"', "runs no module that a file names"),
        ('shadow = ["age:x"]', "give age:SECONDS"),
        ("burst = 0", "give a whole number from 1 on"),
        ('log = "../../.bashrc"', "give a path below the folder of this file"),
        ('fall = "open"', "did you mean 'fail'"),
        ('[tools.put]\nfail = "shut"', "tools.put.fail = 'shut'"),
        ('[tools.put]\nwrits = "a"', "did you mean 'writes'"),
        ("mode = ", "guard.toml: "),
    ],
)
def test_what_is_wrong_with_guard_toml_is_said_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "guard.toml").write_text(text)
    assert said in refused("guard", "report", cwd=tmp_path)


def test_other_mistakes_are_said_in_one_line(tmp_path: Path) -> None:
    assert "make one with plandrift guard init" in refused("guard", "report", cwd=tmp_path)
    assert "did you mean 'codex'" in refused("guard", "init", "--agent", "codx", cwd=tmp_path)
    (tmp_path / "guard.toml").write_text("")
    assert "guard.jsonl: No such file" in refused("guard", "report", cwd=tmp_path)
    assert "give a time such as 7d" in refused("guard", "report", "--since", "long", cwd=tmp_path)
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text("{ // mine")
    assert "add the entry by hand" in refused("guard", "init", "--agent", "claude-code", cwd=tmp_path)


def test_hooks_of_claude_code_and_codex_have_their_own_limits() -> None:
    assert re.search(claude_code.MATCHER, "mcp__notes__put")
    assert not re.search(claude_code.MATCHER, "TodoWrite")
    hooks = HOSTS["codex"].hook(["client"]).content
    assert isinstance(hooks, dict)
    assert hooks["hooks"]["SessionEnd"][0]["hooks"][0]["timeout"] <= 3


class Server:
    def __init__(self) -> None:
        self.held = {1: ("open", 1)}

    def get(self, id: int) -> dict[str, str]:
        text, version = self.held[id]
        return {"text": text, "version": f"w{version}"}

    def put(self, id: int, text: str, if_match: str | None = None) -> dict[str, str]:
        version = self.held[id][1]
        if if_match not in (None, f"w{version}"):
            raise ValueError("412")
        self.held[id] = text, version + 1
        return self.get(id)


def test_a_version_that_was_seen_goes_with_the_call_and_closes_the_window(tmp_path: Path) -> None:
    (tmp_path / "guard.toml").write_text(TOOLS)
    server, sent = Server(), []

    def put(id: int, text: str, if_match: str | None = None) -> dict[str, str]:
        sent.append(if_match)
        if text == "late":
            server.put(id, "Ann's")
        return server.put(id, text, if_match)

    guard = Guard.open(tmp_path / "guard.toml")
    guard.look("ticket/", lambda _: tuple(server.get(1).values()))  # type: ignore[arg-type,return-value]
    get, write = guard.tool(server.get), guard.tool(put)
    get(1)
    write(1, "mine")
    write(1, "mine again")
    with pytest.raises(ValueError, match="412"):
        write(1, "late")
    with pytest.raises(Stale) as stale:
        write(1, "mine once more")
    assert stale.value.did == "handed back"
    assert "+Ann's" in str(stale.value)
    write(1, "mine once more")
    assert sent == ["w1", "w2", "w3", "w4"]
    found = guard_report(tmp_path / ".plandrift" / "guard.jsonl")
    assert {row.policy: (row.right, row.false, row.missed) for row in found.policies}["look-first"] == (
        1,
        0,
        0,
    )


def test_a_table_for_several_tools_serves_each_of_them(tmp_path: Path) -> None:
    (tmp_path / "guard.toml").write_text(TOOLS.replace("[tools.get]", '[tools."ge*"]'))
    server = Server()
    guard = Guard.open(tmp_path / "guard.toml")
    guard.look("ticket/", lambda _: tuple(server.get(1).values()))  # type: ignore[arg-type,return-value]
    get, write = guard.tool(server.get), guard.tool(server.put)
    assert get(1)["text"] == "open"
    assert write(1, "mine")["version"] == "w2"
    (row,) = (row for row in logged(tmp_path / ".plandrift" / "guard.jsonl") if row.verdicts)
    assert row.basis == "known"


def test_a_guard_is_shared_by_threads_and_rotates_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plandrift.experiments.agents.guard.guard_log.LARGEST", 4000)
    (tmp_path / "guard.toml").write_text(TOOLS)
    texts = {f"ticket/{n}": "open" for n in range(8)}
    guard = Guard.open(tmp_path / "guard.toml")
    guard.look("ticket/", texts.get)

    @guard.tool
    def put(id: int, text: str) -> dict[str, str]:
        texts[f"ticket/{id}"] = text
        return {"text": text}

    def works(id: int) -> None:
        with guard.session(f"s{id}"):
            guard.saw(f"ticket/{id}", "open")
            for n in range(6):
                put(id, f"text {n}")

    threads = [Thread(target=works, args=(id,)) for id in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = tmp_path / ".plandrift" / "guard.jsonl"
    assert len(list(log.parent.glob("guard.jsonl*"))) > 3
    rows = [row for row in logged(log) if row.verdicts]
    assert (len(rows), {row.basis for row in rows}, {row.did for row in rows}) == (48, {"known"}, {"let"})
    assert all(row.operation.ok for row in rows)
    written = "".join(part.read_text() for part in log.parent.glob("guard.jsonl*"))
    assert not re.search(r"text \d", written), "the log never holds contents"


@pytest.mark.parametrize(
    "line",
    ['{"session": {"a": 1}}', "[1]", "1", "[" * 100_000, '{"session": "s", "call": "c", "called": "soon"}'],
)
def test_lines_that_no_guard_wrote_are_left_out(line: str, tmp_path: Path) -> None:
    log = tmp_path / "guard.jsonl"
    log.write_text(line + "\n")
    assert list(logged(log)) == []
    refused("agent", "judge", str(log), "--policy", "gated", cwd=tmp_path)
