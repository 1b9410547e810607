"""The guards that advice chooses from, each described in a few words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest

NONE = "no guard"


@dataclass(frozen=True)
class Guard:
    """A contender.

    Attributes:
        name: for people.
        policy: its policy, as given on the command line.
        words: what it does, to go on from "a guard that".
        simple: how much there is to build: of two guards with equal costs, the lower one is named.
        settings: what else the guard changes about the agent.
    """

    name: str
    policy: str
    words: str
    simple: int
    settings: Mapping[str, Any] = field(default_factory=dict)


LADDER = (
    Guard(NONE, "plan-once", "lets every call through", 0),
    Guard("if-match alone", "plan-once(if_match=value)", "sends each call with its assumptions", 1),
    Guard("on-error", "on-error", "reads afresh and replans only when a call has failed", 1),
    Guard("gate on the belief", "gate-only", "compares each step with what was last heard", 1),
    Guard("look before each call", "gate-only(reads=fresh)", "reads afresh before each call", 2),
    Guard("event-driven", "event-driven", "replans when news touches the plan", 1),
    Guard("periodic(4)", "periodic(4)", "replans after every fourth step", 1),
    Guard("replan-each", "replan-each", "replans on every observation", 1),
    Guard("gated", "gated", "replans on news and compares each step with what was last heard", 2),
    Guard("look-first", "look-first", "replans on news and reads afresh before each call", 3),
    Guard("if-match", "if-match", "replans on news and sends each call with its assumptions", 3),
    Guard("read-back", "read-back", "reads afresh before each call and checks its effects after", 4),
    Guard("bounded gated", "bounded(gated())", "is gated within a budget of replans", 3),
    Guard("bounded if-match", "bounded(if_match())", "is if-match within a budget of replans", 4),
)
"""Ordered by where they learn that a step is stale (docs/model/policies.md), then triggers and bounds."""

DEAF = tuple(guard for guard in LADDER if guard.name in (NONE, "if-match alone", "look before each call"))
"""The guards that differ from each other even for an agent that hears no news and no errors."""


def contenders(settings: Mapping[str, Any]) -> list[Guard]:
    """Return the guards that can differ for an agent with these settings; the first is no guard."""
    found = list(LADDER)
    if settings.get("agent.prepare_time", 0) not in (0, 0.0, "0"):
        found.append(
            Guard(
                "gated, checked when prepared",
                "gated(checks=prepare)",
                "compares each step with what was last heard when its call is prepared",
                2,
            )
        )
    if settings.get("handoff.mode") == "summary":
        shared = {"handoff.mode": "shared"}
        found += [
            Guard(
                f"{guard.name}, plan shared", guard.policy, f"{guard.words}, the plan being shared", 5, shared
            )
            for guard in LADDER
            if guard.name in (NONE, "gated", "if-match")
        ]
    return found


def leave_out(guards: Sequence[Guard], without: Sequence[str]) -> list[Guard]:
    """Return the guards that remain when the user cannot build some of them.

    Args:
        guards: the guards to choose from; the first is no guard.
        without: names from `LADDER`; guards built on one of them go too, as ``bounded if-match`` goes with
            ``if-match``.

    Raises:
        SettingError: the guard does not exist, or it is no guard at all, the baseline of the others.

    >>> [guard.name for guard in leave_out(LADDER[:3], ["if-match"])]
    ['no guard', 'on-error']
    """
    for name in without:
        known = [guard.name for guard in LADDER if guard.name != NONE]
        if name not in known:
            raise SettingError(f"--without {name}: no such guard: {nearest(name, known)}")
    gone = [re.compile(rf"\b{re.escape(name)}(?![-(\w])") for name in without]
    return [guard for guard in guards if not any(one.search(guard.name) for one in gone)]
