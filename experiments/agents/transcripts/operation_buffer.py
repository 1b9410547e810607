"""A disk buffer for the calls and answers of transcripts: merged by id, then read in order of time.

An event may occur in several files of a session, and an answer in another file than its call. The contents
are kept in a temporary file; only their positions are kept in memory.
"""

from __future__ import annotations

import marshal
import sys
import tempfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any


@dataclass(slots=True)
class PlacedCall:
    """The positions of a call and its answer in the buffer."""

    session: str
    agent: str
    called: float
    order: int
    place: int
    release: str
    answered: float | None = None
    answer: int | None = None
    closed: int | None = None


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call with its answer, as in the transcript.

    Attributes:
        id: the call's id.
        session: the conversation.
        agent: the agent within it.
        turn: number of prompts before it.
        called: time of the call, in seconds since the epoch.
        answered: time of the answer; None if there is none.
        place: position of the call in the session.
        closed: position of its answer in the session.
        asked: what the format's reader kept of the call.
        answer: what the format's reader kept of the answer.
        program: the agent's name, which is that of the format.
        release: the agent's version; empty if unknown.
    """

    id: str
    session: str
    agent: str
    turn: int
    called: float
    answered: float | None
    place: int
    closed: int | None
    asked: dict[str, Any]
    answer: dict[str, Any] | None
    program: str
    release: str


@dataclass
class ImportSummary:
    """What an import has read and written.

    Attributes:
        files: files read.
        size: bytes read.
        calls: calls made by agents.
        rows: operations written.
        sessions: number of sessions in which an agent made a call.
        agents: number of agents that made a call.
        merged: duplicate events and calls that were merged.
        shell: how many rows of each kind come from plain shell commands.
        programs: calls by the agent's name.
        releases: the versions of each agent.
        notes: what the user should know about what was read, with counts.
        troubles: how often something could not be used, by reason.
    """

    files: int = 0
    size: int = 0
    calls: int = 0
    rows: int = 0
    sessions: int = 0
    agents: int = 0
    merged: int = 0
    shell: Counter[str] = field(default_factory=Counter)
    programs: Counter[str] = field(default_factory=Counter)
    releases: dict[str, set[str]] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)


class OperationBuffer:
    """Calls and answers on disk, from which operations are made; see the module.

    Attributes:
        summary: what was read.
        program: the agent's name.
        release: the agent's version, which its reader sets before the calls that it made.
        heard: how many calls were found, duplicates included.
    """

    def __init__(self, summary: ImportSummary, program: str = "") -> None:
        self.summary, self.program, self.release = summary, program, ""
        self._calls: dict[tuple[str, str], PlacedCall] = {}
        self._prompts: defaultdict[str, list[float]] = defaultdict(list)
        self._early: dict[tuple[str, str], tuple[float, int, int]] = {}
        self._count = self.heard = 0

    def __enter__(self) -> OperationBuffer:
        self._file = tempfile.TemporaryFile(prefix="plandrift-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._file.close()

    def prompt(self, session: str, time: float) -> None:
        """Record that a person said something, which begins a turn."""
        self._prompts[session].append(time)

    def call(self, session: str, agent: str, id: str, time: float, asked: dict[str, Any]) -> None:
        """Record a call; one that is already known is merged."""
        key = (session, id)
        self.heard += 1
        if key in self._calls:
            self.summary.merged += 1
            return
        self._count += 1
        made = self._calls[key] = PlacedCall(
            session, agent, time, self._count, self._put(asked), sys.intern(self.release)
        )
        early = self._early.pop(key, None)
        if early is not None:
            made.answered, made.answer, made.closed = early

    def answer(self, session: str, id: str, time: float | None, answer: dict[str, Any]) -> None:
        """Record an answer; if a call has two, the first counts."""
        key = (session, id)
        made = self._calls.get(key)
        self._count += 1
        if made is None:
            if key not in self._early and time is not None:
                self._early[key] = time, self._put(answer), self._count
        elif made.answer is None:
            made.answered = made.called if time is None else max(time, made.called)
            made.answer, made.closed = self._put(answer), self._count
        else:
            self.summary.merged += 1

    def made(self) -> Iterator[MadeCall]:
        """Yield every call, session by session, each in order of time."""
        troubles = self.summary.troubles
        if self._early:
            troubles["answers without their call"] += len(self._early)
        prompts = {session: sorted(set(times)) for session, times in self._prompts.items()}
        order = sorted(self._calls.items(), key=lambda kv: (kv[1].session, kv[1].called, kv[1].order))
        for (_, id), made in order:
            if made.answer is None:
                troubles["calls without an answer"] += 1
            yield MadeCall(
                id,
                made.session,
                made.agent,
                bisect_right(prompts.get(made.session, []), made.called),
                made.called,
                made.answered,
                made.order,
                made.closed,
                self._get(made.place),
                None if made.answer is None else self._get(made.answer),
                self.program,
                made.release,
            )

    def _put(self, held: dict[str, Any]) -> int:
        place = self._file.seek(0, 2)
        # A fifth of the time of JSON; only this process reads it.
        self._file.write(marshal.dumps(held))
        return place

    def _get(self, place: int) -> dict[str, Any]:
        self._file.seek(place)
        held: dict[str, Any] = marshal.load(self._file)
        return held
