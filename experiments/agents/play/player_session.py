"""A player's session: what is to be played, and what is saved when it has ended."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plandrift.experiments.sweeps.condition import Condition, for_one_agent
from plandrift.sim import PlandriftError, Policy, Session, SettingError, plain, write_lines, write_turns

TRACE, RECORD, OUTCOME = "trace.jsonl", "record.jsonl", "outcome.json"
"""The files saved for a session: its trace, what reproduces it, and its figures."""
SERVED_BY = "server.pid"
"""A file beside them while a session is served, with the id of the serving process."""
FREE = "plan-once"
"""The policy of a condition without a guard: it lets everything through."""


@dataclass(frozen=True)
class PlayerSession:
    """A session to be played.

    Attributes:
        condition: world and settings; its policy is the guard.
        seed: the session's seed.
        name: the player's name.
        pace: the cost of thinking, as text.
    """

    condition: Condition
    seed: int
    name: str
    pace: str

    def __post_init__(self) -> None:
        for_one_agent(self.condition, "a session")
        if self.condition.oracle:
            raise SettingError(
                name="oracle", problem="is given", fix="leave it out: a session has its own pace"
            )

    @property
    def guard(self) -> str:
        """Return the guard's name; empty if there is none."""
        return "" if self.condition.policy == FREE else self.condition.policy

    def begin(self) -> Session:
        """Return the session, ready to begin."""
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
        """Return what is needed to reproduce this session."""
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
    """Save a session that has ended.

    Raises:
        PlandriftError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_turns(session.record, folder / RECORD, player.words())
        write_lines(session.trace, folder / TRACE)
        # Written last, and atomically: if it exists, the rest exists too.
        half = folder / f"{OUTCOME}.tmp"
        half.write_text(json.dumps(outcome(session, player)), encoding="utf-8")
        half.replace(folder / OUTCOME)
    except OSError as error:
        raise PlandriftError(f"{folder}: {error.strerror}: give a folder that can be written") from None


def outcome(session: Session, player: PlayerSession) -> dict[str, Any]:
    """Return the outcome of a session as one object."""
    episode = session.episode
    return player.words() | {
        "end": episode.end,
        "reason": episode.reason,
        "turns": len(session.record),
        "metrics": plain(session.metrics.row()),
        "steps": plain([step.row() for step in session.steps]),
    }


def served_by(folder: Path) -> int | None:
    """Return the process id recorded for a session (see `runs`); None if there is none."""
    try:
        return int((folder / SERVED_BY).read_text())
    except (OSError, ValueError):
        return None


def runs(number: int) -> bool:
    """Say whether a process is running."""
    try:
        os.kill(number, 0)
    except OSError:
        return False
    try:
        # An ended process stays listed until its parent waits for it.
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def metrics_of(folder: Path) -> dict[str, float]:
    """Return a session's figures from the folder where it was saved; NaN if a figure has no value.

    Raises:
        PlandriftError: the folder holds no saved session.
    """
    try:
        held = json.loads((folder / OUTCOME).read_text(encoding="utf-8"))["metrics"]
    except (OSError, ValueError, KeyError):
        raise PlandriftError(f"{folder}: no session was saved there") from None
    return {name: float("nan") if value is None else value for name, value in held.items()}
