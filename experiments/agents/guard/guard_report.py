"""What a guard's log shows: what each policy is worth, what followed blocks, what the guard cost."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.agents.audit.replayed import JudgedCall, judged
from plandrift.experiments.agents.guard.aftermath import AfterBlock, after_blocks
from plandrift.experiments.agents.transcripts.guard_lines import AS_MEANT, Logged, logged
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.text import share_text
from plandrift.sim import Policy, SettingError
from plandrift.sim.engine.executor import FIRES
from plandrift.sim.settings.real_time import seconds

BLOCKS = frozenset({"block", "refused"})


@dataclass(frozen=True)
class PolicyRow:
    """What one policy said about the writes, and how often that was right.

    Attributes:
        policy: its name.
        writes: writes whose basis is known, as well as whether they were wrong.
        wrong: wrong writes among them.
        right: blocks of wrong writes.
        false: blocks of writes that were not wrong.
        missed: wrong writes that were let through.
        false_rate: false blocks as a share of the writes that were not wrong.
        missed_rate: missed writes as a share of the wrong ones.
    """

    policy: str
    writes: int
    wrong: int
    right: int
    false: int
    missed: int
    false_rate: Interval
    missed_rate: Interval

    def row(self) -> dict[str, object]:
        """Return the row for JSON."""
        rates = {
            f"{name}_{end}": value
            for name, rate in (("false", self.false_rate), ("missed", self.missed_rate))
            for end, value in (("rate", rate.mean), ("low", rate.low), ("high", rate.high))
        }
        return {
            name: getattr(self, name) for name in ("policy", "writes", "wrong", "right", "false", "missed")
        } | rates

    def line(self) -> dict[str, object]:
        """Return the row for people."""
        return {
            "policy": self.policy,
            "writes": self.writes,
            "right": self.right,
            "false": self.false,
            "missed": self.missed,
            "false rate": share_text(self.false_rate),
            "missed rate": share_text(self.missed_rate),
        }


@dataclass(frozen=True)
class GuardReport:
    """What a log shows.

    Attributes:
        writes: all writes that the guard was asked about.
        sessions: in how many sessions.
        policies: each policy's row.
        known: writes whose basis is known.
        unknown: the others, by the reason: neither right nor false.
        did: how often the guard did what, by `Logged.did`.
        after: what happened after blocks.
        window: writes whose result differs from what was meant: in white space only, or in text.
        meant: writes for which that could be determined.
        seconds: how long hosts waited, median and 99th percentile; NaN if nothing was measured.
        failed: calls that the guard could not answer: those let through, and those held back; and other
            failures, after a call or because of its settings.
    """

    writes: int
    sessions: int
    policies: list[PolicyRow]
    known: int
    unknown: Counter[str]
    did: Counter[str]
    after: list[AfterBlock]
    window: Counter[str]
    meant: int
    seconds: tuple[float, float]
    failed: tuple[int, int, int]

    def sentences(self) -> list[str]:
        """Return what the tables do not show."""
        why = ", ".join(f"{n} {_WHY.get(name, name)}" for name, n in self.unknown.most_common())
        said = [
            f"{self.writes} writes in {self.sessions} session{'s' * (self.sessions != 1)}; of {self.known} "
            "it is known what they rested on" + (f"; not of {why}" if why else "") + "."
        ]
        text, space = self.window["text"], self.window["space"]
        window = (
            "Right, false and missed are as of the guard's look: they do not count what somebody wrote "
            "between it and the write, and only if-match at the tool itself closes that window."
        )
        if self.meant:
            said.append(
                f"After {text} of {self.meant} writes of files something else was there than was meant, and "
                f"after {space} more only other white space: somebody wrote between the guard's look and "
                "its next one, or a formatter ran. But for formatters that is a lower bound, because a "
                f"write of a whole file hides what it falls on. {window}"
            )
        else:
            said.append(window)
        middle, most = (f"{1000 * value:.1f} ms" if value == value else "–" for value in self.seconds)
        opened, closed, others = self.failed
        said.append(
            f"Hosts waited {middle} (median) and {most} (99th percentile) for a verdict. The guard did not "
            f"answer before {opened + closed} calls: {opened} went through unjudged, {closed} were held back"
            + (f"; {others} other failures came after a call or from its settings." if others else ".")
        )
        return said

    def as_object(self) -> dict[str, object]:
        """Return the report as an object for JSON."""
        return {
            "writes": self.writes,
            "sessions": self.sessions,
            "policies": [row.row() for row in self.policies],
            "known": self.known,
            "unknown": dict(self.unknown),
            "did": dict(self.did),
            "after": [row.row() for row in self.after],
            "window": dict(self.window) | {"meant": self.meant},
            "seconds": {"median": self.seconds[0], "p99": self.seconds[1]},
            "failed": dict(zip(("open", "closed", "other"), self.failed, strict=True)),
        }


_WHY = {
    "cut": "that rested on what is no longer in the log",
    "new": "that created a file",
    "unseen": "of a file that the agent had not seen",
    "part": "of a file that it knew in part",
    "compacted": "from before a compaction of its context",
    "lost": "after an own write without an answer",
    "no look": "where the guard could not look",
}


def guard_report(log: Path, since: float = 0.0) -> GuardReport:
    """Return what a log shows.

    Args:
        log: the log.
        since: the time from which on writes count, in seconds since the epoch.

    Raises:
        PlandriftError: the log does not exist, or nothing was written since then.
    """
    every = sorted(logged(log), key=lambda row: row.operation.called)
    rows = [row for row in every if row.verdicts and row.operation.called >= since]
    if not rows:
        raise SettingError(f"{log}: no write was judged in that time: give a longer --since")
    found = {
        (call.operations[0].session, f"{call.operations[0].call} {call.operations[0].fluent}"): call
        for call in judged([row.operation for row in every], Policy())
    }
    known = [(row, found[key]) for row in rows if (key := _key(row)) in found and found[key].known]
    judgeable = {_key(row) for row, _ in known}
    waited = [row.seconds for row in rows if row.seconds is not None]
    quantiles = tuple(float(np.quantile(waited, q)) if waited else float("nan") for q in (0.5, 0.99))
    return GuardReport(
        len(rows),
        len({row.operation.session for row in rows}),
        [_policy(name, known) for name in dict.fromkeys(name for row in rows for name in row.verdicts)],
        len(known),
        Counter(_unknown(row) for row in rows if _key(row) not in judgeable),
        Counter(row.did for row in rows),
        after_blocks([row for row in every if row.operation.called >= since]),
        Counter(row.window for row in rows if row.window and row.window != AS_MEANT),
        sum(bool(row.window) for row in rows),
        (quantiles[0], quantiles[1]),
        _failures(log, since),
    )


def _unknown(row: Logged) -> str:
    return "cut" if row.basis == "known" else row.basis


def _key(row: Logged) -> tuple[str, str]:
    return row.operation.session, f"{row.operation.call} {row.operation.fluent}"


def _policy(name: str, known: Sequence[tuple[Logged, JudgedCall]]) -> PolicyRow:
    asked = [(row, call.wrong, row.verdicts[name]) for row, call in known if name in row.verdicts]
    fine = [(row, verdict in BLOCKS) for row, wrong, verdict in asked if not wrong]
    bad = [(row, verdict) for row, wrong, verdict in asked if wrong]
    return PolicyRow(
        name,
        len(asked),
        len(bad),
        sum(verdict in BLOCKS for _, verdict in bad),
        sum(blocked for _, blocked in fine),
        sum(verdict in FIRES for _, verdict in bad),
        write_share([row for row, _ in fine], [blocked for _, blocked in fine]),
        write_share([row for row, _ in bad], [verdict in FIRES for _, verdict in bad]),
    )


def _failures(log: Path, since: float) -> tuple[int, int, int]:
    """Return how many calls the guard could not answer: let through, and held back; and other failures."""
    counted = Counter[str]()
    try:
        lines = log.with_name(f"{log.name}.failed").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0, 0, 0
    for line in lines:
        try:
            held = json.loads(line)
            if held["at"] >= since:
                counted["other" if not held["before"] else "closed" if held["closed"] else "open"] += 1
        except (ValueError, KeyError, TypeError):
            continue
    return counted["open"], counted["closed"], counted["other"]


def since_when(text: str, now: float | None = None) -> float:
    """Return the time that long ago, in seconds since the epoch.

    Raises:
        SettingError: it is not a time with a unit.

    >>> since_when("7d", now=1_000_000.0)
    395200.0
    """
    ago = seconds(text)
    if ago is None:
        raise SettingError(f"--since {text}: give a time such as 7d or 12 hours")
    return (time.time() if now is None else now) - ago
