"""The tools with which an exported episode calls its world and declares its plans.

A call of the world is one tool use with all its assumptions, as an MCP server offers it: `requires` and
`writes` map fluents to values, and the answer has the values `before` and `after`. A value is given as JSON
text; an absent value is null.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from plandrift.experiments.agents.transcripts.digest import asked_hash, path_of
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.lines import seconds
from plandrift.experiments.agents.transcripts.operation import COMPACTED, PLAN_PARTS, Operation

PREFIX = "mcp__plandrift__"
"""The prefix of these tools' names."""
HAPPENED = f"{PREFIX}happened"
"""The tool with which others change the world in an exported episode."""
RETRIED, SKIPPED, REQUESTED = (f"{PREFIX}{name}" for name in ("retried", "skipped", "requested"))
"""The tools with which an exported episode says that a step of the plan in hand will be fired once more, that
it is taken as done, and that another plan is wanted."""
PROGRESS = frozenset({RETRIED, SKIPPED, REQUESTED})
"""The tools whose uses are not calls."""
PLAN_TOOLS = {
    "ExitPlanMode": "accepted",
    "exit_plan_mode": "accepted",
}
"""The tools with which a person accepts a plan, and what that declares."""


def is_call(op: Operation) -> bool:
    """Say whether a row belongs to an agent's call, not to news, a compaction, a plan, or others' actions."""
    told = op.command in ("news", COMPACTED) or op.tool == HAPPENED or op.tool in PROGRESS
    return not told and op.plan not in PLAN_PARTS


def world_touches(given: dict[str, Any], result: dict[str, Any], folder: str) -> list[Touch]:
    """Return what a call of the world requires and does, one touch per fluent."""
    needs, writes = _values(given.get("requires"), folder), _values(given.get("writes"), folder)
    before, after = _values(result.get("before"), folder), _values(result.get("after"), folder)
    landed = seconds(result.get("landedAt"))
    touches = []
    for fluent in [*needs, *(f for f in writes if f not in needs)]:
        touches.append(
            Touch(
                "write" if fluent in writes else "read",
                fluent,
                before=before.get(fluent),
                before_known=fluent in before,
                after=after.get(fluent),
                after_known=fluent in after,
                needs=needs.get(fluent),
                needs_known=fluent in needs,
                landed=landed,
            )
        )
    return touches or [Touch("opaque")]


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One statement of an accepted plan.

    Attributes:
        part: ``basis``, ``goal``, ``step``, ``done`` or ``in flight``.
        step: its position in the plan; None for basis and goals.
        call: hash of the planned call; empty for basis and goals.
        touch: the fluent concerned, and how.
        time: for a basis, when it was true.
    """

    part: str
    step: int | None
    call: str
    touch: Touch
    time: float | None = None


def plan_parts(given: dict[str, Any], folder: str) -> list[PlanPart]:
    """Return the statements of an accepted plan about its assumptions; none if it is plain text."""
    try:
        plan = json.loads(given.get("plan") or "")
        steps, basis, goals = plan["steps"], plan.get("basis", {}), plan.get("goals", {})
        parts = [
            PlanPart(
                "basis", None, "", Touch("opaque", name, held[0], version=str(held[1])), seconds(held[2])
            )
            for f, held in basis.items()
            if (name := path_of(f, folder)) is not None
        ]
        parts += [PlanPart("goal", None, "", _need(f, v)) for f, v in _values(goals, folder).items()]
        for place, step in enumerate(steps):
            part = "done" if step.get("done") else "in flight" if step.get("in_flight") else "step"
            asked = call_hash(step["call"])
            needs, writes = _values(step.get("requires"), folder), _values(step.get("writes"), folder)
            for fluent in [*needs, *(f for f in writes if f not in needs)]:
                touch = Touch(
                    "opaque",
                    fluent,
                    needs=needs.get(fluent),
                    needs_known=fluent in needs,
                    after=writes.get(fluent),
                    after_known=fluent in writes,
                )
                parts.append(PlanPart(part, place, asked, touch))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return []
    return parts


def call_hash(call: object) -> str:
    """Return the hash of a call of the world, the same whether it is planned or made."""
    held = call if isinstance(call, dict) else {}
    return asked_hash(str(held.get("action")), held.get("args"))


def _need(fluent: str, value: str | None) -> Touch:
    return Touch("opaque", fluent, needs=value, needs_known=True)


def _values(held: object, folder: str) -> dict[str, str | None]:
    if not isinstance(held, dict):
        return {}
    return {path_of(k, folder) or "": v if isinstance(v, str) else None for k, v in held.items()}
