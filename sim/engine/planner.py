"""The planner: it answers replan requests by reading the belief, thinking, and handing over a plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import simpy

from plandrift.sim.engine.planned_steps import Steps
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.interfaces.view import Counts
from plandrift.sim.settings.agent import Handoff
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.clock import PLANNING, Alarm, call_later
from plandrift.sim.terms.dependencies import Dependencies
from plandrift.sim.terms.errors import WorldError, nearest
from plandrift.sim.terms.fluents import Belief
from plandrift.sim.terms.plan import Basis, Plan
from plandrift.sim.trace.events import ReplanRequested

HandOver = Callable[[Plan | None, str], None]
Rest = Callable[[], Sequence[Step]]

NO_HANDOFF = Handoff()
NONE_FOUND = "the planner found none"
"""The outcome in a trace when a user's planner found no plan."""


@dataclass(slots=True)
class Thought:
    """A plan being made.

    Attributes:
        plan: the resulting plan, None if no plan reaches the goals.
        outcome: ``found``, or why there is none.
        begun: when its basis was taken.
        span: how long the thinking takes.
    """

    plan: Plan | None
    outcome: str
    begun: float
    span: float = 0.0


class Planner:
    """The planner of one agent. It sends its plans through the hand-off."""

    __slots__ = (
        "_alarm",
        "_belief",
        "_counts",
        "_delay",
        "_hand_over",
        "_lengths",
        "_numbers",
        "_own",
        "_pending",
        "_rest",
        "_rings",
        "_setup",
        "_steps",
        "_think",
        "_thought",
        "_travelling",
        "_until",
    )

    def __init__(
        self,
        setup: Setup,
        own: AgentSetup,
        belief: Belief,
        counts: Counts,
        hand_over: HandOver,
        rest: Rest,
    ) -> None:
        self._setup, self._own, self._belief, self._counts = setup, own, belief, counts
        self._hand_over = hand_over
        self._rest = rest if own.policy.repairs else None
        self._steps = Steps(setup.scene, setup.planning)
        random = setup.random
        self._think = own.agent.thinking_time.sampler(lambda: random["agent.thinking_time"])
        delay = NO_HANDOFF.delay if own.agent.minds == 1 else own.handoff.delay
        self._delay = delay.sampler(lambda: random["handoff.delay"])
        self._alarm = Alarm(setup.clock, self._awake, PLANNING)
        self._rings = self._until = math.inf
        self._thought: Thought | None = None
        self._pending = False
        self._travelling = self._numbers = 0
        self._lengths: list[float] = []

    @property
    def busy(self) -> bool:
        """Whether a plan is being made or handed over."""
        return self._thought is not None or self._travelling > 0

    @property
    def thinking(self) -> bool:
        """Whether a plan is being made."""
        return self._thought is not None

    @property
    def asked_again(self) -> bool:
        """Whether another plan must follow the one that is being made or handed over."""
        return self._pending

    @property
    def length_ratio(self) -> float:
        """The mean length of the plans, divided by the shortest; NaN if not requested or not known."""
        return sum(self._lengths) / len(self._lengths) if self._lengths else float("nan")

    def request(self, reason: str) -> None:
        """Request a plan. While one is being made, requests merge into one for later, or interrupt it."""
        now = self._setup.clock.now
        if self._setup.trace is not None:
            self._setup.trace.add(ReplanRequested(now, reason, self.thinking or self._pending))
        if self._thought is None:
            if not self._pending:
                self._begin()
        elif self._own.agent.interrupted == "finish":
            self._pending = True
        else:
            self._counts.thinking += now - self._thought.begun
            again = self._own.agent.interrupted == "restart"
            self._take_time(self._new_thought(), self._thought.span if again else self._think())

    def stop(self) -> None:
        """Stop, because the episode is over, and count the unfinished thinking."""
        if self._thought is not None:
            self._counts.thinking += self._setup.clock.now - self._thought.begun
            self._thought = None

    def _begin(self) -> None:
        self._take_time(self._new_thought(), self._think())

    def _take_time(self, thought: Thought, span: float) -> None:
        """Let a thought that begins now take its time, replacing any thought that it interrupts."""
        if span == 0:
            self._thought = None
            self._finish(thought)
            return
        self._thought, thought.span = thought, span
        self._until = thought.begun + span
        # An alarm that rings too early is simply set again, so most discarded thoughts cost no extra event.
        if self._until < self._rings:
            if self._rings < math.inf:
                # It would ring too late and cannot be cancelled, so another takes its place.
                self._alarm = Alarm(self._setup.clock, self._awake, PLANNING)
            self._ring_after(span)

    def _ring_after(self, span: float) -> None:
        self._until = self._rings = self._setup.clock.now + span
        self._alarm.set(span)

    def _awake(self, alarm: simpy.Event) -> None:
        if alarm is not self._alarm:
            return
        self._rings = math.inf
        thought, now = self._thought, self._setup.clock.now
        if thought is None:
            return
        if self._until > now:
            self._ring_after(self._until - now)
            return
        self._thought = None
        self._counts.thinking += now - thought.begun
        self._finish(thought)
        if self._pending:
            self._pending = False
            self._begin()

    def _new_thought(self) -> Thought:
        """Plan from the belief as it is now; what is heard while thinking comes too late for this plan."""
        scene, values = self._setup.scene, self._belief.values
        calls = self._calls()
        self._counts.expansions += getattr(calls, "expansions", 0)
        if calls is None:
            own = self._own.planner is not None
            why = NONE_FOUND if own else self._setup.planning.no_plan(values)
            self._counts.expansions += getattr(why, "expansions", 0)
            return self._found_none(str(why))
        return self._found(calls, scene.goals)

    def _found_none(self, why: str) -> Thought:
        return Thought(None, why, self._setup.clock.now)

    def _found(self, calls: Sequence[Call], goals: Mapping[str, Value]) -> Thought:
        """Make a plan of these calls for these goals, based on the belief as it is now."""
        now, scene = self._setup.clock.now, self._setup.scene
        if scene.watched and goals:
            best = self._setup.planning.optimum(self._belief.values)
            if best:
                self._lengths.append(len(calls) / best)
        return Thought(self._put_together(calls, goals), "found", now)

    def _calls(self) -> Sequence[Call] | None:
        scene, values = self._setup.scene, self._belief.values
        if self._own.planner is not None:
            return self._own.planner(values, scene.goals)
        rest = self._rest() if self._rest is not None else ()
        if rest:
            return self._setup.planning.repair(values, [step.call for step in rest])
        return scene.plan(values)

    def _put_together(self, calls: Sequence[Call], goals: Mapping[str, Value]) -> Plan:
        wrong = frozenset[int]()
        if self._own.agent.planner_error:
            calls, wrong = self._err(calls)
        steps = self._steps.planned(calls, self._belief.values)
        depend = self._steps.depend(steps) if goals is self._setup.scene.goals else Dependencies(steps, goals)
        try:
            basis = Basis(depend, self._belief, self._setup.clock.now)
        except KeyError as error:
            raise WorldError(
                f"{type(self._setup.scene).__name__}: a step requires {error.args[0]!r}, which is not a "
                "fluent: add it to `first`, or name one that is in it: "
                + nearest(str(error.args[0]), map(str, self._setup.scene.first))
            ) from None
        return Plan(self._numbers + 1, steps, goals, basis, depend, wrong)

    def _err(self, calls: Sequence[Call]) -> tuple[Sequence[Call], frozenset[int]]:
        """Replace each call by a sibling with the probability `agent.planner_error`."""
        random = self._setup.random["agent.planner_error"]
        made, wrong = list(calls), set()
        for place, call in enumerate(calls):
            if random.random() < self._own.agent.planner_error:
                siblings = self._setup.scene.confusable(call)
                if siblings:
                    made[place] = siblings[int(random.random() * len(siblings))]
                    wrong.add(place)
        return made, frozenset(wrong)

    def _finish(self, thought: Thought) -> None:
        if thought.plan is not None:
            self._numbers += 1
        delay = self._delay()
        if delay == 0:
            self._hand_over(thought.plan, thought.outcome)
            return
        self._travelling += 1
        call_later(self._setup.clock, delay, self._arrive, thought, PLANNING)

    def _arrive(self, event: simpy.Event) -> None:
        self._travelling -= 1
        self._hand_over(event._value.plan, event._value.outcome)
