"""The guard in your own Python program: a decorator for tools, and sessions for what is read otherwise.

>>> import tempfile
>>> from pathlib import Path
>>> folder = Path(tempfile.mkdtemp())
>>> said = folder / "guard.toml"
>>> _ = said.write_text('''mode = "block"
... [tools.get_ticket]
... reads = "ticket/{input.id}"
... seen = "output"
... [tools.close_ticket]
... writes = "ticket/{input.id}"
... ''')
>>> tickets = {7: "open"}
>>> guard = PythonGuard.open(said)
>>> guard.look("ticket/", lambda fluent: tickets[int(fluent.partition("/")[2])])
>>> @guard.tool
... def get_ticket(id):
...     return tickets[id]
>>> @guard.tool
... def close_ticket(id):
...     tickets[id] = "closed"
>>> get_ticket(7)
'open'
>>> tickets[7] = "assigned to somebody else"
>>> try:
...     close_ticket(7)
... except Stale as stale:
...     print(stale.did, tickets[7])
handed back assigned to somebody else
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any, ParamSpec, TypeVar

from plandrift.experiments.agents.guard.disk import looked, meant
from plandrift.experiments.agents.guard.guard_settings import GuardSettings, read_guard_settings
from plandrift.experiments.agents.guard.live_guard import LiveGuard
from plandrift.experiments.agents.guard.tool_use import GuardRuling, ToolUse, answered
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.sim import SettingError

P = ParamSpec("P")
R = TypeVar("R")
Look = str | None | tuple[str | None, str]
PROGRAM = "python"
"""The program and the session of calls that name none."""


class Stale(Exception):  # noqa: N818 (it is what the agent is told, rather than an error)
    """A call that the guard held back; its text is for the agent.

    Attributes:
        did: ``refused``, ``handed back``, or ``asked``: a person should decide.
    """

    def __init__(self, ruling: GuardRuling) -> None:
        super().__init__(ruling.text)
        self.did = ruling.did


class PythonGuard:
    """A guard in a program; see the module. It may be used from several threads."""

    def __init__(self, settings: GuardSettings, now: Callable[[], float] = time.time) -> None:
        self._live, self._turn = LiveGuard(settings, now), RLock()
        self._mapping = settings.mapping
        self._looks: dict[str, Callable[[str], Look]] = {}
        self._who: ContextVar[tuple[str, str]] = ContextVar("who", default=(PROGRAM, ""))
        self._versions: dict[str, str] = {}
        self._calls = count(1)

    @classmethod
    def open(cls, path: str | Path, now: Callable[[], float] = time.time) -> PythonGuard:
        """Return the guard that a `guard.toml` describes.

        Args:
            path: the file.
            now: tells the time, in seconds since the epoch.

        Raises:
            SettingError: the file does not exist or says something that is not possible.
        """
        return cls(read_guard_settings(Path(path)), now)

    def look(self, prefix: str, look: Callable[[str], Look]) -> None:
        """Set how to look up a fluent's current content, which costs a read just before each write.

        Args:
            prefix: how the names of the fluents begin, such as ``ticket/``.
            look: returns what a fluent holds, as the tool that reads it would show it, None if it is absent;
                or that and its version.
        """
        self._looks[prefix] = look

    @contextmanager
    def session(self, session: str, agent: str = "") -> Iterator[None]:
        """Attribute the calls inside to an agent in a session."""
        token = self._who.set((session, agent))
        try:
            yield
        finally:
            self._who.reset(token)

    def saw(self, fluent: str, text: str | None, version: str | None = None) -> None:
        """Record that the agent was shown a whole content in some other way; None if it is absent."""
        session, agent = self._who.get()
        touch = Touch("read", fluent, text, whole=True, version=version)
        with self._turn:
            self._live.after(
                ToolUse(session, agent, "saw", touches=(touch,), call=self._call(), program=PROGRAM)
            )

    def compacted(self) -> None:
        """Record that the agent's context was compacted: what it knew before is only memory now."""
        with self._turn:
            self._live.compacted(*self._who.get())

    def tool(self, function: Callable[P, R], name: str = "") -> Callable[P, R]:
        """Guard a tool: a function with a table of its name in `guard.toml`, or of the one given.

        In mode `block`, a version that the table names as an argument (``version = "input.if_match"``) is
        filled in with the one that the agent saw last, if the caller leaves it None.

        Raises:
            SettingError: there is no such table.
            Stale: in mode `block`, from the function: the call was held back.
        """
        name = name or function.__name__
        mapped = self._mapping.of(name)
        if mapped is None:
            raise SettingError(f"guard.toml: there is no [tools.{name}]: say what it reads or writes")
        signature = inspect.signature(function)
        carries = mapped.version.partition(".")[2] if mapped.version.startswith("input.") else ""

        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            given = dict(bound.arguments)
            session, agent = self._who.get()
            use = ToolUse(session, agent, name, given, call=self._call(), program=PROGRAM)
            touches = self._mapping.touches(name, given, None) or []
            writes = tuple(self._looked(touch) for touch in touches if touch.kind == "write")
            with self._turn:
                ruling = self._live.before(replace(use, touches=writes))
                # In the other modes nothing is changed about the call.
                blocks = self._live.settings.mode == "block"
                if blocks and writes and carries in given and given[carries] is None:
                    bound.arguments[carries] = self._live.version(session, agent, writes[0].fluent)
            if ruling.holds_back:
                raise Stale(ruling)
            try:
                result = function(*bound.args, **bound.kwargs)
            except Exception as error:
                done = replace(use, touches=writes, failed=True, error="refused")
                with self._turn:
                    self._live.after(done)
                raise error
            self._answered(use, given, result, mapped.version)
            return result

        return guarded

    def _answered(self, use: ToolUse, given: dict[str, Any], result: object, version: str) -> None:
        touches = self._mapping.touches(use.tool, given, result) or []
        made = answered(use, touches, result, self._versions, version)
        with self._turn:
            self._live.after(made)

    def _looked(self, touch: Touch) -> Touch:
        for prefix, look in self._looks.items():
            if touch.fluent.startswith(prefix):
                found = look(touch.fluent)
                text, version = found if isinstance(found, tuple) else (found, None)
                return meant(replace(touch, version=version), True, text)
        return looked(replace(touch, version=None))

    def _call(self) -> str:
        return f"{PROGRAM} {id(self):x} {next(self._calls)}"
