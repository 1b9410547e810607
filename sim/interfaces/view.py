"""The view: what a policy sees, namely the belief, the plan, the time and the counts; never the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol

from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.terms.fluents import Belief
from plandrift.sim.terms.plan import HandedPlan, Plan
from plandrift.sim.terms.staleness import StaleSet

Compares = Literal["value", "version", "region"]

OffersBetter = Callable[[Sequence[str], Mapping[str, Value], int], bool]
"""The type of a scene's `Planning.offers_better`."""


@dataclass(slots=True)
class Counts:
    """What the agent has counted so far.

    Attributes:
        fired: calls sent.
        requested: replans requested, not counting the first plan.
        unfired_requests: replans requested since a step was last fired.
        replans: plans handed over after the first.
        last_request: when the last replan was requested; minus infinity before the first.
        thinking: time spent thinking, including discarded thinking.
        expansions: states expanded by the planner's searches, if it counts them.
        blocks: calls blocked by the gate.
        failures: for each call, how many times in a row its step failed, timed out or was refuted.
    """

    fired: int = 0
    requested: int = 0
    unfired_requests: int = 0
    replans: int = 0
    last_request: float = float("-inf")
    thinking: float = 0.0
    expansions: int = 0
    blocks: int = 0
    failures: dict[Call, int] = field(default_factory=dict)

    def answered(self, call: Call, well: bool) -> None:
        """Record that a step's call was answered, or its effects checked, and whether all was well."""
        if well:
            self.failures.pop(call, None)
        else:
            self.failures[call] = self.failures.get(call, 0) + 1


class KnownPlan(Protocol):
    """The part of the plan in hand that a view may read: what the agent itself can know of it.

    Attributes:
        belief: what the agent last heard of each fluent.
        handed: the plan as it came through the hand-off, None before the first.
        fired_of_plan: how many calls of the plan have been sent.
    """

    belief: Belief
    handed: HandedPlan | None
    fired_of_plan: int

    @property
    def next(self) -> int | None:
        """Return the index of the next step to fire, or None if there is no plan or it is used up."""

    @property
    def perceived(self) -> StaleSet | None:
        """The stale set as measured against the belief; None before the first plan."""

    def kernel_age(self, now: float) -> float:
        """Return the mean age of the belief over the kernel's fluents, 0 if there are none."""


class View:
    """What the agent knows, as the basis of a policy's decisions.

    Attributes:
        time: the current time.
        belief: the believed value of each fluent (read-only).
        stamps: when the believed value of each fluent was true in the world (read-only).
        counts: see `Counts`; do not modify.
        thinking: whether a plan is being made.
        fresh: whether the assumptions of the step in question have been read at this very instant.

    >>> from dataclasses import dataclass
    >>> from plandrift import KEEP, Decision, Policy, run
    >>> from plandrift.worlds import Records
    >>> @dataclass(frozen=True)
    ... class Tolerant(Policy):
    ...     '''Replan when more than a fifth of the plan looks stale.'''
    ...     def observed(self, view, observation):
    ...         return Decision("replan") if view.perceived_staleness > 0.2 else KEEP
    >>> run(Records(volatility=0.1), Tolerant(), seed=1).metrics.replans > 0
    True
    """

    __slots__ = ("_offers_better", "_tracked", "belief", "counts", "fresh", "stamps", "thinking", "time")

    def __init__(self, tracked: KnownPlan, counts: Counts, offers_better: OffersBetter) -> None:
        self._tracked, self._offers_better = tracked, offers_better
        self.belief: Mapping[str, Value] = MappingProxyType(tracked.belief.values)
        self.stamps: Mapping[str, float] = MappingProxyType(tracked.belief.times)
        self.counts = counts
        self.time = 0.0
        self.thinking = False
        self.fresh = False

    @property
    def plan(self) -> Plan | None:
        """The plan in hand; None before the first plan."""
        handed = self._tracked.handed
        return None if handed is None else handed.plan

    @property
    def plan_age(self) -> float:
        """The time since the planner read the belief for the plan; 0 before the first plan."""
        plan = self.plan
        return self.time - plan.basis.taken if plan is not None else 0.0

    @property
    def belief_age(self) -> float:
        """The age of the belief about the plan's kernel: the mean over its fluents, 0 if it has none.

        The age of a fluent is the time since it was last known to hold its believed value. If silence is
        news (a push channel without loss and with constant latency), it is at most the latency.
        """
        return self._tracked.kernel_age(self.time)

    @property
    def steps_left(self) -> int:
        """The number of steps of the plan that have not been fired."""
        perceived = self._tracked.perceived
        return 0 if perceived is None else perceived.unfired.bit_count()

    @property
    def fired(self) -> int:
        """The number of calls of the plan in hand that have been sent, including retries."""
        return self._tracked.fired_of_plan

    @property
    def goals_met(self) -> bool:
        """Whether the belief meets every goal."""
        return not self._tracked.belief.open

    def planned(self) -> Call | None:
        """The call that the plan names for its next step."""
        plan, place = self.plan, self._tracked.next
        return None if plan is None or place is None else plan.steps[place].call

    def violated(self, compares: Compares = "value") -> Sequence[str]:
        """Return the fluents whose believed state violates an assumption of the next step.

        Args:
            compares: with ``value``, an assumption is violated if the believed value differs from the
                required one; with ``version``, if the fluent is known to have been written since the basis,
                or not to have been written by a step that should have written it; with ``region``, as with
                ``value``, except for what the call only writes back as it was read (see `Step.carries`).

        An executor that was handed a summary does not know the assumptions, so it sees none violated.
        """
        tracked, place = self._tracked, self._tracked.next
        handed, perceived = tracked.handed, tracked.perceived
        if handed is None or perceived is None or place is None or not handed.informed:
            return ()
        if compares != "version":
            found = perceived.violated(place) if perceived.direct >> place & 1 else ()
            step = handed.plan.steps[place]
            return found if compares == "value" else [f for f in found if not step.carries(f)]
        if not perceived.rewritten >> place & 1:
            return ()
        return [f for f in handed.plan.steps[place].requires if perceived.written(f, place)]

    @property
    def perceived_staleness(self) -> float:
        """The share of the remaining steps that the belief shows stale, in [0, 1]; 0 if none is left."""
        perceived = self._tracked.perceived
        if perceived is None or not perceived.unfired:
            return 0.0
        return (perceived.stale & perceived.unfired).bit_count() / perceived.unfired.bit_count()

    def unsettles(self, fluents: Sequence[str], compares: Compares = "value") -> str | None:
        """Return the first of these fluents that breaks the rest of the plan, or None.

        That is a fluent whose believed value differs from the one that an unfired step or the goals assume;
        with ``version``, any fluent that they assume a value of; with ``region``, as with ``value``, except
        for what each of those steps only writes back as it was read.
        """
        perceived = self._tracked.perceived
        if perceived is None or (compares != "version" and not perceived.direct):
            return None
        for fluent in fluents:
            if compares == "version":
                unsettled = perceived.rests_on(fluent)
            else:
                unsettled = perceived.breaks(fluent, carried=compares == "value")
            if unsettled:
                return fluent
        return None

    def offers_better(self, news: Sequence[str]) -> bool:
        """Return whether the news offers something better than the rest of the plan in hand."""
        return self._offers_better(news, self.belief, self.steps_left)

    @property
    def broken(self) -> bool:
        """Whether the plan in hand has steps left and the belief violates one of their assumptions."""
        perceived = self._tracked.perceived
        return perceived is not None and bool(perceived.direct & perceived.unfired)

    def shows_done(self) -> bool:
        """Whether the next step has effects and the belief already shows all of them."""
        plan, place = self.plan, self._tracked.next
        if plan is None or place is None:
            return False
        step = plan.steps[place]
        return bool(step.writes) and step.shown_by(self.belief)
