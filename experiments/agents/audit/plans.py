"""How stale the plans of a trace were, by the engine's masks and figures on its own tracked plan.

A plan is one that a person accepted, with the writes made under it until the next one; otherwise the
agent's own to-do list, until it lists other steps or nothing is left to do; otherwise the writes of one
turn, as a change set. A step is a write; its assumption is the hash of its file that the agent knew when
the plan's first write was made. Nothing is assumed about files that it had not yet seen whole. Others'
changes are known only from when the trace shows them, so staleness between two reads is a lower bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger
from plandrift.experiments.agents.audit.replayed import NOT_KNOWN, TraceClock
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.sim import Basis, Call, Plan, Step
from plandrift.sim.measure.meter import BeliefAge, Meter
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.terms.dependencies import Dependencies
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import EXOGENOUS, Belief, Message, Reading, Truth
from plandrift.sim.terms.plan import HandedPlan


@dataclass(frozen=True)
class PlanInTrace:
    """One plan of a trace.

    Attributes:
        kind: ``accepted``, ``list`` or ``turn``.
        taken: when its basis was taken.
        steps: the state of plan and step just before each of its writes.
    """

    kind: str
    taken: float
    steps: tuple[StepRecord, ...]

    @property
    def staleness(self) -> float:
        """Return plan staleness just before a step, averaged over its steps."""
        return sum(step.staleness for step in self.steps) / len(self.steps)


def plans_of(ledger: AuditLedger) -> list[PlanInTrace]:
    """Return the plans of a trace that have at least two writes."""
    declared: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for op in ledger.operations:
        if op.plan in ("accepted", "list", "finished"):
            at = op.called if op.answered is None else op.answered
            declared.setdefault((op.session, op.agent), []).append((at, op.plan))
    groups: dict[tuple[str, str, str, float], list[AuditedWrite]] = {}
    for write in ledger.writes:
        op = write.operation
        if not op.ok:
            continue
        kind, mark = _in_hand(declared.get((op.session, op.agent), []), op)
        groups.setdefault((op.session, op.agent, kind, mark), []).append(write)
    return [_followed(key[2], writes) for key, writes in groups.items() if len(writes) > 1]


def _in_hand(declared: Sequence[tuple[float, str]], op: Operation) -> tuple[str, float]:
    """Return the kind of plan that a write belongs to, and its start or turn.

    A to-do list kept under an accepted plan shows how the agent proceeds; it is not another plan.
    """
    before = [(at, plan) for at, plan in declared if at <= op.called]
    for at, plan in reversed(before):
        if plan == "accepted":
            return "accepted", at
    if before and before[-1][1] == "list":
        return "list", before[-1][0]
    return "turn", float(op.turn)


def _followed(kind: str, writes: Sequence[AuditedWrite]) -> PlanInTrace:
    """Follow one plan from its first write to its last."""
    names = list(dict.fromkeys(write.operation.fluent for write in writes))
    first = writes[0].operation.called
    known: dict[str, str] = {}
    for write in writes:
        basis = write.basis
        if write.operation.fluent not in known and basis is not None and basis.known_at <= first:
            known[write.operation.fluent] = basis.last_whole or NOT_KNOWN
    values = {name: known.get(name, NOT_KNOWN) for name in names}
    held = dict(values)
    steps = []
    for number, write in enumerate(writes):
        name = write.operation.fluent
        after = write.operation.after or f"{NOT_KNOWN} {number}"
        needs = {name: held[name]} if held[name] != NOT_KNOWN else {}
        steps.append(Step(Call.of("write", step=number), needs, {name: after}))
        held[name] = after
    clock = TraceClock(first)
    truth, belief = Truth(values), Belief(values, {})
    tracked = TrackedPlan(clock, truth, belief, Meter(), BeliefAge(belief, None, None))
    depend = Dependencies(tuple(steps), {})
    plan = Plan(1, tuple(steps), {}, Basis(depend, belief, first), depend)
    tracked.adopted(HandedPlan(plan, [step.call for step in steps]))
    stood = []
    for place, (step, write) in enumerate(zip(steps, writes, strict=True)):
        op = write.operation
        clock.now = max(clock.now, op.called)
        if op.before is not None and truth.values[op.fluent] not in (op.before, NOT_KNOWN):
            truth.write(op.fluent, op.before, clock.now, EXOGENOUS)
        stood.append(tracked.fired(place, step.call).record)
        tracked.landed(step.call, Effect("effective", dict(step.writes)))
        reading = Reading(op.fluent, step.writes[op.fluent], truth.versions[op.fluent])
        tracked.acknowledged(step.call, "ok", Message(place, clock.now, (reading,), "acknowledgment", True))
    return PlanInTrace(kind, first, tuple(stood))
