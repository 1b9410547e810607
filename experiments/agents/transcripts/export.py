"""An episode as a transcript: what its agent saw and did, and what others did, in session-file format.

A fluent is a file whose content is its value as JSON. Others' actions form a session of their own; news
takes the form in which the harness reports a changed file; a plan is an accepted plan; a call uses one of
the world's tools (`world_tool`). A call blocked by the gate appears as a refused one. The format's time
stamps are in milliseconds; the exact time is stored beside them, in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.transcripts.operation import NO_ANSWER, REFUSED_UNHEARD
from plandrift.experiments.agents.transcripts.world_tool import HAPPENED, PREFIX, REQUESTED, RETRIED, SKIPPED
from plandrift.sim import Call, Episode, PlandriftError, Scene, Streams, Value, plain
from plandrift.sim.terms.whole_file import whole_file
from plandrift.sim.trace.events import (
    Acknowledged,
    Asked,
    Delivered,
    Exogenous,
    Fired,
    HandedOver,
    Landed,
    ReplanRequested,
    Retried,
    SideEffect,
    Skipped,
    Started,
)

FOLDER = "/world"
"""The folder of the fluents."""
AGENT, OTHERS, HOOKS = "agent", "others", "hooks"
"""The sessions: the agent's, others' actions, and side effects of the agent's calls."""
BEGINS = 1_767_225_600.0
"""Time 0 on the format's own clock: 1 January 2026."""


def export_lines(episode: Episode) -> Iterator[dict[str, Any]]:
    """Yield the lines of an episode's transcript, in order.

    Raises:
        PlandriftError: the episode was run without a trace.
    """
    if not episode.trace:
        raise PlandriftError("the episode has no trace: run it with trace=True")
    yield from _Export(episode).lines()


def check_transcript_path(out: Path) -> None:
    """Check that a transcript can be written before an episode is played.

    Raises:
        PlandriftError: the folder does not exist.
    """
    if not out.parent.is_dir():
        raise PlandriftError(f"--transcript {out}: there is no folder {out.parent}: make it first")


def export_transcript(episode: Episode, out: Path) -> None:
    """Write an episode's transcript as JSON lines.

    Raises:
        PlandriftError: the file cannot be written, or the episode was run without a trace.
    """
    try:
        with whole_file(out) as beside, beside.open("w", encoding="utf-8") as file:
            for line in export_lines(episode):
                file.write(json.dumps(line) + "\n")
    except OSError as error:
        raise PlandriftError(f"{out}: {error.strerror}: give a writable path") from None


def value_text(value: Value) -> str | None:
    """Return the content of a fluent's file; None if the fluent does not exist."""
    return None if value is None else json.dumps(plain(value), sort_keys=True)


class _Export:
    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._scene: Scene = episode.world.begin(Streams(episode.seed), episode.horizon)
        self._truth: dict[str, Value] = {}
        self._versions: dict[str, int] = {}
        self._count = 0
        self._began = False
        self._fired: dict[str, Any] = {}

    def lines(self) -> Iterator[dict[str, Any]]:
        for event in self._episode.trace:
            if isinstance(event, Started):
                self._truth = dict(event.fluents)
                self._versions = dict.fromkeys(event.fluents, 0)
                goals = ", ".join(f"{f} = {v!r}" for f, v in event.goals.items())
                yield self._line(AGENT, "user", event.t, f"Reach: {goals}")
                seen = [(f, v, 0) for f, v in event.fluents.items()]
                yield self._news(event.t, event.t, "start", False, seen)
            elif isinstance(event, Exogenous | SideEffect):
                yield from self._written(event, OTHERS if isinstance(event, Exogenous) else HOOKS)
            elif isinstance(event, Delivered):
                readings = [(r.fluent, r.value, r.version) for r in event.fluents]
                yield self._news(event.t, event.taken, event.by, event.own, readings)
            elif isinstance(event, HandedOver) and event.plan is not None:
                yield from self._plan(event)
            elif isinstance(event, Asked) and event.verdict in ("block", "replan", "give-up"):
                id = self._id()
                yield self._use(event.t, id, *self._call(event.call, event.step))
                held = self._held(event.call) | ({} if event.verdict == "block" else {"error": "other"})
                yield self._result(event.t, id, held, f"Blocked by the gate: {event.verdict}")
            elif isinstance(event, Fired):
                id = self._id()
                self._fired = {"id": id, "call": event.call, "verdict": event.verdict}
                yield self._use(event.t, id, *self._call(event.call, event.step))
            elif isinstance(event, Landed):
                self._fired["held"] = self._held(event.call) | {
                    "landedAt": event.t,
                    "outcome": event.outcome,
                    "after": self._after(event),
                }
            elif isinstance(event, Retried):
                yield from self._progress(event.t, RETRIED, {"step": event.step})
            elif isinstance(event, Skipped):
                yield from self._progress(event.t, SKIPPED, {"step": event.step})
            elif isinstance(event, ReplanRequested):
                # The first request is for the first plan.
                if self._began:
                    yield from self._progress(event.t, REQUESTED, {})
                self._began = True
            elif isinstance(event, Acknowledged):
                yield self._answer(event.t, event.reported)
                if event.reported == "refused" and event.fluents:
                    back = [(r.fluent, r.value, r.version) for r in event.fluents]
                    yield self._news(event.t, event.taken, "read", False, back)
        if "held" in self._fired:
            # It reached the world, but the episode ended before its answer came.
            yield self._answer(self._episode.trace[-1].t, None)

    def _progress(self, time: float, tool: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
        id = self._id()
        yield self._use(time, id, tool, given)
        yield self._result(time, id, {}, None)

    def _answer(self, time: float, reported: str | None) -> dict[str, Any]:
        """Return the answer to the call that was fired last; `reported` is None if none came in time."""
        fired, self._fired = self._fired, {}
        if reported is None:
            error = REFUSED_UNHEARD if fired["held"]["outcome"] == "refused" else NO_ANSWER
            return self._result(time, fired["id"], fired["held"] | {"error": error}, NO_ANSWER)
        said = None if reported == "ok" else f"{reported}: it was not executed"
        held = fired["held"] | {"error": "refused" if reported == "refused" else "other"}
        return self._result(time, fired["id"], held, said)

    def _written(self, event: Exogenous | SideEffect, session: str) -> Iterator[dict[str, Any]]:
        id = self._id()
        before, now = value_text(self._truth[event.fluent]), value_text(event.value)
        self._truth[event.fluent], self._versions[event.fluent] = event.value, event.version
        name = f"{FOLDER}/{event.fluent}"
        use = {"type": "tool_use", "id": id, "name": HAPPENED, "input": {"writes": {name: now}}}
        yield self._line(session, "assistant", event.t, [use])
        result = {"before": {name: before}, "after": {name: now}, "landedAt": event.t}
        yield self._result(event.t, id, result, None, session=session)

    def _news(
        self, time: float, taken: float, by: str, own: bool, readings: list[tuple[str, Value, int]]
    ) -> dict[str, Any]:
        files = [
            {"filename": f"{FOLDER}/{fluent}", "content": value_text(value), "version": version}
            for fluent, value, version in readings
        ]
        made = self._line(AGENT, "attachment", time, None)
        made["attachment"] = {
            "type": "edited_text_file",
            "filename": files[0]["filename"] if files else "",
            "takenAt": taken,
            "by": by,
            "own": own,
            "files": files,
        }
        return made

    def _plan(self, event: HandedOver) -> Iterator[dict[str, Any]]:
        assert event.steps is not None
        assert event.basis is not None
        steps = [
            {
                "call": self._named(step.call),
                "requires": _contents(step.requires),
                "writes": _contents(step.writes),
                "done": place in event.done,
                "in_flight": place == event.in_flight,
            }
            for place, step in enumerate(event.steps)
        ]
        basis = {
            f"{FOLDER}/{f}": [value_text(value), version, time]
            for f, (value, version, time) in event.basis.items()
        }
        plan = {"steps": steps, "basis": basis, "goals": _contents(event.goals or {})}
        id = self._id()
        given = {"plan": json.dumps(plan)}
        taken = event.basis_taken
        assert taken is not None
        yield self._use(taken, id, "ExitPlanMode", given)
        yield self._result(event.t, id, {"plan": given["plan"], "isAgent": False}, None)

    def _call(self, call: Call, step: int) -> tuple[str, dict[str, Any]]:
        given = {
            "call": self._named(call),
            "step": step,
            "requires": _contents(self._scene.requires(call)),
            "writes": _contents(self._scene.effects(call)),
        }
        return PREFIX + call.action, given

    def _named(self, call: Call) -> dict[str, Any]:
        return {"action": call.action, "args": plain(dict(call.args))}

    def _held(self, call: Call) -> dict[str, Any]:
        """Return the values of the fluents that a call involves."""
        names = [*self._scene.requires(call), *self._scene.effects(call)]
        return {"before": _contents({f: self._truth[f] for f in names})}

    def _after(self, event: Landed) -> dict[str, str | None]:
        for fluent, (value, version) in event.writes.items():
            self._truth[fluent], self._versions[fluent] = value, version
        call = event.call
        names = [*self._scene.requires(call), *self._scene.effects(call)]
        return _contents({f: self._truth[f] for f in names})

    def _use(self, time: float, id: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
        return self._line(
            AGENT, "assistant", time, [{"type": "tool_use", "id": id, "name": name, "input": given}]
        )

    def _result(
        self, time: float, id: str, result: dict[str, Any], error: str | None, session: str = AGENT
    ) -> dict[str, Any]:
        part: dict[str, Any] = {"type": "tool_result", "tool_use_id": id, "content": error or "done"}
        if error is not None:
            part["is_error"] = True
        made = self._line(session, "user", time, [part])
        made["toolUseResult"] = result
        return made

    def _line(self, session: str, kind: str, time: float, content: object) -> dict[str, Any]:
        self._count += 1
        stamp = datetime.fromtimestamp(BEGINS + time, UTC).isoformat(timespec="milliseconds")
        made: dict[str, Any] = {
            "type": kind,
            "uuid": f"{session}-{self._count}",
            "sessionId": session,
            "cwd": FOLDER,
            "timestamp": stamp.replace("+00:00", "Z"),
            "exactTimestamp": time,
        }
        if content is not None:
            made["message"] = {"role": kind, "content": content}
        return made

    def _id(self) -> str:
        self._count += 1
        return f"call-{self._count}"


def _contents(held: Any) -> dict[str, str | None]:
    return {f"{FOLDER}/{fluent}": value_text(value) for fluent, value in held.items()}
