"""The policies, by name. To add your own, write one file here and one line below."""

from collections.abc import Callable

from plandrift.policies.assembled import Assembled
from plandrift.policies.bounded import Bounded
from plandrift.policies.gates import GATES
from plandrift.policies.named import (
    bold,
    bold_better,
    bold_broken,
    bold_new,
    bounded,
    cautious,
    event_driven,
    gate_only,
    gated,
    if_match,
    look_first,
    normal,
    on_error,
    periodic,
    plan_once,
    read_back,
    region,
    replan_each,
    retry_on_conflict,
    warn,
)
from plandrift.policies.triggers import TRIGGERS
from plandrift.sim import Policy

POLICIES: dict[str, Callable[..., Policy]] = {
    "plan-once": plan_once,
    "on-error": on_error,
    "replan-each": replan_each,
    "gated": gated,
    "event-driven": event_driven,
    "periodic": periodic,
    "warn": warn,
    "read-back": read_back,
    "gate-only": gate_only,
    "look-first": look_first,
    "region": region,
    "if-match": if_match,
    "retry-on-conflict": retry_on_conflict,
    "bounded": bounded,
    "bold": bold,
    "normal": normal,
    "cautious": cautious,
    "bold-broken": bold_broken,
    "bold-better": bold_better,
    "bold-new": bold_new,
}
"""Every named policy by its name on the command line, with the function that makes it."""

__all__ = [
    "GATES",
    "POLICIES",
    "TRIGGERS",
    "Assembled",
    "Bounded",
    "bold",
    "bold_better",
    "bold_broken",
    "bold_new",
    "bounded",
    "cautious",
    "event_driven",
    "gate_only",
    "gated",
    "if_match",
    "look_first",
    "normal",
    "on_error",
    "periodic",
    "plan_once",
    "read_back",
    "region",
    "replan_each",
    "retry_on_conflict",
    "warn",
]

if __name__ == "policies":
    raise ImportError("this folder is a part of plandrift: import plandrift.policies")
