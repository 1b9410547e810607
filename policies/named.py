"""The named policies: each is a choice of parts, and any part can be changed with one argument."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypedDict, Unpack

from plandrift.policies.assembled import Assembled
from plandrift.policies.bounded import Bounded
from plandrift.sim import Compares, Policy


class BoundParts(TypedDict, total=False):
    """Keyword arguments that set a policy's bounds; see `Bounds` for what each means."""

    max_replans: int | None
    min_interval: float
    debounce: float
    backoff: float
    max_failures: int | None
    max_thinking_share: float | None
    when_bounded: Literal["give-up", "go-on"]


class Parts(BoundParts, total=False):
    """Keyword arguments that set a policy's parts; see `Assembled` for what each means."""

    trigger: Literal["never", "observation", "touched", "broken", "better", "new", "steps"]
    watches: tuple[str, ...]
    drift_gate: bool
    reconcile: bool
    verify: bool
    idempotent: bool
    reads: Literal["belief", "fresh"]
    compares: Compares
    on_violation: Literal["block", "warn"]
    checks: Literal["prepare", "fire"]
    if_match: Literal["none", "value", "version"]
    declares: float
    on_refusal: Literal["replan", "retry"]
    hands_back: bool
    keyed: bool
    on_error: Literal["go-on", "refresh"]
    repair: bool
    title: str


class AllParts(Parts, total=False):
    """The parts of a policy by name, `every` included."""

    every: int | None


def plan_once(**parts: Unpack[AllParts]) -> Assembled:
    """Plan once and carry out the plan whatever happens, even when a call fails.

    >>> plan_once().name
    'plan-once'
    """
    return _made({"title": "plan-once"}, parts)


def on_error(**parts: Unpack[AllParts]) -> Assembled:
    """Plan once; when a call fails, read its step's assumptions and replan.

    >>> on_error().parts()
    {'on_error': 'refresh'}
    """
    return _made(HEEDS_ERRORS | {"title": "on-error"}, parts)


def replan_each(**parts: Unpack[AllParts]) -> Assembled:
    """Replan on every observation.

    >>> replan_each(min_interval=2.0).parts()
    {'min_interval': 2.0, 'trigger': 'observation', 'on_error': 'refresh'}
    """
    return _made(HEEDS_ERRORS | {"title": "replan-each", "trigger": "observation"}, parts)


def gated(**parts: Unpack[AllParts]) -> Assembled:
    """Replan when an observation touches the plan, and reconcile each call before it fires.

    >>> gated().parts()
    {'trigger': 'touched', 'drift_gate': True, 'reconcile': True, 'on_error': 'refresh'}
    """
    return _made(GATED | {"title": "gated"}, parts)


def gate_only(**parts: Unpack[AllParts]) -> Assembled:
    """Plan once, and replan only when the gate blocks or a call fails: gated without its trigger.

    >>> gate_only(reads="fresh").trigger
    'never'
    """
    return _made(GATED | {"title": "gate-only", "trigger": "never"}, parts)


def look_first(**parts: Unpack[AllParts]) -> Assembled:
    """Gated, with a fresh read of the step's assumptions before each fire.

    >>> look_first().reads
    'fresh'
    """
    return _made(GATED | {"title": "look-first", "reads": "fresh"}, parts)


def region(**parts: Unpack[AllParts]) -> Assembled:
    """Look-first, but only at the regions that a call changes, like an edit tool that looks for its old text.

    >>> region().compares
    'region'
    """
    return _made(GATED | {"title": "region", "reads": "fresh", "compares": "region"}, parts)


def if_match(**parts: Unpack[AllParts]) -> Assembled:
    """Gated, and each call carries its assumptions: the world refuses it if one does not hold.

    >>> if_match(declares=0.5).parts()["if_match"]
    'value'
    """
    return _made(GATED | {"title": "if-match", "if_match": "value"}, parts)


def retry_on_conflict(**parts: Unpack[AllParts]) -> Assembled:
    """Send a refused call again with a fresh version, without looking: an if-match that guards nothing.

    >>> retry_on_conflict().parts()
    {'if_match': 'version', 'on_refusal': 'retry', 'on_error': 'refresh'}
    """
    return _made(
        HEEDS_ERRORS | {"title": "retry-on-conflict", "if_match": "version", "on_refusal": "retry"}, parts
    )


def event_driven(**parts: Unpack[AllParts]) -> Assembled:
    """Replan when an observation touches the plan: gated without its gate.

    >>> event_driven().drift_gate
    False
    """
    return _made(HEEDS_ERRORS | {"title": "event-driven", "trigger": "touched"}, parts)


def warn(**parts: Unpack[AllParts]) -> Assembled:
    """Gated, but the drift gate only notes violations and lets the call fire.

    >>> warn().on_violation
    'warn'
    """
    return _made(GATED | {"title": "warn", "on_violation": "warn"}, parts)


def read_back(**parts: Unpack[AllParts]) -> Assembled:
    """Gated, with a fresh read before each fire and a check of the effects after it.

    >>> read_back().verify
    True
    """
    return _made(GATED | {"title": "read-back", "reads": "fresh", "verify": True}, parts)


def periodic(every: int = 4, **parts: Unpack[Parts]) -> Assembled:
    """Replan at the plan's end and every `every` steps: 1 is cautious, 4 normal.

    >>> periodic(3).name
    'periodic(3)'
    """
    stretch: AllParts = {"title": f"periodic({every})", "trigger": "steps", "every": every}
    return Assembled(**(stretch | parts))


def bold(**parts: Unpack[AllParts]) -> Assembled:
    """Replan only at the plan's end (Kinny and Georgeff 1991).

    >>> bold().trigger
    'steps'
    """
    return _made({"title": "bold", "trigger": "steps", "every": None}, parts)


def normal(**parts: Unpack[AllParts]) -> Assembled:
    """Replan at the plan's end and every four steps (Kinny and Georgeff 1991).

    >>> normal().every
    4
    """
    return _made({"title": "normal", "trigger": "steps", "every": 4}, parts)


def cautious(**parts: Unpack[AllParts]) -> Assembled:
    """Replan after every step (Kinny and Georgeff 1991).

    >>> cautious().every
    1
    """
    return _made({"title": "cautious", "trigger": "steps", "every": 1}, parts)


def bold_broken(**parts: Unpack[AllParts]) -> Assembled:
    """Bold, but also replan when the plan breaks because its target is gone.

    >>> bold_broken().trigger
    'broken'
    """
    return _made({"title": "bold-broken", "trigger": "broken"}, parts)


def bold_better(**parts: Unpack[AllParts]) -> Assembled:
    """Bold, but also replan when the plan breaks or something better appears, such as a nearer hole.

    >>> bold_better().trigger
    'better'
    """
    return _made({"title": "bold-better", "trigger": "better"}, parts)


def bold_new(**parts: Unpack[AllParts]) -> Assembled:
    """Bold, but also replan when the plan breaks or anything new appears, such as a new hole.

    >>> bold_new(watches=("hole-*",)).watches
    ('hole-*',)
    """
    return _made({"title": "bold-new", "trigger": "new"}, parts)


def bounded(policy: Policy | None = None, **bounds: Unpack[BoundParts]) -> Policy:
    """Put bounds around any policy; by default 10 replans, one per unit of time, and 3 failures of a step.

    >>> bounded(gated(), max_replans=5).name
    'bounded(gated)'
    """
    inner = gated() if policy is None else policy
    chosen = bounds or BoundParts(max_replans=10, min_interval=1.0, max_failures=3)
    if isinstance(inner, Assembled):
        return replace(inner, title=f"bounded({inner.name})", **chosen)
    return Bounded(inner=inner, **chosen)


HEEDS_ERRORS: AllParts = {"on_error": "refresh"}
"""How every policy that replans reacts to an error, except Kinny and Georgeff's, which stay as published."""

GATED: AllParts = HEEDS_ERRORS | {"trigger": "touched", "drift_gate": True, "reconcile": True}
"""The parts that the policies with a gate share."""


def _made(chosen: AllParts, parts: AllParts) -> Assembled:
    return Assembled(**(chosen | parts))
