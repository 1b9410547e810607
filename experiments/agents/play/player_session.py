"""A player's session: the session that somebody is to play, and what is kept of it when it has ended."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plandrift.experiments.sweeps.condition import Condition
from plandrift.sim import PlandriftError, Policy, Session, SettingError, plain, write_lines, write_turns

TRACE, RECORD, OUTCOME = "trace.jsonl", "record.jsonl", "outcome.json"
"""The files that are kept of a session: its trace, what repeats it, and its figures."""
SERVED_BY = "server.pid"
"""Beside them while a session is served: the number of the process that serves it."""
FREE = "plan-once"
"""The policy of a condition without a guard: it lets everything through."""


@dataclass(frozen=True)
class PlayerSession:
    """A session to be played.

    Attributes:
        condition: world and settings; its policy is the guard.
        seed: of the session.
        name: of who plays it.
        pace: what thinking costs, as a text.
    """

    condition: Condition
    seed: int
    name: str
    pace: str

    def __post_init__(self) -> None:
        if self.condition.oracle:
            raise SettingError(name="oracle", problem="is given", fix="leave it out: a session has its pace")

    @property
    def guard(self) -> str:
        """The guard, empty where there is none."""
        return "" if self.condition.policy == FREE else self.condition.policy

    def begin(self) -> Session:
        """The session, about to begin."""
        parts = self.condition.parts
        return Session(
            parts.world,
            self._policy,
            seed=self.seed,
            horizon=parts.horizon,
            name=self.name,
            pace=self.pace,
            watch=time.monotonic,
            channel=parts.channel,
            agent=parts.agent,
            handoff=parts.handoff,
        )

    @property
    def _policy(self) -> Policy | None:
        altered = any(name.startswith("policy.") for name in self.condition.given)
        return self.condition.parts.policy if self.guard or altered else None

    def words(self) -> dict[str, Any]:
        """What makes this session again."""
        one = self.condition
        return {
            "world": one.world,
            "guard": self.guard,
            "given": one.given,
            "seed": self.seed,
            "name": self.name,
            "pace": self.pace,
        }


def keep(session: Session, player: PlayerSession, folder: Path) -> None:
    """Write what is kept of a session that has ended.

    Raises:
        PlandriftError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_turns(session.record, folder / RECORD, player.words())
        write_lines(session.trace, folder / TRACE)
        # Written last, and whole or not at all: if it is there, the rest is there too.
        half = folder / f"{OUTCOME}.tmp"
        half.write_text(json.dumps(outcome(session, player)), encoding="utf-8")
        half.replace(folder / OUTCOME)
    except OSError as error:
        raise PlandriftError(f"{folder}: {error.strerror}: give a folder that can be written") from None


def outcome(session: Session, player: PlayerSession) -> dict[str, Any]:
    """What came of a session, as one object."""
    episode = session.episode
    return player.words() | {
        "end": episode.end,
        "reason": episode.reason,
        "turns": len(session.record),
        "metrics": plain(session.metrics.row()),
        "steps": plain([step.row() for step in session.steps]),
    }


def served_by(folder: Path) -> int | None:
    """The number of the process that serves a session, None if none does any more."""
    try:
        return int((folder / SERVED_BY).read_text())
    except (OSError, ValueError):
        return None


def runs(number: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(number, 0)
    except OSError:
        return False
    try:
        # A process that has ended is listed until its parent waits for it.
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def metrics_of(folder: Path) -> dict[str, float]:
    """The figures of a session from the folder that kept it, NaN where a figure has no value.

    Raises:
        PlandriftError: no session was kept there.
    """
    try:
        held = json.loads((folder / OUTCOME).read_text(encoding="utf-8"))["metrics"]
    except (OSError, ValueError, KeyError):
        raise PlandriftError(f"{folder}: no session was kept there") from None
    return {name: float("nan") if value is None else value for name, value in held.items()}
