"""The agent's state: what it believes, what it intends and what it has counted, as news and plans come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import simpy

from plandrift.sim.engine.done_steps import match_done_steps
from plandrift.sim.engine.handoff_process import HandoffProcess
from plandrift.sim.engine.planner import Planner
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.interfaces.policy import Decision, Observation
from plandrift.sim.interfaces.view import Counts, View
from plandrift.sim.interfaces.world import Scene
from plandrift.sim.measure.meter import BeliefAge, Meter
from plandrift.sim.measure.missed_alternative import MissedAlternative
from plandrift.sim.measure.tracked_plan import Answered, TrackedPlan
from plandrift.sim.terms.calls import Call, Step
from plandrift.sim.terms.clock import NEWS, call_later
from plandrift.sim.terms.errors import PolicyError
from plandrift.sim.terms.fluents import Belief, Message
from plandrift.sim.terms.plan import HandedPlan, Plan
from plandrift.sim.trace.events import HandedOver

HANDOVER = "handover"
"""How the news comes that a plan handed over is asked about: all that was heard while it was made."""

PLANLESS = "no plan was found"
"""How the reason of an episode begins that never had a plan."""


class AgentState:
    """What planner and executor share. The channel brings it news, the planner plans; the executor acts.

    Attributes:
        policy: the agent's sync policy.
        belief: what it last heard of each fluent.
        tracked: the plan in hand.
        counts: what it has counted.
        handoff: what comes through the hand-off.
        planner: what makes the plans.
        waiting: whether there is no plan to be had until something new is heard.
        held: whether the executor waits for the next plan to be handed over.
        gave_up: why it gave up, None if it did not.
        planless: why no plan has been found so far, None once one has, or before.

    It calls `wake` when something has changed that the executor may be waiting for, and `tell` with each
    observation, for whoever looks on.
    """

    def __init__(
        self,
        setup: Setup,
        own: AgentSetup,
        wake: Callable[[], None],
        planner: type[Planner] = Planner,
        tell: Callable[[Observation], None] | None = None,
    ) -> None:
        scene = setup.scene
        self._clock, self._trace = setup.clock, setup.trace
        self._wake, self._tell = wake, tell
        self.policy = own.policy
        self.belief = Belief(scene.first, scene.goals)
        missed = MissedAlternative(setup.planning.choice) if scene.watched else None
        age = BeliefAge(self.belief, silence_of(own, scene), own.channel.visible(scene.first))
        self.tracked = TrackedPlan(setup.clock, setup.truth, self.belief, Meter(missed), age, setup.trace)
        self.counts = Counts()
        self._view = View(self.tracked, self.counts, setup.planning.offers_better)
        self.planner = planner(setup, own, self.belief, self.counts, self._adopt, lambda: self.tracked.rest)
        self.handoff = HandoffProcess(scene, own.agent, own.handoff, setup.random)
        self.waiting = self.held = False
        self.gave_up: str | None = None
        self.planless: str | None = None
        self._open_ended = not scene.goals
        self._done: list[tuple[int, Step]] = []
        self._debounced = 0
        self._listens = own.policy.listens
        self._unasked: dict[str, int] = {}

    def view(self, fresh: bool = False) -> View:
        """The view as it is now; `fresh` where the step's assumptions have been read at this instant."""
        view = self._view
        view.time = self._clock.now
        view.thinking = self.planner.thinking
        view.fresh = fresh
        return view

    def deliver(self, message: Message) -> None:
        """News arrives: believe what is newer than what is held, then ask the policy."""
        news = self.tracked.heard(message)
        if message.own or message.by == "read":
            return
        now, belief = self._clock.now, self.belief
        belief.heard = max(belief.heard, message.taken)
        if self.waiting:
            self.waiting = False
            self.replan("news while there was no plan")
        elif self._listens:
            if self.planner.busy:
                self._unasked.update(dict.fromkeys(news, belief.changes))
            self.decide(self.policy.observed(self.view(), _observation(now, message, news)))
        self._wake()
        if self._tell is not None:
            self._tell(_observation(now, message, news))

    def acknowledged(self, call: Call, step: Step, reported: Answered, message: Message) -> None:
        """The executor is told how its call went, or has given up waiting for that."""
        known = self.tracked.effect_shown_at
        self.tracked.acknowledged(call, reported, message)
        self.handoff.learn(message.readings)
        if reported == "ok":
            self._done.append((self.belief.changes if known is None else known, step))
        self.counts.answered(step.call, reported == "ok")

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
                f"{self.policy.name} answered {decision.kind!r} to {asked}: answer keep, replan or give-up"
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

    def used_up(self) -> Literal["done", "gave up", "wait", "decided"]:
        """The plan is used up and the belief does not meet the goals: ask the policy, and do what it says.

        Returns:
            ``done`` where the agent takes its task for done; ``wait`` where only news can help.
        """
        tracked = self.tracked
        assert tracked.handed is not None
        plan = tracked.handed.plan
        decision = self.policy.used_up(self.view())
        if decision.kind == "give-up":
            self.give_up(decision.reason)
            return "gave up"
        if decision.kind == "keep" and not self._open_ended:
            return "done"
        first = plan.basis.taken < self._clock.now if self._open_ended else plan.number == 1
        if not tracked.fired_of_plan and not first:
            # A plan made for this very belief had nothing to fire.
            self.waiting = True
            return "wait"
        self.decide(decision, "a plan used up")
        return "decided"

    @property
    def reason(self) -> str:
        """Why the agent gave up, or fired nothing for want of a plan; empty where neither is so."""
        return self.gave_up or (f"{PLANLESS}: {self.planless}" if self.planless else "")

    def _adopt(self, plan: Plan | None, outcome: str) -> None:
        """A plan has come through the hand-off, or none and why; the call in flight is let land."""
        self.held = False
        if plan is None:
            self.waiting = True
            if self.tracked.handed is None:
                self.planless = outcome
            if self._trace is not None:
                self._trace.add(HandedOver(self._clock.now, None, outcome))
            self._wake()
            return
        tracked = self.tracked
        if tracked.handed is not None:
            if plan.number < tracked.handed.plan.number:
                self._wake()
                return
            self.counts.replans += 1
        self.planless = None
        calls, informed = self.handoff.hand_over(plan)
        # What the basis knew to be done the plan asks for anew: somebody has undone it.
        basis, known = plan.basis.changes, tracked.effect_shown_at
        self._done = [(change, step) for change, step in self._done if change > basis]
        under_way = tracked.under_way if known is None or known > basis else None
        done, in_flight = match_done_steps(plan, [step for _, step in self._done], under_way)
        tracked.adopted(HandedPlan(plan, calls, informed, done, in_flight))
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
        seen = Observation(now, self.belief.heard, HANDOVER, news, news)
        self.decide(self.policy.observed(self.view(), seen))

    def _quiet(self, event: simpy.Event) -> None:
        number, reason = event._value
        if number == self._debounced:
            self.replan(reason)


def silence_of(own: AgentSetup, scene: Scene) -> float | None:
    """How old news can be at most where nothing is heard, None where silence says nothing."""
    # What a world keeps from the channel can change with no news of it.
    return own.channel.silence if type(scene).announced is Scene.announced else None


def _observation(now: float, message: Message, news: list[str]) -> Observation:
    fluents = tuple([reading.fluent for reading in message.readings])
    return Observation(now, message.taken, message.by, fluents, tuple(news))
