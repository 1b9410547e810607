"""The MCP server, driven by the SDK's own client: what it offers, what it answers, what it survives."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

import anyio
import httpx2
import jsonschema
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_REQUEST, PARSE_ERROR

from plandrift.experiments.agents.play.player_session import (
    FREE,
    OUTCOME,
    RECORD,
    TRACE,
    PlayerSession,
    metrics_of,
)
from plandrift.experiments.agents.play.server import ServedSession
from plandrift.experiments.playback.playback import Playback
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import Session, plain, read_lines, read_turns
from plandrift.worlds import WORLDS
from tests.command import COMMAND, start
from tests.command import refused_apart as refused
from tests.experiments.agents.play.remote import ToolError, connected
from tests.sim.session import clients
from tests.worlds.written_history import history

pytestmark = pytest.mark.long

THINKS = 0.5
PACE = f"fixed:{THINKS},do=0,wait=0,done=0"
SETTINGS: dict[str, dict[str, Any]] = {
    "telegraph": {"volatility": 0.1},
    "records": {},
    "tickets": {},
    "tileworld": {"volatility": 10.0},
    "files": {},
    "routes": {},
    "recorded": {"volatility": 1800.0},
    "pddl": {"volatility": 0.03, "world.number": 1},
}
EACH = [
    pytest.param(world, marks=[pytest.mark.slow] if world in ("pddl", "recorded", "routes") else [])
    for world in SETTINGS
    if world in WORLDS
]
CLIENTS: dict[str, Any] = {
    "plan-once": clients.plan_once,
    "replan-each": clients.replan_each,
    "gated": clients.heeding,
}


def player_of(world: str, guard: str = "", pace: str = PACE, seed: int = 3, **more: Any) -> PlayerSession:
    settings = SETTINGS[world] | {"horizon": 40.0, "channel.latency": 1.0} | more
    if world == "recorded":
        settings["world.log"] = history()
    return PlayerSession(condition(world, guard or FREE, settings), seed, "agent", pace)


@pytest.mark.parametrize(
    ("world", "contender"),
    [
        pytest.param(world, contender, marks=[] if world == "records" else [pytest.mark.slow])
        for world in SETTINGS
        for contender in CLIENTS
    ],
)
def test_a_client_over_mcp_is_the_engines_policy_step_for_step(world: str, contender: str) -> None:
    player = player_of(world, "" if contender == "plan-once" else contender)
    ours = condition(world, contender, player.condition.given | {"agent.thinking_time": THINKS})
    plan = clients.planner_of(ours.parts.world, player.seed, ours.parts.horizon)
    episode = ours.run(player.seed, trace=True, planner=lambda belief, _: plan(belief))
    served = ServedSession(player, None)
    with connected(served.server(), player) as remote:
        CLIENTS[contender](remote, plan)
    assert list(served.session.steps) == list(episode.steps)
    assert str(served.session.metrics) == str(episode.metrics)
    assert [e.row() for e in served.session.trace[1:]] == [e.row() for e in episode.trace[1:]]


def test_a_world_of_ones_own_has_its_tools_from_the_calls_that_it_plans() -> None:
    player = PlayerSession(condition("examples.warehouse_world:Warehouse", FREE), 3, "agent", PACE)
    plan = clients.planner_of(player.condition.parts.world, 3, player.condition.parts.horizon)
    episode = player.condition.run(3, planner=lambda belief, _: plan(belief))
    served = ServedSession(player, None)
    with connected(served.server(), player) as remote:
        clients.plan_once(remote, plan)  # type: ignore[arg-type]
    assert {"fetch", "pack"} <= set(served.tools.listed)
    assert [step.call for step in served.session.steps] == [step.call for step in episode.steps]
    assert "Reach these goals: " in served.tools.brief()


@pytest.mark.parametrize("world", EACH)
def test_the_tools_are_the_worlds_actions_with_schemas_that_take_what_it_plans(world: str) -> None:
    player = player_of(world)
    tools = ServedSession(player, None).tools
    assert list(tools.listed)[-5:] == ["recall", "look", "wait", "submit_plan", "done"]
    for tool in tools.listed.values():
        jsonschema.Draft202012Validator.check_schema(tool.schema)
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", tool.name)
        assert len(tool.meaning) > 10
    scene = player.condition.parts.world
    plan = clients.planner_of(scene, player.seed, 40.0)
    for call in plan(clients.believed(player.begin())) or ():
        given = json.loads(json.dumps(dict(call.args)))
        jsonschema.validate(given, tools.listed[call.action].schema)
        assert tools.session.introduction.call(call.action, given) == call


@pytest.mark.parametrize("world", EACH)
def test_a_task_speaks_to_a_stranger_and_leaks_nothing(world: str) -> None:
    sessions = [player_of(world, seed=seed, horizon=30.0) for seed in (1, 1)]
    served = [ServedSession(player, None) for player in sessions]
    served[1].session.wait(25.0)
    assert served[0].tools.brief() == served[1].tools.brief()
    text = served[0].tools.brief()
    assert len(text) > 400
    for word in ("fluent", "staleness", "volatility", "plandrift", "belief", "misfire", "exogenous"):
        assert word not in text.lower()
    names = served[0].session.known()
    glossary = served[0].session.introduction.glossary
    assert all(
        any(re.fullmatch(p.replace(".", r"\.").replace("*", ".*"), n) for p in glossary) for n in names
    )


FULL = {"record": 1, "endpoint": "staging", "schema": 1, "owner": "bo"}
MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("update_record", FULL | {"record": "x"}, "update_record.record = 'x': give a whole number"),
    ("update_record", {"record": 1}, "update_record.endpoint is missing"),
    ("update_record", FULL | {"colour": 2}, "update_record.colour is not an argument"),
    ("look", {"patterns": "all"}, "look.patterns = 'all': give a list of texts"),
    ("look", {"patterns": ["nothing"]}, "no fluent matches"),
    ("wait", {"time": "long"}, "wait.time = 'long': give a number"),
    ("wait", {"time": -1}, "wait.time = -1"),
    ("wait", {"news": "yes"}, "wait.news = 'yes': give true or false"),
    ("submit_plan", {}, "submit_plan.calls is missing or not a list"),
    ("submit_plan", {"calls": ["update"]}, "submit_plan.calls has 'update'"),
    ("submit_plan", {"calls": [{"action": "fly", "arguments": {}}]}, "call = 'fly'"),
    ("done", {"now": True}, "done.now is not an argument"),
]


def test_mistakes_are_told_in_a_line_and_cost_nothing() -> None:
    player = player_of("records", pace="fixed:1")
    served = ServedSession(player, None)
    with connected(served.server(), player) as remote:
        for tool, arguments, says in MISTAKES:
            with pytest.raises(ToolError, match=re.escape(says)) as caught:
                remote.tool(tool, **arguments)
            assert "\n" not in str(caught.value)
        with pytest.raises(MCPError, match="there is no tool 'fly'"):
            remote.tool("fly")
        assert served.session.record == ()
        remote.done()
        with pytest.raises(ToolError, match="has ended"):
            remote.tool("look", patterns=[])


def test_a_call_that_fails_is_an_error_of_its_tool_and_says_what_did_not_hold() -> None:
    player = player_of("records", pace="fixed:0")
    plan = clients.planner_of(player.condition.parts.world, player.seed, 40.0)
    served = ServedSession(player, None)
    with connected(served.server(), player) as remote:
        listed = {tool.name: tool for tool in remote.listed()}
        for name, tool in listed.items():
            assert tool.annotations.read_only_hint is (name in ("recall", "look")), name
            assert ("if_match" in tool.input_schema["properties"]) is (name == "update_record"), name
        first, second, *_ = plan(clients.believed(remote)) or ()  # type: ignore[arg-type]
        rests = {f"record-{first.arg('record')}.owner": "nobody"}
        refused_one = remote.result("update_record", **dict(first.args), if_match=rests)
        assert refused_one.is_error
        assert refused_one.structured_content["reported"] == "refused"
        assert refused_one.structured_content["reason"] == f"{next(iter(rests))} is not 'nobody'"
        assert "is not 'nobody'" in refused_one.content[0].text
        assert not remote.result("update_record", **dict(second.args)).is_error
        with pytest.raises(ToolError, match=re.escape("update_record.if_match = ['record-1']: give names")):
            remote.tool("update_record", **dict(first.args), if_match=["record-1"])


def test_a_guard_blocks_and_says_why() -> None:
    player = player_of("records", "gated", pace="fixed:0")
    served = ServedSession(player, None)
    with connected(served.server(), player) as remote:
        plan = clients.planner_of(player.condition.parts.world, player.seed, 40.0)
        first, second, *_ = plan(clients.believed(remote)) or ()  # type: ignore[arg-type]
        remote.submit_plan([first, second])
        answer = remote.tool("update_record", **dict(first.but(schema=9).args))
    assert answer["reported"] == "blocked"
    assert str(first) in answer["reason"]
    assert answer["advice"].startswith("make a new plan: ")
    assert served.session.steps == ()


def command(folder: Path, *more: str) -> StdioServerParameters:
    words = ["serve", "records", "--seed", "3", "--horizon", "40", "--out", str(folder), *more]
    return StdioServerParameters(command=COMMAND, args=words)


def test_over_stdio_a_session_is_kept_and_repeats(tmp_path: Path) -> None:
    folder, player = tmp_path / "kept", player_of("records")
    transcript = tmp_path / "session.jsonl"

    async def play() -> None:
        async with Client(command(folder, "--pace", "wall:0.1", "--transcript", str(transcript))) as client:
            task = await client.read_resource("plandrift://task")
            assert "Bring the records" in task.contents[0].text  # type: ignore[union-attr]
            await client.call_tool("look", {"patterns": ["record-1.*"]})
            await client.call_tool("wait", {"time": 3})
            await client.call_tool("done", {})

    anyio.run(play)
    made, turns = read_turns(folder / RECORD)
    assert [turn.kind for turn in turns] == ["look", "wait", "done"]
    assert turns[1].cost > 0
    parts = player.condition.parts
    again = Session(parts.world, seed=made["seed"], horizon=40.0, name=made["name"]).repeat(turns)
    trace = read_lines(folder / TRACE)
    assert [e.row() for e in trace] == [json.loads(json.dumps(e.row())) for e in again.trace]
    played = Playback(trace).to_the_end().metrics().row()
    assert played["duration"] == metrics_of(folder)["duration"] == again.metrics.duration
    assert transcript.read_text().count("\n") > len(turns)


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize("contender", ["plan-once", "gated"])
@pytest.mark.parametrize("way", ["stdio", "http"])
def test_over_a_wire_it_is_the_engines_policy_too(way: str, contender: str, tmp_path: Path) -> None:
    guard = "" if contender == "plan-once" else contender
    player = player_of("records", guard)
    ours = condition("records", contender, player.condition.given | {"agent.thinking_time": THINKS})
    plan = clients.planner_of(ours.parts.world, player.seed, ours.parts.horizon)
    episode = ours.run(player.seed, planner=lambda belief, _: plan(belief))
    more = ["--pace", PACE, "--latency", "1", "--horizon", "40", *(["--guard", guard] if guard else [])]
    if way == "stdio":
        with connected(command(tmp_path / "kept" / "seed-3", *more), player) as remote:
            CLIENTS[contender](remote, plan)
    else:
        web = Web(tmp_path, "--seed", "3", "--out", "kept", *more)
        with web, connected(wire(f"{web.base}/mcp"), player) as remote:
            CLIENTS[contender](remote, plan)
    kept = json.loads((tmp_path / "kept" / "seed-3" / OUTCOME).read_text())
    assert kept["steps"] == json.loads(json.dumps(plain([step.row() for step in episode.steps])))
    assert kept["metrics"] == json.loads(json.dumps(plain(episode.metrics.row())))


@pytest.mark.slow
def test_a_client_that_dies_leaves_a_session_that_was_given_up(tmp_path: Path) -> None:
    server = start("serve", "records", "--out", tmp_path / "kept", "--pace", "fixed:1", cwd=tmp_path)
    assert server.stdout is not None
    server.stdout.close()
    _, said = server.communicate(timeout=60)
    assert server.returncode == 0, said
    kept = json.loads((tmp_path / "kept" / OUTCOME).read_text())
    assert (kept["end"], kept["reason"]) == ("gave-up", "the client disconnected")
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_client_that_hangs_or_talks_nonsense_is_left(tmp_path: Path) -> None:
    words = [COMMAND, "serve", "records", "--out", str(tmp_path / "kept"), "--idle", "1.5"]
    server = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    for line in ("nonsense", "{}", '{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}', "[" * 2000):
        server.stdin.write(line + "\n")
    server.stdin.flush()
    began = time.monotonic()
    try:
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
    assert time.monotonic() - began < 25
    assert server.stderr is not None
    assert server.stdout is not None
    answers = [json.loads(line) for line in server.stdout]
    wrong = [answer["error"]["code"] for answer in answers if answer["id"] is None]
    assert wrong == [PARSE_ERROR, INVALID_REQUEST, PARSE_ERROR]
    assert "Traceback" not in server.stderr.read()
    assert json.loads((tmp_path / "kept" / OUTCOME).read_text())["reason"] == "nothing heard for 1.5 seconds"
    for pipe in (server.stdin, server.stdout, server.stderr):
        assert pipe is not None
        pipe.close()


def test_a_flood_ends_the_session_and_not_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plandrift.experiments.agents.play.tools.MOST", 50)
    player = player_of("records")
    served = ServedSession(player, None)

    async def flood() -> list[bool]:
        errors: list[bool] = []
        async with Client(served.server()) as client, anyio.create_task_group() as group:

            async def one() -> None:
                errors.append(bool((await client.call_tool("wait", {"time": 0})).is_error))

            for _ in range(80):
                group.start_soon(one)
        return errors

    assert sum(anyio.run(flood)) == 30
    assert served.session.episode.reason == "more than 50 turns"


class Web:
    """A server over HTTP in a process of its own."""

    def __init__(self, folder: Path, *more: str) -> None:
        words = [COMMAND, "serve", "records", "--http", "127.0.0.1:0", "--token", "secret", *more]
        self.process = subprocess.Popen(words, cwd=folder, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        self.base = self.process.stderr.readline().removeprefix("serving ").strip().removesuffix("/mcp")
        assert self.base.startswith("http://127.0.0.1:")

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with Web(tmp_path_factory.mktemp("web")) as made:
        yield made


@asynccontextmanager
async def wire(address: str) -> AsyncIterator[Any]:
    """The way to a server over HTTP, with the token shown."""
    http = httpx2.AsyncClient(headers={"Authorization": "Bearer secret"}, timeout=60)
    async with http, streamable_http_client(address, http_client=http) as streams:
        yield streams


async def over_http(base: str, seed: int) -> tuple[float, bool]:
    async with Client(wire(f"{base}/{seed}/mcp")) as client:
        await client.call_tool("wait", {"time": 1 + seed})
        answer = (await client.call_tool("done", {})).structured_content
        assert answer is not None
        return answer["time"], answer["over"]


@pytest.mark.slow
def test_over_http_each_seed_is_a_session_and_the_token_is_asked_for(tmp_path: Path) -> None:
    with Web(tmp_path, "--seeds", "2", "--out", "kept", "--pace", "fixed:0") as web:
        bare = httpx2.post(f"{web.base}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
        assert bare.status_code == 401
        wrong = httpx2.post(f"{web.base}/mcp", json={}, headers={"Authorization": "Bearer guess"})
        assert wrong.status_code == 401
        stranger = {"Authorization": "Bearer secret", "Host": "example.org"}
        assert httpx2.post(f"{web.base}/mcp", json={}, headers=stranger).status_code in (403, 421)
        assert anyio.run(over_http, web.base, 0) == (1.0, True)
        assert anyio.run(over_http, web.base, 1) == (2.0, True)
        # When all have ended there is nothing left to serve.
        assert web.process.wait(timeout=30) == 0
    assert metrics_of(tmp_path / "kept" / "seed-1")["duration"] == 2.0


@pytest.mark.parametrize(
    ("host", "origin", "code"),
    [
        ("localhost:{}", None, 406),
        ("127.0.0.1:{}", "http://localhost:{}", 406),
        ("localhost:{}.evil.com", None, 421),
        ("localhost:{}@evil.com", None, 421),
        ("localhost:1", None, 421),
        ("localhost:{}", "http://localhost:{}.evil.com", 403),
        ("localhost:{}", "http://localhost:1.evil.com", 403),
        ("localhost:{}", "null", 403),
    ],
)
def test_who_may_ask_over_http(host: str, origin: str | None, code: int, web: Web) -> None:
    """406 is said to whom is let in, and then does not take what the server gives."""
    port = web.base.rpartition(":")[2]
    headers = {"Authorization": "Bearer secret", "Host": host.format(port), "Accept": "text/plain"}
    if origin is not None:
        headers["Origin"] = origin.format(port)
    assert httpx2.post(f"{web.base}/mcp", json={}, headers=headers).status_code == code


def test_half_a_request_is_dropped(web: Web) -> None:
    place = ("127.0.0.1", int(web.base.rpartition(":")[2]))
    head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n"
    whole = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    halves = [b"", head, head + b"Content-Length: 9\r\n\r\n{", whole + head]
    began, clients = time.monotonic(), [socket.create_connection(place, timeout=20) for _ in halves]
    for client, half in zip(clients, halves, strict=True):
        client.sendall(half)
    for client in clients:
        with client:
            while client.recv(1 << 16):
                pass
    assert 9 < time.monotonic() - began < 15


@pytest.mark.slow
def test_a_hundred_sessions_at_once(tmp_path: Path) -> None:
    async def all_of_them(base: str) -> list[tuple[float, bool]]:
        found: dict[int, tuple[float, bool]] = {}

        async def one(seed: int) -> None:
            found[seed] = await over_http(base, seed)

        async with anyio.create_task_group() as group:
            for seed in range(100):
                group.start_soon(one, seed)
        return [found[seed] for seed in range(100)]

    with Web(tmp_path, "--seeds", "100", "--out", "kept", "--horizon", "200") as web:
        assert anyio.run(all_of_them, web.base) == [(1.0 + seed, True) for seed in range(100)]
        assert web.process.wait(timeout=60) == 0
    assert len(list((tmp_path / "kept").glob(f"seed-*/{TRACE}"))) == 100


@pytest.mark.slow
def test_a_server_that_is_stopped_keeps_what_was_played(tmp_path: Path) -> None:
    with Web(tmp_path, "--out", "kept") as web:
        web.process.send_signal(signal.SIGINT)
        web.process.wait(timeout=30)
    assert json.loads((tmp_path / "kept" / "seed-0" / OUTCOME).read_text())["end"] == "gave-up"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("records", "--pace", "fast"), "pace = fast: give fixed:TIME"),
        (("records", "--guard", "gatd"), "unknown policy 'gatd': did you mean 'gated'?"),
        (
            ("records", "--http", "0.0.0.0:0"),
            "0.0.0.0 is not this machine: give 127.0.0.1, or add --anywhere",
        ),
        (("records", "--http", "127.0.0.1:0", "--token", ""), "--token is empty"),
        (("records", "--http", "here"), "--http here: give HOST:PORT"),
        (("records", "--set", "agent.thinking_time=1"), "the pace sets its cost"),
        (("recrds",), "unknown world 'recrds'"),
    ],
)
def test_what_cannot_be_served_is_refused(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    assert says in refused("serve", *words, cwd=tmp_path)
