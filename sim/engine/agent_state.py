"""The state of an agent: what it believes, intends and has counted, updated as news and plans arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

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
"""The `by` of the observation that comes with a new plan: everything heard while the plan was made."""

PLANLESS = "no plan was found"
"""The beginning of the reason given for an episode that never had a plan."""


class AgentState:
    """The state shared by planner and executor, to which the channel delivers news.

    Attributes:
        policy: the agent's sync policy.
        belief: what it last heard of each fluent.
        tracked: the plan in hand.
        counts: what it has counted.
        handoff: decides what comes through the hand-off.
        planner: makes the plans.
        waiting: whether no plan can be had until something new is heard.
        held: whether the executor is waiting for the next plan to be handed over.
        gave_up: why it gave up; None if it did not.
        planless: why no plan has been found so far; None if one has, or if none has been tried.
        TRACKS: the class of the tracked plan.

    It calls `wake` when something has changed that the executor may be waiting for, and `tell` with each
    observation, for observers.
    """

    TRACKS: ClassVar[type[TrackedPlan]] = TrackedPlan

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
        self.tracked = self.TRACKS(
            setup.clock, setup.truth, self.belief, Meter(missed), age, setup.trace, own.number
        )
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
        """Return the present view; pass `fresh` if the step's assumptions have been read at this instant."""
        view = self._view
        view.time = self._clock.now
        view.thinking = self.planner.thinking
        view.fresh = fresh
        return view

    def deliver(self, message: Message) -> None:
        """Receive news: believe whatever is newer than the belief, then ask the policy."""
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
        """Tell the executor how its call went, or that it has waited too long for an answer."""
        known = self.tracked.effect_shown_at
        self.tracked.acknowledged(call, reported, message)
        self.handoff.learn(message.readings)
        if reported == "ok":
            self._done.append((self.belief.changes if known is None else known, step))
        self.counts.answered(step.call, reported == "ok")

    def decide(self, decision: Decision, asked: str = "an observation") -> None:
        """Carry out a decision.

        Args:
            decision: the policy's answer.
            asked: what the policy was asked, for an error message.

        Raises:
            PolicyError: it is not a valid answer to an observation.
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
        """Give up, for this reason."""
        self.gave_up = reason or "the policy gave up"

    def used_up(self) -> Literal["done", "gave up", "wait", "decided"]:
        """Ask the policy what to do when the plan is used up and goals are open, and do it.

        Returns:
            ``done`` if the agent considers its task done; ``wait`` if only news can help.
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
            # A plan made from exactly this belief had nothing to fire.
            self.waiting = True
            return "wait"
        self.decide(decision, "a plan used up")
        return "decided"

    @property
    def reason(self) -> str:
        """Why the agent gave up, or fired nothing because it had no plan; empty if neither applies."""
        return self.gave_up or (f"{PLANLESS}: {self.planless}" if self.planless else "")

    def _adopt(self, plan: Plan | None, outcome: str) -> None:
        """Take the plan that has come through the hand-off, or the reason why there is none."""
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
        # If the plan repeats a step that was known to be done at its basis, somebody has undone that step.
        basis, known = plan.basis.changes, tracked.effect_shown_at
        self._done = [(change, step) for change, step in self._done if change > basis]
        under_way = tracked.under_way if known is None or known > basis else None
        done, in_flight = match_done_steps(plan, [step for _, step in self._done], under_way)
        tracked.adopted(HandedPlan(plan, calls, informed, done, in_flight))
        self.waiting = not plan.steps and not plan.goals
        self._ask_again(plan)
        self._wake()

    def _ask_again(self, plan: Plan) -> None:
        """Ask again, with the new plan, about the news since its basis, unless a newer plan is coming."""
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
    """Return the greatest age of an unchanged belief; None if silence proves nothing."""
    # If a world does not announce all its changes, a fluent can change without any news.
    return own.channel.silence if type(scene).announced is Scene.announced else None


def _observation(now: float, message: Message, news: list[str]) -> Observation:
    fluents = tuple([reading.fluent for reading in message.readings])
    return Observation(now, message.taken, message.by, fluents, tuple(news))
