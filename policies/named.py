"""The named policies: each a choice of parts, any of which can be changed by one word."""

from __future__ import annotations

from typing import Any

from policies.assembled import Assembled


def plan_once(**parts: Any) -> Assembled:
    """Plan once and carry the plan out, whatever comes."""
    return _made("plan-once", parts)


def replan_each(**parts: Any) -> Assembled:
    """Replan on every observation."""
    return _made("replan-each", parts, trigger="observation")


def gated(**parts: Any) -> Assembled:
    """Replan when an observation touches the plan, and reconcile each call before it fires."""
    return _made("gated", parts, trigger="touched", drift_gate=True, reconcile=True)


def event_driven(**parts: Any) -> Assembled:
    """The trigger of gated without its gate."""
    return _made("event-driven", parts, trigger="touched")


def warn(**parts: Any) -> Assembled:
    """Gated, but the drift gate only notes what it sees, and fires all the same."""
    return _made(
        "warn", parts, trigger="touched", drift_gate=True, reconcile=True, on_violation="warn"
    )


def read_back(**parts: Any) -> Assembled:
    """Gated, with a fresh read before each fire and a check of the effects after it."""
    return _made(
        "read-back", parts, trigger="touched", drift_gate=True, reconcile=True, reads="fresh",
        verify=True,
    )  # fmt: skip


def periodic(every: int = 4, **parts: Any) -> Assembled:
    """Replan at the plan's end and every so many steps: 1 is cautious, 4 normal."""
    return _made(f"periodic({every})", parts, trigger="steps", every=every)


def _made(title: str, parts: dict[str, Any], **chosen: Any) -> Assembled:
    return Assembled(**(chosen | {"title": title} | parts))
