"""The playback of a trace: the one place where its events are turned back into states and figures.

It feeds the events to the same tracked plan that the engine keeps (`sim.measure`), so that replay,
timeline, narration, report and tests all read the engine's own bookkeeping, to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plandrift.sim import Basis, Call, Event, Metrics, Plan, PlandriftError, Step, StepRecord, Value
from plandrift.sim.crew.shared_plan import SharedPlan
from plandrift.sim.crew.shared_truth import PrivateCopy, SharedTruth
from plandrift.sim.crew.tally import CrewTally
from plandrift.sim.crew.together import measured_of
from plandrift.sim.measure.attempt import Attempt
from plandrift.sim.measure.crew_figures import CrewFigures
from plandrift.sim.measure.meter import BeliefAge, Meter
from plandrift.sim.measure.metrics import Measured, taken_from
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.terms.dependencies import Dependencies
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import EXOGENOUS, Belief, Message, Truth
from plandrift.sim.terms.plan import HandedPlan
from plandrift.sim.trace.crew_events import (
    CrewBegan,
    Deadlock,
    LockGranted,
    LockWithdrawn,
    SlotGranted,
    TaskEnded,
    TaskTaken,
    Undone,
    Validated,
)
from plandrift.sim.trace.events import (
    Acknowledged,
    Asked,
    Checked,
    Delivered,
    Ended,
    Exogenous,
    Fired,
    HandedOver,
    Landed,
    Retried,
    SideEffect,
    Skipped,
    Started,
)


@dataclass
class PlaybackClock:
    """A clock that is set to the time of each event."""

    now: float = 0.0


class Playback:
    """An episode as its trace shows it, event by event.

    Attributes:
        start: the first event of an agent alone, or of agent 0 of a crew.
        starts: the first event of each agent.
        tally: what is counted about a crew.
        crew: the first event of a crew's trace; None for an agent alone.
        tracked: the plan in hand, as the engine tracked it; in a crew, that of the agent of the last event.
        plans: the plan in hand of each agent.
        plan: the event of the plan in hand; None before the first plan.
        fired: calls that have reached the world so far.
        refused: how many of those the world refused.
        misfires: how many of those violated a requirement.
        end: the trace's last event; None until it is seen.

    Example:

    >>> from plandrift import run
    >>> from plandrift.policies import gated
    >>> from plandrift.worlds import Records
    >>> episode = run(Records(), gated(), seed=7, trace=True)
    >>> Playback(episode.trace).to_the_end().metrics() == episode.metrics
    True
    """

    def __init__(self, events: Iterable[Event]) -> None:
        """Take the events of one episode, and see only its start.

        Raises:
            PlandriftError: they do not start at the beginning of an episode.
        """
        self._events = iter(events)
        first = next(self._events, None)
        self.crew = first if isinstance(first, CrewBegan) else None
        count = 1 if self.crew is None else self.crew.agents
        starts = [first] if self.crew is None else [next(self._events, None) for _ in range(count)]
        self.starts = [start for start in starts if isinstance(start, Started)]
        if len(self.starts) < count:
            raise PlandriftError(
                "the trace does not begin with the episode's start: run with trace=True, or --trace"
            )
        self.start = self.starts[0]
        self._clock = PlaybackClock()
        self.tally = CrewTally(count)
        fluents = self.start.fluents
        self._truth = Truth(fluents) if self.crew is None else SharedTruth(fluents)
        self.plans = [self._tracked(start) for start in self.starts]
        self.tracked = self.plans[0]
        self._ends: dict[int, Ended] = {}
        self.plan: HandedOver | None = None
        self.fired = self.misfires = self.refused = 0
        self.end: Ended | None = None
        self._outcomes: list[dict[int, str]] = [{} for _ in self.plans]
        self._steps: dict[Call, Step] = {}

    def events(self) -> Iterator[Event]:
        """Yield each remaining event, in turn, after seeing it."""
        for event, _ in self.changes():
            yield event

    def changes(self) -> Iterator[tuple[Event, dict[str, Value]]]:
        """Yield each remaining event, in turn, with what `see` returned for it."""
        for event in self._events:
            yield event, self.see(event)

    def to_the_end(self) -> Playback:
        """See every remaining event."""
        for _ in self.events():
            pass
        return self

    def see(self, event: Event) -> dict[str, Value]:
        """Process one event, and return what it wrote in the world, or what the agent newly believes."""
        self._clock.now = event.t
        self.tracked = self.plans[event.agent]
        handler = _HANDLERS.get(type(event))
        return handler(self, event) if handler is not None else {}

    @property
    def attempt(self) -> Attempt | None:
        """Return the call under way or last answered; None before the first call and after the end."""
        return self.tracked.attempt

    @property
    def records(self) -> list[StepRecord]:
        """Return the records of the calls that have reached the world and are settled."""
        if self.crew is None:
            return self.tracked.records
        return sorted([r for plan in self.plans for r in plan.records], key=lambda record: record.time)

    @property
    def opening(self) -> int:
        """Return how many events are the start."""
        return len(self.starts) + (self.crew is not None)

    @property
    def private(self) -> bool:
        """Return whether calls change nothing in the world until the agent's private copy is merged."""
        return self.crew is not None and self.crew.private

    @property
    def world(self) -> dict[str, Value]:
        """Return the value of each fluent."""
        return self._truth.values

    @property
    def belief(self) -> dict[str, Value]:
        """Return the value of each fluent in the agent's belief."""
        return self.tracked.belief.values

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps of the plan in hand."""
        return () if self.tracked.handed is None else self.tracked.handed.plan.steps

    @property
    def left(self) -> set[int]:
        """Return the positions of the steps not yet fired."""
        return self._places(lambda truth, _: truth.unfired)

    @property
    def landed(self) -> set[int]:
        """Return the positions of the steps whose call has reached the world, or that were skipped."""
        return self._places(lambda truth, _: ~truth.unlanded)

    @property
    def flying(self) -> int | None:
        """Return the position of the step between its fire and its answer."""
        return self.tracked.in_flight if self.tracked.under_way is not None else None

    def stale(self) -> tuple[set[int], set[int]]:
        """Return the positions of the remaining steps stale in truth, and of those stale in the belief."""
        return (
            self._places(lambda truth, _: truth.stale & truth.unfired),
            self._places(lambda _, believed: believed.stale & believed.unfired),
        )

    def marks(self) -> list[str]:
        """Return for each step of the plan in hand its outcome, ``done``, ``flying``, or nothing yet."""
        landed, flying = self.landed, self.flying
        outcomes = self._outcomes[self.tracked.writer.agent]
        return [
            outcomes.get(i) or ("flying" if i == flying else "done" if i in landed else "")
            for i in range(len(self.steps))
        ]

    def violated(self, place: int) -> list[str]:
        """Return the fluents that violate an assumption of a step in truth."""
        measured = self.tracked.measured
        return [] if measured is None else measured.violated(place)

    def metrics(self) -> Metrics:
        """Return every figure of the episode, as the engine measured it.

        Raises:
            PlandriftError: the end of the episode has not been seen.
        """
        if self.end is None:
            raise PlandriftError("the trace has no end: its episode was cut off")
        if self.crew is not None:
            figures = self.tally.total(self.end.alone)
            return self._taken(self.plans, self.crew.goals, self.end, figures)
        opportunity = math.nan if self.end.opportunity is None else self.end.opportunity
        measured = Measured(tracked=self.tracked, opportunity=opportunity, **_ended(self.end))
        return taken_from(measured)

    def agents(self) -> list[tuple[Ended, Metrics]]:
        """Return the last event and the figures of each agent of a crew; none for an only agent."""
        found = []
        for number, end in sorted(self._ends.items()):
            plan = self.plans[number]
            assert isinstance(plan, SharedPlan)
            found.append((end, self._taken([plan], plan.taken, end, self.tally.of(number))))
        return found

    def _taken(
        self, plans: Sequence[TrackedPlan], goals: Mapping[str, Value], end: Ended, figures: CrewFigures
    ) -> Metrics:
        return taken_from(measured_of(plans, goals, self._truth, figures, **_ended(end)))

    def _tracked(self, start: Started) -> TrackedPlan:
        """Return the plan of an agent, which it has yet to make."""
        belief = Belief(start.fluents, start.goals)
        age = BeliefAge(belief, start.silence, start.seen)
        if self.crew is None:
            return TrackedPlan(self._clock, self._truth, belief, Meter(), age)
        assert isinstance(self._truth, SharedTruth)
        truth = PrivateCopy(self._truth) if self.crew.private else self._truth
        plan = SharedPlan(self._clock, truth, belief, Meter(), age, None, start.agent)
        plan.tally = self.tally
        return plan

    def _places(self, of: Callable[[Any, Any], int]) -> set[int]:
        truth, believed = self.tracked.measured, self.tracked.perceived
        if truth is None or believed is None:
            return set()
        mask = of(truth, believed)
        return {place for place in range(len(self.steps)) if mask >> place & 1}

    def _exogenous(self, event: Exogenous) -> dict[str, Value]:
        self._truth.write(event.fluent, event.value, event.t, EXOGENOUS)
        return {event.fluent: event.value}

    def _side_effect(self, event: SideEffect) -> dict[str, Value]:
        self.tracked.side_effect(event.fluent, event.value)
        return {} if self.private else {event.fluent: event.value}

    def _delivered(self, event: Delivered) -> dict[str, Value]:
        before = {r.fluent: self.belief[r.fluent] for r in event.fluents}
        self.tracked.heard(Message(event.message, event.taken, event.fluents, event.by, event.own))
        return self._learned(before)

    def _handed_over(self, event: HandedOver) -> dict[str, Value]:
        if event.steps is None:
            return {}
        assert event.plan is not None
        assert event.basis is not None
        assert event.basis_time is not None
        assert event.basis_taken is not None
        goals = event.goals or {}
        # Within an episode one call is one step, however often it is planned.
        steps = tuple([self._steps.setdefault(step.call, step) for step in event.steps])
        depend = Dependencies(steps, goals)
        basis = Basis.recorded(depend, event.basis_time, event.basis_taken, event.basis)
        plan = Plan(event.plan, steps, goals, basis, depend, frozenset(event.wrong))
        self.plan = event
        self._outcomes[event.agent] = {}
        calls = [step.call for step in steps]
        self.tracked.adopted(HandedPlan(plan, calls, True, event.done, event.in_flight))
        return {}

    def _asked(self, event: Asked) -> dict[str, Value]:
        self.tracked.asked(event.step, event.call, event.verdict, event.reason, event.skip)
        return {}

    def _fired(self, event: Fired) -> dict[str, Value]:
        self.tracked.fired(event.step, event.call, event.verdict, event.slipped, event.declared)
        return {}

    def _landed(self, event: Landed) -> dict[str, Value]:
        outcome: Any = event.outcome
        written = {fluent: value for fluent, (value, _) in event.writes.items()}
        faults = event.faults + (("silent_success",) if event.silent else ())
        self.tracked.landed(event.call, Effect(outcome, written, event.violated), faults)
        self.fired += 1
        self.refused += outcome == "refused"
        self.misfires += bool(event.violated) and outcome != "refused"
        if event.step is not None:
            self._outcomes[event.agent][event.step] = outcome
        return {} if self.private else written

    def _acknowledged(self, event: Acknowledged) -> dict[str, Value]:
        before = {r.fluent: self.belief[r.fluent] for r in event.fluents}
        message = Message(0, event.taken, event.fluents, "acknowledgment", True)
        reported: Any = event.reported
        self.tracked.acknowledged(event.call, reported, message)
        return self._learned(before)

    def _checked(self, event: Checked) -> dict[str, Value]:
        self.tracked.checked(event.call, event.verified)
        return {}

    def _skipped(self, event: Skipped) -> dict[str, Value]:
        self.tracked.skipped(event.step)
        return {}

    def _retried(self, event: Retried) -> dict[str, Value]:
        self.tracked.retried(event.step)
        self._outcomes[event.agent].pop(event.step, None)
        return {}

    def _ended(self, event: Ended) -> dict[str, Value]:
        if event.agent < 0:
            self.end = event
            return {}
        self.tracked.ended()
        if self.crew is None:
            self.end = event
        else:
            self._ends[event.agent] = event
        return {}

    def _task(self, event: TaskTaken | TaskEnded) -> dict[str, Value]:
        plan = self._shared
        if isinstance(event, TaskTaken):
            plan.aim(event)
        else:
            plan.drop(event)
        return {}

    def _undone(self, event: Undone) -> dict[str, Value]:
        self._shared.undone(event.fluent, event.value)
        return {event.fluent: event.value}

    def _validated(self, event: Validated) -> dict[str, Value]:
        self._shared.merged(event.conflicts)
        return {fluent: value for fluent, value, _ in event.writes}

    def _coordinated(self, event: Event) -> dict[str, Value]:
        self.tally.see(event)
        return {}

    @property
    def _shared(self) -> SharedPlan:
        assert isinstance(self.tracked, SharedPlan)
        return self.tracked

    def _learned(self, before: dict[str, Value]) -> dict[str, Value]:
        return {f: self.belief[f] for f, value in before.items() if self.belief[f] != value}


_HANDLERS: dict[type[Event], Callable[[Playback, Any], dict[str, Value]]] = {
    Exogenous: Playback._exogenous,
    SideEffect: Playback._side_effect,
    Delivered: Playback._delivered,
    HandedOver: Playback._handed_over,
    Asked: Playback._asked,
    Fired: Playback._fired,
    Landed: Playback._landed,
    Acknowledged: Playback._acknowledged,
    Checked: Playback._checked,
    Skipped: Playback._skipped,
    Retried: Playback._retried,
    Ended: Playback._ended,
    TaskTaken: Playback._task,
    TaskEnded: Playback._task,
    Undone: Playback._undone,
    Validated: Playback._validated,
    Deadlock: Playback._coordinated,
    LockGranted: Playback._coordinated,
    LockWithdrawn: Playback._coordinated,
    SlotGranted: Playback._coordinated,
}


def _ended(end: Ended) -> dict[str, Any]:
    """Return what `Measured` takes from the last event."""
    return {
        "thinking": end.thinking_time,
        "expansions": end.expansions,
        "plan_ratio": math.nan if end.plan_ratio is None else end.plan_ratio,
        "end": end.how,
        "duration": end.t,
        "score": end.score,
        "still": end.still,
    }
