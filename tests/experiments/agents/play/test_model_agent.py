"""The example's loop over a chat-completions endpoint, tried against a scripted one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from plandrift.experiments.playback.playback import Playback
from plandrift.sim import read_lines
from tests.experiments.agents.play.endpoint import endpoint

EXAMPLE = Path(__file__).parents[4] / "examples" / "model_agent.py"


def test_a_model_plays_by_function_calls(tmp_path: Path) -> None:
    script = [
        [("look", '{"patterns": ["ticket-1.*"]}')],
        [("assign", '{"ticket": 1, "holder": "dita"}'), ("fix", '{"ticket": 1, "description": 1}')],
        [("fly", "{}"), ("look", "[not json"), ("look", "[]")],
        [("wait", '{"time": 1}')],
    ]
    with endpoint(script) as server:
        base = f"http://127.0.0.1:{server.server_port}/v1"
        words = [sys.executable, str(EXAMPLE), "--model", "script", "--base-url", base]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("script: goals met 0%, ")
    assert len(server.asked) == len(script) + 1
    first, last = server.asked[0], server.asked[-1]
    assert "Close the support tickets 1 to 6" in first["messages"][0]["content"]
    assert {tool["function"]["name"] for tool in first["tools"]} >= {"assign", "reply", "look", "done"}
    answers = [message["content"] for message in last["messages"] if message["role"] == "tool"]
    assert '"reported": "ok"' in answers[1]
    assert [text.startswith("error: ") for text in answers] == [False, False, False, True, True, True, False]
    playback = Playback(read_lines(tmp_path / "trace.jsonl")).to_the_end()
    # A hundred tokens before each turn: a fifth of a unit of time.
    assert playback.records[0].plan_age == 0.2
    assert [step.call.action for step in playback.records] == ["assign", "fix"]
