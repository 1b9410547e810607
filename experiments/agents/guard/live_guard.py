"""The guard itself, wherever its calls come from: it is asked before each call, and told after it.

Every policy of `guard.toml` is asked about every write, and its verdict is logged; the one in force decides
if the mode is `block`. They are asked through `ReplayedPolicy`, the object with which `judge` replays the
finished log, so both give the same verdicts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from plandrift.experiments.agents.audit.replayed import NOT_KNOWN, JudgedCall, ReplayedPolicy, TraceMoment
from plandrift.experiments.agents.guard import fresh_text
from plandrift.experiments.agents.guard.disk import look, resolved
from plandrift.experiments.agents.guard.guard_log import GuardLog
from plandrift.experiments.agents.guard.guard_policies import guard_policy
from plandrift.experiments.agents.guard.guard_settings import GuardSettings
from plandrift.experiments.agents.guard.live_belief import VERSION, LiveBelief
from plandrift.experiments.agents.guard.recall import Recalled, recalled
from plandrift.experiments.agents.guard.tool_use import GuardRuling, ToolUse
from plandrift.experiments.agents.transcripts.digest import content_hash
from plandrift.experiments.agents.transcripts.guard_lines import AS_MEANT, Logged, first_line, later_line
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.operation import ABSENT, Operation

TICK = 1e-5
"""The least time between two moments, so that their times give their order."""
WATCHED = 200
"""The most files that are looked at after a command that may have changed any."""
SPEAKS = ("tell", "block")
"""The modes in which the guard says something to the agent."""


class LiveGuard:
    """A guard in front of live agents.

    It must not be used from several threads at once.

    Attributes:
        settings: what `guard.toml` says.
        log: where everything is logged.
    """

    def __init__(self, settings: GuardSettings, now: Callable[[], float] = time.time) -> None:
        """Begin without knowing any session.

        Args:
            settings: what `guard.toml` says.
            now: returns the time, in seconds since the epoch.

        Raises:
            SettingError: a policy does not exist.
        """
        self.settings, self._now = settings, now
        self.log = GuardLog(settings.log, settings.path)
        self._replays = {name: ReplayedPolicy(guard_policy(name)) for name in settings.policies}
        self._sessions: dict[str, LiveBelief] = {}
        self._versions: dict[tuple[str, str, str], str] = {}
        self._refused: dict[tuple[str, str], Counter[str]] = {}
        self._would: dict[tuple[str, str, str], list[str]] = {}
        self._told: dict[tuple[str, str, str], str] = {}
        self._last, self._place = 0.0, 0

    def renewed(self, settings: GuardSettings) -> LiveGuard:
        """Return a guard with other settings that knows what this one knows."""
        made = LiveGuard(settings, self._now)
        made._last, made._place, made._versions = self._last, self._place, self._versions
        for session, belief in self._sessions.items():
            found = recalled(session, settings.log, None, self._last)
            for replay in made._replays.values():
                replay.recalls(session, found.logged)
            made._sessions[session] = belief
        return made

    # What hooks and decorators call.

    def before(
        self, use: ToolUse, transcript: Path | None = None, waited: float | None = None
    ) -> GuardRuling:
        """Judge a call that is about to be made.

        Args:
            use: the call, with what is there now as `before` of each write that the door could look at.
            transcript: the host's own record of the session, read if the guard does not know the session.
            waited: how many seconds the host has waited so far.
        """
        began = time.perf_counter()
        belief = self._belief(use.session, transcript)
        lost = self._settle(use, belief)
        writes = {resolved(t.fluent): t for t in use.touches if t.kind == "write" and t.fluent}
        if not writes:
            return GuardRuling()
        rows = belief.asked(use, *self._tick())
        if lost:
            unsure = [replace(row, before=None, stands=None) if row.fluent in lost else row for row in rows]
            for row, other in zip(rows, unsure, strict=True):
                belief.renewed(row, other)
            rows = unsure
        judged = self._ask(rows)
        basis = {}
        for row in rows:
            known = next(iter(judged.values()))[row.fluent].known
            why = belief.why_unknown(use.agent, writes[row.fluent], row.fluent in lost)
            basis[row.fluent] = "known" if known else why
        verdicts = {
            row.fluent: {name: _verdict(calls[row.fluent]) for name, calls in judged.items()} for row in rows
        }
        ruling = self._ruling(use, belief, rows, judged[self.settings.policy], basis, writes)
        if ruling.holds_back:
            at, closed = self._tick()
            held = [belief.held_back(row, at, closed, pending=ruling.did == "asked") for row in rows]
            for row, other in zip(rows, held, strict=True):
                belief.renewed(row, other)
            rows = held
        seconds = time.perf_counter() - began + (waited or 0.0)
        lines = [
            Logged(
                row,
                verdicts[row.fluent],
                basis[row.fluent],
                ruling.did,
                self.settings.mode,
                seconds=round(seconds, 6),
            )
            for row in rows
        ]
        self.log.add("".join(map(first_line, lines)))
        if ruling.did == "handed back":
            for fluent, touch in writes.items():
                if basis[fluent] == "known":
                    self._show(use, belief, fluent, touch.before)
                    if touch.version is not None:
                        self._versions[use.session, use.agent, fluent] = touch.version
        return replace(ruling, verdicts=verdicts, basis=basis)

    def after(self, use: ToolUse, transcript: Path | None = None) -> str:
        """Process the answer to a call; return what the agent should be told, empty in shadow."""
        belief = self._belief(use.session, transcript)
        said = self._would.pop((use.session, use.agent, use.call), [])
        at, closed = self._tick()
        asked_of = {}
        for row, asked in belief.answered(use, at, closed):
            if row.ok:
                self._remember(row)
            if row.kind == "read":
                self._heard(row)
            elif asked is None:
                self._unasked(row)
            else:
                asked_of[row.fluent] = asked.touch
                self._settled(row, asked.operation, self._window(row, asked.touch))
        if use.command:
            self.log.add(first_line(Logged(_opaque(use, at, closed))))
        return "\n\n".join([*said, *self._news(use, belief, [*asked_of])]) if self._speaks else ""

    def compacted(self, session: str, agent: str = "", transcript: Path | None = None) -> None:
        """Record that an agent's context was compacted: what it knew before is only memory now."""
        belief = self._belief(session, transcript)
        use = ToolUse(session, agent, "compaction")
        fluents = list(belief.fluents(agent))
        at, place = self._tick()
        for row in belief.compacted(use, at, place, fluents):
            for replay in self._replays.values():
                replay.happens(TraceMoment(at, place, "compacted", (row,)))
            self.log.add(first_line(Logged(row)))

    def ended(self, session: str) -> None:
        """Forget a session that is over; if it is resumed, it is recalled."""
        self._sessions.pop(session, None)
        self._versions = {key: held for key, held in self._versions.items() if key[0] != session}
        self._refused = {key: held for key, held in self._refused.items() if key[0] != session}
        self._would = {key: held for key, held in self._would.items() if key[0] != session}
        self._told = {key: held for key, held in self._told.items() if key[0] != session}
        for replay in self._replays.values():
            replay.leaves(session)

    def version(self, session: str, agent: str, fluent: str) -> str | None:
        """Return the version of a fluent that an agent saw last, for a call that takes one.

        After an own write it is that of the write's touch, if the door has found one in the answer.
        """
        return self._versions.get((session, agent, resolved(fluent)))

    # How a moment is processed.

    @property
    def _speaks(self) -> bool:
        return self.settings.mode in SPEAKS

    def _tick(self) -> tuple[float, int]:
        self._last = max(self._now(), self._last + TICK)
        self._place += 1
        return self._last, self._place

    def _belief(self, session: str, transcript: Path | None) -> LiveBelief:
        held = self._sessions.get(session)
        if held is None:
            found = recalled(session, self.settings.log, transcript, self._last)
            held = self._sessions[session] = LiveBelief(found.known)
            self._take_up(session, found, held)
        return held

    def _take_up(self, session: str, found: Recalled, belief: LiveBelief) -> None:
        """Bring the policies up to date with the log, and with what else the transcript says."""
        self._last = max(self._last, found.last)
        self._place = max(self._place, found.place)
        for replay in self._replays.values():
            replay.recalls(session, found.logged)
        belief.reopen(found.open, found.logged)
        for agent, fluent in found.news:
            held = belief.held(agent, fluent)
            if held is not None:
                use = ToolUse(session, agent, "recall")
                self._show(use, belief, fluent, None if held.gone else held.whole)

    def _remember(self, row: Operation) -> None:
        key = (row.session, row.agent, row.fluent)
        if row.version is not None:
            self._versions[key] = row.version.removeprefix(VERSION)
        elif row.kind == "write":
            self._versions.pop(key, None)

    def _meet(self, row: Operation) -> None:
        first = row.seen if row.kind == "read" and row.whole else row.before
        for replay in self._replays.values():
            replay.meets((row.session, row.agent), {row.fluent: first or NOT_KNOWN})

    def _ask(self, rows: Sequence[Operation]) -> dict[str, dict[str, JudgedCall]]:
        """Return each policy's judgement of a call, by fluent."""
        made = {}
        for row in rows:
            self._meet(row)
        moment = TraceMoment(rows[0].called, rows[0].place, "wrote", tuple(rows))
        for name, replay in self._replays.items():
            replay.happens(moment)
            made[name] = {
                row.fluent: replay.judged.pop((row.session, f"{row.call} {row.fluent}")) for row in rows
            }
        return made

    def _heard(self, row: Operation) -> None:
        if row.ok and row.fluent:
            self._meet(row)
            assert row.answered is not None
            moment = TraceMoment(row.answered, float(row.closed or 0), "heard", (row,))
            for replay in self._replays.values():
                replay.happens(moment)
        self.log.add(first_line(Logged(row)))

    def _settled(self, row: Operation, asked: Operation, window: str) -> None:
        if row.ok:
            assert row.answered is not None
            moment = TraceMoment(row.answered, float(row.closed or 0), "settled", (row,))
            for replay in self._replays.values():
                replay.happens(moment)
        self.log.add(later_line(row, asked, window))

    def _unasked(self, row: Operation) -> None:
        """Process a write that the guard was not asked about: the content before it is not known."""
        at, closed = self._tick()
        asked = replace(
            row, before=None, stands=None, answered=None, closed=None, ok=False, error="no answer"
        )
        judged = self._ask([asked])
        verdicts = {name: _verdict(calls[row.fluent]) for name, calls in judged.items()}
        self.log.add(first_line(Logged(asked, verdicts, "no look", "let", self.settings.mode)))
        done = replace(row, before=None, stands=None, answered=at, closed=closed)
        self._settled(done, asked, "")

    def _settle(self, use: ToolUse, belief: LiveBelief) -> set[str]:
        """Settle writes that were made although no answer said so; return the fluents of lost answers."""
        lost = set()
        for touch in use.touches:
            if touch.kind != "write":
                continue
            made, unsure = belief.settle(use.agent, touch)
            for write in made[-1:]:
                row = belief.made(write, *self._tick())
                self._settled(row, write.operation, "")
            if unsure and not made:
                lost.add(resolved(touch.fluent))
        return lost

    def _show(self, use: ToolUse, belief: LiveBelief, fluent: str, text: str | None) -> None:
        self._heard(belief.shown(use, fluent, text, *self._tick()))

    # What is said.

    def _ruling(
        self,
        use: ToolUse,
        belief: LiveBelief,
        rows: Sequence[Operation],
        judged: dict[str, JudgedCall],
        basis: dict[str, str],
        writes: dict[str, Touch],
    ) -> GuardRuling:
        stale = [r.fluent for r in rows if not judged[r.fluent].let_through and basis[r.fluent] == "known"]
        blind = [
            r.fluent
            for r in rows
            if basis[r.fluent] in ("unseen", "compacted", "part")
            and not r.replaces
            # Who deletes a file need not have seen it.
            and ABSENT not in (r.before, r.after)
        ]
        if self.settings.mode != "block" or not (stale or blind):
            if self.settings.mode == "tell":
                shown = [self._difference(use, belief, f, writes[f]) for f in stale]
                self._would[use.session, use.agent, use.call] = [
                    fresh_text.told(f, text) for f, text in zip(stale, shown, strict=True)
                ]
            self._refused.get((use.session, use.agent), Counter()).pop(rows[0].asked, None)
            return GuardRuling()
        refused = self._refused.setdefault((use.session, use.agent), Counter())
        asked = rows[0].asked
        refused[asked] += 1
        if refused[asked] > self.settings.burst:
            return GuardRuling("asked", fresh_text.asked_person((stale + blind)[0]))
        texts = [fresh_text.blind_refusal(fluent) for fluent in blind]
        shown = [self._difference(use, belief, fluent, writes[fluent]) for fluent in stale]
        short = sum(len(text or "") for text in shown) <= fresh_text.MOST_TOLD
        if self.settings.on_block == "hand-back" and not blind and all(shown) and short:
            texts = [fresh_text.handed_back(f, text or "") for f, text in zip(stale, shown, strict=True)]
            return GuardRuling("handed back", "\n\n".join(texts))
        return GuardRuling("refused", "\n\n".join([*texts, *map(fresh_text.refusal, stale)]))

    def _difference(self, use: ToolUse, belief: LiveBelief, fluent: str, touch: Touch) -> str | None:
        held = belief.held(use.agent, fluent)
        known = None if held is None or held.picture is None else held.whole
        return fresh_text.difference(fluent, known, touch.before if touch.before_known else None)

    def _window(self, row: Operation, touch: Touch) -> str:
        """Say how the current content differs from the one that the write was meant to leave."""
        if not row.ok or not touch.after_known or touch.after is None:
            return ""
        known, now = look(touch.fluent)
        if not known or content_hash(now) == content_hash(touch.after):
            return AS_MEANT if known else ""
        alike = "".join((now or "").split()) == "".join(touch.after.split())
        return "space" if alike else "text"

    def _news(self, use: ToolUse, belief: LiveBelief, written: Sequence[str]) -> list[str]:
        """Tell the agent once what its own formatter or git changed on disk."""
        if not self._speaks:
            return []
        told, unshown, room = [], [], fresh_text.MOST_TOLD
        for fluent in belief.fluents(use.agent)[-WATCHED:] if use.command else written:
            held = belief.held(use.agent, fluent)
            known, now = look(fluent)
            key, hash = (use.session, use.agent, fluent), content_hash(now)
            if held is None or held.picture in (None, hash) or not known or self._told.get(key) == hash:
                continue
            self._told[key] = hash
            shown = fresh_text.difference(fluent, held.whole, now)
            if shown is None or len(shown) > room:
                unshown.append(fresh_text.told(fluent, None))
            else:
                room -= len(shown)
                told.append(fresh_text.told(fluent, shown))
                self._show(use, belief, fluent, now)
        return [*told, *unshown]


def _verdict(call: JudgedCall) -> str:
    return "refused" if call.refused else call.verdict.kind


def _opaque(use: ToolUse, at: float, closed: int) -> Operation:
    return Operation(
        at,
        at,
        use.session,
        use.agent,
        0,
        f"{use.call or use.tool} {closed} ran",
        use.tool,
        "opaque",
        command=use.command,
        ok=not use.failed,
        place=closed,
        closed=closed,
        program=use.program,
    )
