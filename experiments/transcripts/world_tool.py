"""The tools by which an exported episode calls its world and declares its plans: what they say of fluents.

A call of the world is one tool use with all that it rests on, as an MCP server offers it: `requires` and `writes` are
fluents with values, and the answer has what was there `before` and `after`. A value stands as its JSON text, nothing
as null.
"""

from __future__ import annotations

import json
from typing import Any

from experiments.transcripts.knowledge import Touch

PREFIX = "mcp__plandrift__"
"""What the name of a tool of ours begins with."""
PLAN_TOOLS = {"ExitPlanMode": "accepted", "exit_plan_mode": "accepted", "TodoWrite": "list", "update_plan": "list"}
"""The tools that declare a plan, and what they declare."""


def world_touches(given: dict[str, Any], result: dict[str, Any]) -> list[Touch]:
    """What a call of the world rests on and does, a touch a fluent."""
    needs, writes = _values(given.get("requires")), _values(given.get("writes"))
    before, after = _values(result.get("before")), _values(result.get("after"))
    touches = []
    for fluent in [*needs, *(f for f in writes if f not in needs)]:
        touches.append(
            Touch(
                "write" if fluent in writes else "read",
                fluent,
                text=None,
                before=before.get(fluent),
                before_known=fluent in before,
                after=after.get(fluent),
                after_known=fluent in after,
                needs=needs.get(fluent),
                needs_known=fluent in needs,
            )
        )
    return touches or [Touch("opaque")]


def plan_touches(given: dict[str, Any]) -> list[tuple[int, Touch]]:
    """What the steps of an accepted plan need and write, where the plan says it: a touch a step and fluent."""
    try:
        plan = json.loads(given.get("plan") or "")
        steps = plan["steps"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    touches = []
    for place, step in enumerate(steps if isinstance(steps, list) else []):
        needs = _values(step.get("requires") if isinstance(step, dict) else None)
        writes = _values(step.get("writes") if isinstance(step, dict) else None)
        for fluent in [*needs, *(f for f in writes if f not in needs)]:
            touch = Touch(
                "opaque",
                fluent,
                needs=needs.get(fluent),
                needs_known=fluent in needs,
                after=writes.get(fluent),
                after_known=fluent in writes,
            )
            touches.append((place, touch))
    return touches


def _values(held: object) -> dict[str, str | None]:
    if not isinstance(held, dict):
        return {}
    return {str(k): v if isinstance(v, str) else None for k, v in held.items()}
