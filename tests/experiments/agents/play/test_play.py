"""`plandrift agent play`: a person in the terminal, and an agent's own program over many seeds."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from plandrift.experiments.agents.play.player_session import OUTCOME, SERVED_BY
from plandrift.experiments.analysis.contenders import compare_folders
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from tests.command import COMMAND, start
from tests.command import apart as plandrift
from tests.command import refused_apart as refused

pytestmark = pytest.mark.long

EXAMPLE = Path(__file__).parents[4] / "examples" / "mcp_agent.py"
HANGING = """
import json, os, anyio
from mcp import Client, StdioServerParameters

async def main():
    with open(os.environ["PLANDRIFT_MCP"]) as file:
        server = json.load(file)["mcpServers"]["world"]
    async with Client(StdioServerParameters(**server)) as client:
        await client.call_tool("wait", {"time": 2})
        await anyio.sleep(600)

anyio.run(main)
"""


@pytest.mark.slow
def test_an_agent_plays_seeds_and_is_compared_with_our_policies(tmp_path: Path) -> None:
    agent = f"{sys.executable} {EXAMPLE} {{config}}"
    words = [
        "play",
        "records",
        "--agent",
        agent,
        "--workers",
        "2",
        "--volatility",
        "0.05",
        "--name",
        "reader",
    ]
    said = plandrift(*words, "--seeds", "2", "--pace", "fixed:0.5,look=0", "--out", "mine", cwd=tmp_path)
    assert len(re.findall(r"seed \d: (\d+) calls", said.stdout)) == 2
    assert not list((tmp_path / "mine").rglob(SERVED_BY))
    again = plandrift(*words, "--seeds", "2", "--pace", "fixed:0.5,look=0", "--out", "mine", cwd=tmp_path)
    assert again.stdout == "results: mine\n"
    spec = {
        "title": "ours",
        "world": "records",
        "seeds": 2,
        "grid": {"policy": ["plan-once", "gated"]},
        "fixed": {"volatility": 0.05, "agent.thinking_time": 0.5},
    }
    sweep(spec, tmp_path / "ours", workers=1)
    rows = compare_folders(Results(tmp_path / "mine"), Results(tmp_path / "ours"), "steps_fired")
    assert [(row["contender"], row["against"], row["n"]) for row in rows] == [
        ("reader", "plan-once", 2),
        ("reader", "gated", 2),
    ]
    assert 0 < rows[0]["steps_fired"] <= 10.0
    shown = plandrift("compare", "mine", "ours", "--metric", "misfires", "--format", "json", cwd=tmp_path)
    assert [row["against"] for row in json.loads(shown.stdout)] == ["plan-once", "gated"]
    assert "reader" in plandrift("table", "mine", "--by", "policy", "--metric", "harm", cwd=tmp_path).stdout
    # It declares no plans: the table shows what it has.
    bare = json.loads(plandrift("table", "mine", "--format", "json", cwd=tmp_path).stdout)
    assert {row["metric"] for row in bare} == {"staleness_before_fire", "first_misfire_rate"}
    assert all(row["n"] == 2 for row in bare)
    assert "plan_staleness" in plandrift("table", "ours", cwd=tmp_path).stdout
    trace = "mine/sessions/seed-1/trace.jsonl"
    assert "replay: replay.html" in plandrift("replay", "--trace", trace, cwd=tmp_path).stdout
    sweep(spec | {"fixed": {"volatility": 0.2}}, tmp_path / "other", workers=1)
    assert "no two conditions meet the same world" in refused("compare", "mine", "other", cwd=tmp_path)


@pytest.mark.slow
def test_an_agent_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    (tmp_path / "hanging.py").write_text(HANGING)
    began = time.monotonic()
    words = ("play", "records", "--agent", f"{sys.executable} hanging.py", "--limit", "8", "--out", "mine")
    said = plandrift(*words, "--transcript", "hanging.jsonl", cwd=tmp_path, limit=60)
    assert "mcp__plandrift__" in (tmp_path / "hanging.jsonl").read_text()
    assert "it took more than 8 seconds" in said.stdout
    assert time.monotonic() - began < 40
    kept = json.loads((tmp_path / "mine" / "sessions" / "seed-0" / OUTCOME).read_text())
    assert (kept["end"], kept["reason"], kept["turns"]) == ("gave-up", "the client disconnected", 1)
    assert not left_running(tmp_path)


def left_running(folder: Path) -> list[str]:
    """The processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.append((process / "cmdline").read_text())
    return [line for line in found if str(folder) in line]


@pytest.mark.slow
def test_ctrl_c_ends_a_contest_with_all_that_it_started(tmp_path: Path) -> None:
    agent = tmp_path / "hanging.py"
    agent.write_text(HANGING)
    words = ("play", "records", "--agent", f"{sys.executable} {agent}", "--seeds", "4", "--workers", "2")
    playing = start(*words, "--out", "mine", cwd=tmp_path)
    until = time.monotonic() + 60
    while len(list(tmp_path.rglob(SERVED_BY))) < 2 and time.monotonic() < until:
        time.sleep(0.1)
    assert len(left_running(tmp_path)) >= 2
    playing.send_signal(signal.SIGINT)
    _, said = playing.communicate(timeout=60)
    assert playing.returncode == 130, said
    assert "Traceback" not in said
    assert not left_running(tmp_path)


@pytest.mark.slow
def test_an_agent_that_never_plays_is_said_so(tmp_path: Path) -> None:
    line = refused_after("play", "records", "--agent", "true", "--out", "mine", cwd=tmp_path)
    assert "1 of 1 sessions could not be played: see mine/sessions" in line
    assert "nowhere" in refused("play", "records", "--agent", "nowhere", "--out", "other", cwd=tmp_path)


def refused_after(*words: str, cwd: Path) -> str:
    done = plandrift(*words, cwd=cwd, code=2)
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_person_plays_by_lines(tmp_path: Path) -> None:
    typed = ["help", "look ticket-1.*", "", "assign ticket=1 holder=dita", "close 1", "fly high=1", "wait 2"]
    lines = "\n".join([*typed, "know ticket-1.fix", "done", ""])
    words = [COMMAND, "play", "tickets", "--seed", "7", "--pace", "fixed:0.5", "--out", "mine"]
    words += ["--transcript", "mine.jsonl"]
    done = subprocess.run(
        words,
        input=lines,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ,
    )
    assert 'ticket-1.assignee = "dita"   (at 0.50)' in done.stdout
    assert "\n  ok\n[2.00]\n" in done.stdout
    assert "? 'close 1': give arguments as name=value: type help" in done.stdout
    assert "? tool = 'fly'" in done.stdout
    assert "done at 5.00: goals met 0%, 1 calls, 0 misfires, 0 harmful" in done.stdout
    # Its transcript is audited like any other.
    plandrift("import", "claude-code", "mine.jsonl", "--out", "ops.parquet", cwd=tmp_path)
    assert "1 of 1 writes could be judged" in plandrift("audit", "ops.parquet", cwd=tmp_path).stdout
    page = plandrift("replay", "--trace", "mine/trace.jsonl", "--out", "page.html", cwd=tmp_path)
    assert "replay: page.html" in page.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("play", "records", "--agent", "true"), "--out is missing"),
        (("play", "records", "--agent", "true", "--seed", "3", "--out", "x"), "--seed = 3"),
        (("play", "records", "--seeds", "3"), "give an --agent too"),
        (("play", "records", "--transcript", "no/t.jsonl"), "there is no folder no"),
        (("serve", "records", "--seeds", "2", "--transcript", "t.jsonl"), "serve a single seed"),
        (
            ("play", "records", "--agent", "true", "--seeds", "2", "--transcript", "t.jsonl"),
            "play a single seed",
        ),
        (("replay",), "needs a world, a --trace or --flagship"),
        (("replay", "--trace", "none.jsonl"), "none.jsonl: No such file"),
        (("compare", "here"), "--between is missing"),
    ],
)
def test_what_cannot_be_is_refused(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    assert says in refused(*words, cwd=tmp_path)
