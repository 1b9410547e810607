"""A session at the other end of the MCP SDK's own client, with the verbs of a session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client

from plandrift.experiments.agents.play.player_session import PlayerSession
from plandrift.sim import Answer, Call, Known, Observation, Value, plain


class ToolError(Exception):
    """A tool said that something is wrong."""


class Remote:
    """What `Session` is, over MCP."""

    def __init__(self, portal: BlockingPortal, client: Client, player: PlayerSession) -> None:
        self._portal, self.client = portal, client
        session = player.begin()
        self.introduction, self.goals, self.horizon = session.introduction, session.goals, session.horizon
        self.answered = self.tool("recall", patterns=["no such thing"])

    def listed(self) -> Sequence[Any]:
        return self._portal.call(self.client.list_tools).tools

    def result(self, name: str, **arguments: Any) -> Any:
        return self._portal.call(self.client.call_tool, name, arguments)

    def tool(self, name: str, **arguments: Any) -> dict[str, Any]:
        result = self.result(name, **arguments)
        if result.structured_content is None:
            raise ToolError(result.content[0].text)
        answer: dict[str, Any] = result.structured_content
        self.answered = answer
        return answer

    @property
    def over(self) -> bool:
        return bool(self.answered["over"])

    @property
    def busy(self) -> bool:
        return bool(self.answered["under_way"])

    @property
    def thinking(self) -> bool:
        return bool(self.answered["thinking"])

    @property
    def goals_met(self) -> bool:
        return bool(self.answered["goals_met"])

    @property
    def plan_left(self) -> tuple[Call, ...]:
        following = self.answered["next"]
        if following is None:
            return ()
        return (self.introduction.call(following["action"], following["arguments"]),)

    def known(self, *patterns: str) -> Mapping[str, Known]:
        held = self.tool("recall", patterns=list(patterns))["known"]
        return {f: Known(frozen(one["value"]), one["true_at"]) for f, one in held.items()}

    def submit_plan(self, calls: Sequence[Call] | None) -> Answer:
        return self._answer(self.tool("submit_plan", calls=_rows(calls)))

    def send_plan(self, calls: Sequence[Call] | None) -> None:
        self.tool("submit_plan", calls=_rows(calls), background=True)

    def do(self, call: Call) -> Answer:
        return self._answer(self.tool(call.action, **plain(dict(call.args))))

    def send(self, call: Call) -> None:
        self.tool(call.action, background=True, **plain(dict(call.args)))

    def wait(self, time: float | None = None, *, news: bool = False) -> Answer:
        given = {} if time is None else {"time": time}
        return self._answer(self.tool("wait", news=news, **given))

    def done(self) -> Answer:
        return self._answer(self.tool("done"))

    def _answer(self, answer: dict[str, Any]) -> Answer:
        news = tuple(Observation(one["heard"], one["true_at"], "", (), ()) for one in answer["news"])
        return Answer(
            answer["time"], answer.get("reported", ""), "", news, answer.get("advice", ""), answer["over"]
        )


def _rows(calls: Sequence[Call] | None) -> Any:
    if calls is None:
        return None
    return [{"action": call.action, "arguments": plain(dict(call.args))} for call in calls]


def frozen(value: Any) -> Value:
    return tuple(frozen(v) for v in value) if isinstance(value, list) else value


@contextmanager
def connected(server: Any, player: PlayerSession) -> Iterator[Remote]:
    """A client of a server in this process, of a command, or of an address."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(server)) as client:
        yield Remote(portal, client, player)
