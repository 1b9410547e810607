"""A policy judged against a real trace: its verdict on each write, and how many were right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plandrift.experiments.agents.audit.replayed import JudgedCall, judged
from plandrift.experiments.agents.transcripts.operation import operations
from plandrift.experiments.statistics.intervals import Interval, share_interval
from plandrift.sim import Policy


@dataclass(frozen=True)
class JudgedRow:
    """One call with the verdict on it, for tables.

    Attributes:
        call: the judged call.
        policy: the policy that gave the verdict.
    """

    call: JudgedCall
    policy: str

    def row(self) -> dict[str, object]:
        """Return the row for tables and JSON."""
        op = self.call.operations[0]
        standing = self.call.record
        return {
            "called": op.called,
            "session": op.session,
            "agent": op.agent,
            "fluents": ", ".join(o.fluent for o in self.call.operations if o.kind == "write"),
            "plan_age": None if standing is None else standing.plan_age,
            "staleness": None if standing is None else standing.staleness,
            "violated": ", ".join(self.call.violated),
            "verdict": self.call.verdict.kind,
            "reason": self.call.verdict.reason,
            "held_back": self.call.held_back,
            "wrong": self.call.wrong if self.call.known else None,
        }


@dataclass(frozen=True)
class Judgement:
    """A policy's verdicts on a whole trace.

    Attributes:
        policy: the policy's name.
        calls: the verdicts, in order.
    """

    policy: str
    calls: Sequence[JudgedRow]

    def row(self) -> dict[str, object]:
        """Return how many blocks were right, false or missing, for tables and JSON."""
        made = [row.call for row in self.calls if row.call.known]
        blocks, wrong = sum(c.blocked for c in made), sum(c.wrong for c in made)
        right = sum(c.blocked and c.wrong for c in made)
        lost = sum(c.let_through and c.wrong for c in made)
        false = share_interval(blocks - right, len(made) - wrong)
        missed = share_interval(lost, wrong)
        return {
            "policy": self.policy,
            "writes": len(made),
            "not_judged": len(self.calls) - len(made),
            "wrong": wrong,
            "blocks": blocks,
            "right": right,
            "false": blocks - right,
            "missed": lost,
            "warned": sum(c.verdict.kind == "warn" for c in made),
            **_rate("false", false),
            **_rate("missed", missed),
        }


def _rate(name: str, interval: Interval) -> dict[str, object]:
    return {f"{name}_rate": interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}


def judge(path: Path, policy: Policy) -> Judgement:
    """Ask a policy about each write in a file of operations.

    Raises:
        PlandriftError: the file does not exist or holds no operations.
        PolicyError: the policy's answer is not a verdict.
    """
    calls = judged(list(operations(path)), policy)
    return Judgement(policy.name, [JudgedRow(call, policy.name) for call in calls])
