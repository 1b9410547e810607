"""The named policies: each a choice of parts, any of which can be changed by one word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from policies.assembled import Assembled
from policies.bounded import Bounded
from sim import Policy

NEVER = 10**9
"""More steps than any plan has."""


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
    return _made("warn", parts, trigger="touched", drift_gate=True, reconcile=True, on_violation="warn")


def read_back(**parts: Any) -> Assembled:
    """Gated, with a fresh read before each fire and a check of the effects after it."""
    return _made(
        "read-back", parts, trigger="touched", drift_gate=True, reconcile=True, reads="fresh",
        verify=True,
    )  # fmt: skip


def periodic(every: int = 4, **parts: Any) -> Assembled:
    """Replan at the plan's end and every so many steps: 1 is cautious, 4 normal."""
    return _made(f"periodic({every})", parts, trigger="steps", every=every)


def bold(**parts: Any) -> Assembled:
    """Replan at the plan's end, never before (Kinny and Georgeff 1991)."""
    return _made("bold", parts, trigger="steps", every=NEVER)


def normal(**parts: Any) -> Assembled:
    """Replan at the plan's end and every four steps (Kinny and Georgeff 1991)."""
    return _made("normal", parts, trigger="steps", every=4)


def cautious(**parts: Any) -> Assembled:
    """Replan after every step (Kinny and Georgeff 1991)."""
    return _made("cautious", parts, trigger="steps", every=1)


def bold_broken(**parts: Any) -> Assembled:
    """Bold, and replans when the plan breaks: its target is gone."""
    return _made("bold-broken", parts, trigger="broken")


def bold_better(**parts: Any) -> Assembled:
    """Bold, and replans when the plan breaks or something better shows: a nearer hole."""
    return _made("bold-better", parts, trigger="better")


def bold_new(**parts: Any) -> Assembled:
    """Bold, and replans when the plan breaks or anything new shows: any new hole."""
    return _made("bold-new", parts, trigger="new")


def bounded(policy: Policy | None = None, **bounds: Any) -> Policy:
    """Any policy within bounds; 10 replans, one a unit of time, 3 failures of a step if none is given."""
    inner = gated() if policy is None else policy
    bounds = bounds or {"max_replans": 10, "min_interval": 1.0, "max_failures": 3}
    if isinstance(inner, Assembled):
        return replace(inner, title=f"bounded({inner.name})", **bounds)
    return Bounded(inner=inner, **bounds)


def _made(title: str, parts: dict[str, Any], **chosen: Any) -> Assembled:
    return Assembled(**(chosen | {"title": title} | parts))
