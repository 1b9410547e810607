"""The agent's state: what it believes, what it intends and what it has counted, as news and plans come in."""

from __future__ import annotations

from collections.abc import Callable

import simpy

from plandrift.sim.engine.done_steps import recognised
from plandrift.sim.engine.handoff import Brief, Briefing
from plandrift.sim.engine.planner import Planner
from plandrift.sim.engine.setup import Setup
from plandrift.sim.interfaces.policy import Decision, Observation
from plandrift.sim.interfaces.view import Counts, View
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.settings.channel import Message
from plandrift.sim.terms.calls import Call, Step
from plandrift.sim.terms.clock import NEWS, call_later
from plandrift.sim.terms.errors import PolicyError
from plandrift.sim.terms.plan import Plan
from plandrift.sim.trace.events import HandedOver

HANDOVER = "handover"
"""How the news comes that a plan handed over is asked about: all that was heard while it was made."""

PLANLESS = "no plan was found"
"""How the reason of an episode begins that never had a plan."""


class AgentState:
    """What planner and executor share. The channel brings it news, the planner plans; the executor acts.

    Attributes:
        tracked: the plan in hand.
        counts: what the agent has counted.
        briefing: what comes through the hand-off.
        planner: what makes the plans.
        waiting: whether there is no plan to be had until something new is heard.
        held: whether the executor waits for the next plan to be handed over.
        gave_up: why the agent gave up, None if it did not.
        planless: why no plan has been found so far, None once one has, or before.
    """

    def __init__(
        self,
        setup: Setup,
        tracked: TrackedPlan,
        wake: Callable[[], None],
        planner: type[Planner] = Planner,
    ) -> None:
        self._clock, self._policy, self._trace = setup.clock, setup.policy, setup.trace
        self._wake = wake
        self.tracked = tracked
        self.counts = Counts()
        self._view = View(tracked, self.counts, setup.planning.offers_better)
        self.planner = planner(setup, tracked.belief, self.counts, self._adopt, lambda: tracked.rest)
        self.briefing = Briefing(setup.scene, setup.agent, setup.handoff, setup.random)
        self.waiting = self.held = False
        self.gave_up: str | None = None
        self.planless: str | None = None
        self._done: list[tuple[int, Step]] = []
        self._debounced = 0
        self._listens = setup.policy.listens
        self._unasked: dict[str, int] = {}

    def look(self, fresh: bool = False) -> View:
        """The view as it is now; `fresh` where the step's assumptions have been read at this instant."""
        view = self._view
        view.time = self._clock.now
        view.thinking = self.planner.thinking
        view.fresh = fresh
        return view

    def deliver(self, message: Message) -> None:
        """News arrives: believe what is newer than what is held, then ask the policy."""
        now = self._clock.now
        news = self.tracked.heard(message)
        if message.own or message.by == "read":
            return
        belief = self.tracked.belief
        belief.heard = max(belief.heard, message.taken)
        if self.waiting:
            self.waiting = False
            self.replan("news while there was no plan")
        elif self._listens:
            if self.planner.busy:
                self._unasked.update(dict.fromkeys(news, belief.changes))
            fluents = tuple([reading.fluent for reading in message.readings])
            seen = Observation(now, message.taken, message.by, fluents, tuple(news))
            self.decide(self._policy.observed(self.look(), seen))
        self._wake()

    def acknowledged(self, call: Call, step: Step, reported: str | None, message: Message) -> None:
        """The executor is told how its call went, or has given up waiting for that."""
        known = self.tracked.effect_shown_at
        self.tracked.acknowledged(call, reported, message)
        self.briefing.learn(message.readings)
        failures = self.counts.failures
        if reported == "ok":
            self.counts.answers += 1
            self._done.append((self.tracked.belief.changes if known is None else known, step))
            failures.pop(step.call, None)
        else:
            failures[step.call] = failures.get(step.call, 0) + 1

    def decide(self, decision: Decision, asked: str = "an observation") -> None:
        """Do what a decision says.

        Args:
            decision: what the policy answered.
            asked: what to, for an error.

        Raises:
            PolicyError: it says nothing that answers an observation.
        """
        if decision.kind == "keep":
            return
        if decision.kind == "give-up":
            self.give_up(decision.reason)
            self._wake()
        elif decision.kind != "replan":
            raise PolicyError(
                f"{self._policy.name} answered {decision.kind!r} to {asked}: answer keep, replan or give-up"
            )
        elif decision.after > 0:
            self._debounced += 1
            quiet = self._debounced, decision.reason
            call_later(self._clock, decision.after, self._quiet, quiet, NEWS)
        else:
            self.replan(decision.reason)

    def replan(self, reason: str) -> None:
        """Ask the planner for a new plan."""
        self.counts.requested += 1
        self.counts.unfired_requests += 1
        self.counts.last_request = self._clock.now
        self.planner.request(reason)

    def give_up(self, reason: str) -> None:
        """Give up."""
        self.gave_up = reason or "the policy gave up"

    @property
    def reason(self) -> str:
        """Why the agent gave up, or fired nothing for want of a plan; empty where neither is so."""
        return self.gave_up or (f"{PLANLESS}: {self.planless}" if self.planless else "")

    def fired(self) -> None:
        """Count a call that is sent."""
        self.counts.fired += 1
        self.counts.blocked_in_a_row = 0
        self.counts.unfired_requests = 0

    def _adopt(self, plan: Plan | None, outcome: str) -> None:
        """A plan has come through the hand-off, or none and why; the call in flight is let land."""
        self.held = False
        if plan is None:
            self.waiting = True
            if self.tracked.brief is None:
                self.planless = outcome
            if self._trace is not None:
                self._trace.add(HandedOver(self._clock.now, None, outcome))
            self._wake()
            return
        tracked = self.tracked
        if tracked.brief is not None:
            if plan.number < tracked.brief.plan.number:
                self._wake()
                return
            self.counts.replans += 1
        self.planless = None
        told, informed = self.briefing.brief(plan)
        # What the basis knew to be done the plan asks for anew: somebody has undone it.
        basis, known = plan.basis.changes, tracked.effect_shown_at
        self._done = [(change, step) for change, step in self._done if change > basis]
        under_way = tracked.under_way if known is None or known > basis else None
        done, in_flight = recognised(plan, [step for _, step in self._done], under_way)
        tracked.adopted(Brief(plan, told, informed, done, in_flight))
        self.waiting = not plan.steps and not plan.goals
        self._ask_again(plan)
        self._wake()

    def _ask_again(self, plan: Plan) -> None:
        """Ask about the new plan what was asked only of the old one, unless a newer plan is on its way."""
        if not self._unasked or self.planner.busy or self.planner.asked_again:
            return
        news = tuple([f for f, change in self._unasked.items() if change > plan.basis.changes])
        self._unasked = {}
        if not news:
            return
        now = self._clock.now
        seen = Observation(now, self.tracked.belief.heard, HANDOVER, news, news)
        self.decide(self._policy.observed(self.look(), seen))

    def _quiet(self, event: simpy.Event) -> None:
        number, reason = event._value
        if number == self._debounced:
            self.replan(reason)
