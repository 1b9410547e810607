"""The events that make up a trace, one class for each kind of event.

The events of an episode are enough to recompute every one of its figures (docs/reference/trace.md). In a
file each event is one line, a JSON object with `t`, the kind as `event`, and the other fields by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.fluents import Reading


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        t: when it happened, in units of time.
        agent: the number of the agent that it is about; 0, and omitted from a file, for an agent alone.

    >>> Skipped(t=2.5, plan=1, step=3).row()
    {'t': 2.5, 'event': 'skip', 'plan': 1, 'step': 3}
    """

    kind: ClassVar[str] = ""
    t: float
    agent: int = field(default=0, kw_only=True)

    def row(self) -> dict[str, Any]:
        """Return the event in a form that JSON can hold."""
        held = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "t"}
        for name, usual in (("agent", 0), ("faults", ()), ("alone", None), ("programs", {})):
            value = held.get(name, usual)
            if value in (usual, None) or value != value:
                held.pop(name, None)
        return {"t": self.t, "event": self.kind} | {name: plain(value) for name, value in held.items()}


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The episode began.

    Attributes:
        policy: the name of the policy.
        seed: the seed of the episode's random streams.
        fluents: every fluent with its first value, which is also the first believed value.
        goals: the value that each goal fluent should hold.
        silence: the greatest age of a belief about which nothing new is heard, None if silence proves
            nothing (see `Channel.silence`).
        seen: the fluents that the channel can see, None for all.
        programs: the version of each program that the world's planner runs; not in the file if there is none.
    """

    kind = "start"
    policy: str
    seed: int
    fluents: Mapping[str, Value]
    goals: Mapping[str, Value]
    silence: float | None
    seen: tuple[str, ...] | None
    programs: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Exogenous(Event):
    """The world changed a fluent by itself.

    Attributes:
        fluent: its name.
        value: what it holds now.
        version: how often it has been written.
        told: the change as a sentence.
    """

    kind = "exogenous"
    fluent: str
    value: Value
    version: int
    told: str


@dataclass(frozen=True, slots=True)
class SideEffect(Event):
    """An effective call also changed a fluent that nobody planned to change.

    Attributes:
        fluent: its name.
        value: what it holds now.
        version: how often it has been written.
        told: the change as a sentence.
    """

    kind = "side-effect"
    fluent: str
    value: Value
    version: int
    told: str


@dataclass(frozen=True, slots=True)
class News(Event):
    """News of the world on its way to the belief.

    Attributes:
        message: the number of the message.
        by: ``push``, ``poll``, ``on-action``, ``acknowledgment`` or ``read``.
        own: whether it reports one of the agent's own writes.
        taken: when its content was true.
        fluents: its content.
    """

    message: int
    by: str
    own: bool
    taken: float
    fluents: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Sent(News):
    """News left the world."""

    kind = "observation-sent"


@dataclass(frozen=True, slots=True)
class Delivered(News):
    """News reached the belief.

    The agent concludes from it that the call in flight has landed if three conditions hold: it was taken
    since the fire; it changes the believed value or version of a fluent that the call should write; and it is
    either about the agent's own write (`own`) or a snapshot (not a ``push``) after which the belief shows
    everything that the call should write.
    """

    kind = "observation-delivered"


@dataclass(frozen=True, slots=True)
class ReplanRequested(Event):
    """The planner was asked for a plan.

    Attributes:
        reason: why.
        merged: whether it was already thinking.
    """

    kind = "replan-requested"
    reason: str
    merged: bool


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """A plan came through the hand-off and became the plan in hand, or no plan could be made.

    Attributes:
        plan: the number of the plan, None if none was found.
        outcome: ``found``, or why none was found.
        basis_time: the stamp of the newest observation in its basis.
        basis_taken: when its basis was read from the belief.
        basis: for each fluent that it depends on, the believed value, version and time.
        goals: the value that each goal fluent should hold after it.
        steps: its steps in order.
        wrong: the indexes of the steps in which the planner erred.
        done: the indexes of the steps that are already done.
        in_flight: the index of the step whose call is in flight, if it is a step of this plan.
    """

    kind = "plan"
    plan: int | None
    outcome: str
    basis_time: float | None = None
    basis_taken: float | None = None
    basis: Mapping[str, tuple[Value, int, float]] | None = None
    goals: Mapping[str, Value] | None = None
    steps: tuple[Step, ...] | None = None
    wrong: tuple[int, ...] = ()
    done: tuple[int, ...] = ()
    in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """The policy was asked whether a call may fire.

    Attributes:
        plan: the number of the plan in hand.
        step: the index of the step.
        call: the call about to be made.
        verdict: what the policy said.
        reason: why.
        skip: whether a block goes on to the next step.
    """

    kind = "verdict"
    plan: int
    step: int
    call: Call
    verdict: str
    reason: str
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Fired(Event):
    """A call was sent.

    Attributes:
        plan: the number of the plan in hand.
        step: the index of the step.
        call: the call that was made.
        planned: the call that the plan names.
        verdict: what the gate said.
        slipped: whether the executor fired a sibling of the planned call.
        declared: the fluents whose state the call carries for the world to check.
    """

    kind = "fire"
    plan: int
    step: int
    call: Call
    planned: Call
    verdict: str = "fire"
    slipped: bool = False
    declared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Landed(Event):
    """A call reached the world.

    Attributes:
        call: the call.
        step: its index in the plan in hand, None if it is not one of its steps.
        outcome: what really happened.
        reported: what its acknowledgment says, if it arrives.
        silent: whether nothing was done although ok is reported.
        violated: the fluents whose required value did not hold.
        writes: the value and version of each fluent that it changed.
        faults: the causes of other faults that struck it; omitted from a file if there are none.
    """

    kind = "outcome"
    call: Call
    step: int | None
    outcome: str
    reported: str
    silent: bool
    violated: tuple[str, ...]
    writes: Mapping[str, tuple[Value, int]]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledged(Event):
    """The executor was told how its call went, or gave up waiting for an answer.

    Attributes:
        call: the call.
        step: its index in the plan in hand, None if it is not one of its steps.
        reported: ``ok``, ``error``, ``refused``, or None if no answer came in time.
        taken: when its content was true.
        fluents: the writes of the call that it reports.
    """

    kind = "acknowledgment"
    call: Call
    step: int | None
    reported: str | None
    taken: float
    fluents: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Checked(Event):
    """The effects of a call were read back.

    Attributes:
        call: the call.
        verified: whether they were seen.
    """

    kind = "verified"
    call: Call
    verified: bool


@dataclass(frozen=True, slots=True)
class Skipped(Event):
    """A step was skipped: its work is taken as done.

    Attributes:
        plan: the number of the plan in hand.
        step: the index of the step.
    """

    kind = "skip"
    plan: int
    step: int


@dataclass(frozen=True, slots=True)
class Retried(Event):
    """A step that was fired was taken back, to be fired once more.

    Attributes:
        plan: the number of the plan in hand.
        step: the index of the step.
    """

    kind = "retry"
    plan: int
    step: int


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The episode ended.

    Attributes:
        how: ``done``, ``gave-up`` or ``horizon``.
        reason: why the agent gave up, or that no plan was ever found and why.
        unmet: how many goals do not hold in the world.
        goals: the number of goals.
        score: the score reached and the score reachable.
        thinking_time: total time spent thinking, including discarded thinking.
        expansions: states expanded by the planner's searches.
        plan_ratio: mean length of the plans, divided by that of a shortest plan; NaN if that is not known.
        opportunity: opportunity staleness, NaN if it was not requested.
        still: whether nothing more could happen in the world, by itself or by a call.
        alone: in a crew, right tasks per time of one agent alone on the same seed; else NaN, and omitted from
            a file.
    """

    kind = "end"
    how: str
    reason: str
    unmet: int
    goals: int
    score: tuple[float, float]
    thinking_time: float
    expansions: int
    plan_ratio: float
    opportunity: float
    still: bool = False
    alone: float = float("nan")


KINDS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        Started,
        Exogenous,
        SideEffect,
        Sent,
        Delivered,
        ReplanRequested,
        HandedOver,
        Asked,
        Fired,
        Landed,
        Acknowledged,
        Checked,
        Skipped,
        Retried,
        Ended,
    )
}
"""Every kind of event, by its name in a file."""


def plain(value: object) -> Any:
    """Return a value in a form that JSON can hold.

    Tuples become lists, calls and steps become objects, NaN and infinity become null, and values of other
    types become text.

    >>> plain({"call": Call.of("close", ticket=7), "left": (1, float("nan"))})
    {'call': {'action': 'close', 'args': {'ticket': 7}, 'text': 'close(ticket=7)'}, 'left': [1, None]}
    """
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Call):
        return {"action": value.action, "args": plain(dict(value.args)), "text": str(value)}
    if isinstance(value, Step):
        return {"call": plain(value.call), "requires": plain(value.requires), "writes": plain(value.writes)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return str(value)
