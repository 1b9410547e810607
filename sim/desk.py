"""The agent's desk: belief, plan in hand and counts, kept in step as news and plans come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import simpy

from sim.agent import Agent, Handoff
from sim.channel import Message
from sim.errors import PolicyError
from sim.handoff import Briefing
from sim.intention import Intention
from sim.meter import Meter
from sim.opportunity import Opportunity
from sim.picture import Picture, Reading
from sim.plan import Call, Plan, Step, Value
from sim.planner import Planner
from sim.policy import Decision, Observation, Policy
from sim.streams import Streams
from sim.trace import Trace
from sim.view import Counts, View
from sim.world import Scene


class Desk:
    """What the agent has before it. The planner puts plans on it, the channel news, the executor acts.

    Attributes:
        belief: what the agent last heard of each fluent.
        intention: the plan in hand, None before the first.
        waiting: whether there is no plan to be had until something new is heard.
        in_flight: the step whose call is under way or not yet answered.
        gave_up: why the agent gave up, None if it did not.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scene: Scene,
        policy: Policy,
        agent: Agent,
        handoff: Handoff,
        truth: Picture,
        random: Streams,
        meter: Meter,
        wake: Callable[[], None],
        trace: Trace | None,
    ) -> None:
        self._env, self._policy, self._truth, self._meter = env, policy, truth, meter
        self._wake, self._trace = wake, trace
        self.belief = Picture(scene.first, scene.goals)
        self.counts = Counts()
        self.view = View(self.belief, self.counts, scene.tempts)
        self.intention: Intention | None = None
        self.waiting = False
        self.in_flight: Step | None = None
        self.gave_up: str | None = None
        self.storms = Storms()
        self.briefing = Briefing(scene, agent, handoff, random)
        self._answered: list[tuple[int, Step]] = []
        self._later = 0
        self._listens = type(policy).observed is not Policy.observed
        self.planner = Planner(
            env, scene, self.belief, agent, handoff, random, self.counts, self.adopt,
            self._rest if policy.repairs else None, trace,
        )  # fmt: skip
        self._distances: list[float] = []
        if scene.watched:
            meter.chance = Opportunity(scene, truth)

    def look(self) -> View:
        """The view as it is now."""
        view = self.view
        view.time = self._env.now
        view.thinking = self.planner.thinking
        return view

    def world_wrote(self, fluent: str, value: Value) -> None:
        """The world changed a fluent: bring the truth's stale set and the integrals up to date."""
        intention = self.intention
        if self._meter.chance is not None:
            self._meter.advance(self._env.now)
            self._meter.refresh()
        if intention is not None and intention.truth.depends_on(fluent):
            now = self._env.now
            self._meter.advance(now)
            if intention.truth.write(fluent, value, now):
                self._meter.refresh()

    def deliver(self, message: Message) -> None:
        """News arrives: believe what is newer than what is held, then ask the policy."""
        now = self._env.now
        news = self._take_in(message, now)
        if self._trace is not None:
            self._record_delivery(message)
        if message.own or message.by == "read":
            return
        if message.taken > self.belief.heard:
            self.belief.heard = message.taken
        if self.waiting:
            self.waiting = False
            self.replan("news while there was no plan")
        elif self._listens:
            fluents = tuple(r.fluent for r in message.readings)
            seen = Observation(now, message.taken, message.by, fluents, tuple(news))
            self.decide(self._policy.observed(self.look(), seen))
        self._wake()

    def acknowledge(self, message: Message, step: int | None, ok: bool) -> None:
        """The executor is told how its call went; `step` is its place in the plan in hand, if it has one."""
        now = self._env.now
        intention = self.intention
        for reading in message.readings:
            if self.belief.hear(message.taken, reading) and (
                intention is not None
                and (step is None or reading.fluent not in intention.plan.steps[step].writes)
            ):
                intention.believed.write(reading.fluent, reading.value, now)
        if self._trace is not None:
            self._record_delivery(message)
        self._meter.advance(now)
        if intention is not None and step is not None:
            intention.believed.land(step, ok, self.belief, now)
        self._meter.refresh()
        if ok and self.in_flight is not None:
            self.counts.answers += 1
            self._answered.append((self.counts.answers, self.in_flight))

    def decide(self, decision: Decision) -> None:
        """Do what a decision says."""
        if decision.kind == "keep":
            return
        if decision.kind == "give-up":
            self.gave_up = decision.reason or "the policy gave up"
            self._wake()
        elif decision.kind != "replan":
            raise PolicyError(
                f"{self._policy.name} answered {decision.kind!r} to an observation: "
                "answer keep, replan or give-up"
            )
        elif decision.after > 0:
            self._later += 1
            Debounce(self._env, decision.after, self._later, decision.reason, self._quiet)
        else:
            self.replan(decision.reason)

    def replan(self, reason: str) -> None:
        """Ask the planner for a new plan."""
        self.counts.requested += 1
        self.counts.unfired_requests += 1
        self.counts.last_request = self._env.now
        self.planner.request(reason)

    @property
    def plan_distance(self) -> float:
        """The mean distance of each plan to the rest of the one before it (Fox et al. 2006)."""
        return sum(self._distances) / len(self._distances) if self._distances else float("nan")

    def _rest(self) -> list[Call]:
        """The calls of the plan in hand that are still to be fired."""
        intention = self.intention
        if intention is None:
            return []
        unfired = intention.believed.unfired
        return [step.call for i, step in enumerate(intention.plan.steps) if unfired >> i & 1]

    def _compare(self, rest: list[Call]) -> None:
        """Steps in one plan and not in the other, against what was left of the one before."""
        if rest:
            before, after = Counter(rest), Counter(self._rest())
            self._distances.append(((before - after).total() + (after - before).total()) / len(rest))

    def adopt(self, plan: Plan | None, reason: str) -> None:
        """A plan has come through the hand-off, or none and why; the call in flight is let land."""
        now = self._env.now
        if plan is None:
            self.waiting = True
            if self._trace is not None:
                self._trace.add(now, "plan", plan=None, outcome=reason, steps=None)
            self._wake()
            return
        rest = self._rest()
        if self.intention is not None:
            if plan.number < self.intention.plan.number:
                return
            self.counts.replans += 1
            self.storms.replanned()
        told, informed = self.briefing.brief(plan)
        self._meter.advance(now)
        intention = Intention(plan, told, informed, self._truth, self.belief)
        if self.in_flight is not None or self._answered:
            self._answered = [(n, step) for n, step in self._answered if n > plan.basis.answers]
            done = [step for _, step in self._answered]
            intention.recognise(done, self.in_flight, self._truth, self.belief, now)
        self.intention = intention
        self.view.hold(intention)
        self._meter.adopt(intention)
        self._compare(rest)
        if self._trace is not None:
            self._trace.add(now, "plan", **self._plan_fields(intention))
        self.waiting = not plan.steps and not plan.goals
        self._wake()

    def _take_in(self, message: Message, now: float) -> list[str]:
        belief, intention = self.belief, self.intention
        news: list[str] = []
        touched = False
        for reading in message.readings:
            if not belief.hear(message.taken, reading):
                continue
            news.append(reading.fluent)
            if intention is None:
                continue
            if self._own_effect(intention, reading, message.own):
                continue
            if intention.believed.depends_on(reading.fluent):
                if not touched:
                    self._meter.advance(now)
                touched = intention.believed.write(reading.fluent, reading.value, now) or touched
        if touched:
            self._meter.refresh()
        return news

    def _own_effect(self, intention: Intention, reading: Reading, own: bool) -> bool:
        """Whether the news is an effect of the call in flight: then the belief lets it land.

        A snapshot does not say whose writes it shows: one that shows what the call was to write is
        taken for its effect.
        """
        step = intention.in_flight
        if step is None:
            return False
        writes = intention.plan.steps[step].writes
        if reading.fluent not in writes or (not own and writes[reading.fluent] != reading.value):
            return False
        self._meter.advance(self._env.now)
        intention.believed.land(step, True, self.belief, self._env.now)
        self._meter.refresh()
        return True

    def _quiet(self, token: int, reason: str) -> None:
        if token == self._later:
            self.replan(reason)

    def _record_delivery(self, message: Message) -> None:
        assert self._trace is not None
        self._trace.add(
            self._env.now,
            "observation-delivered",
            message=message.number,
            by=message.by,
            own=message.own,
            taken=message.taken,
            fluents=[[r.fluent, r.value, r.version] for r in message.readings],
        )

    def _plan_fields(self, intention: Intention) -> dict[str, object]:
        plan = intention.plan
        return {
            "plan": plan.number,
            "outcome": "found",
            "basis_time": plan.basis.time,
            "basis_taken": plan.basis.taken,
            "basis": {f: list(held) for f, held in plan.basis.fluents.items()},
            "goals": dict(plan.goals),
            "steps": [
                {"call": str(s.call), "requires": dict(s.requires), "writes": dict(s.writes)}
                for s in plan.steps
            ],
            "done": [i for i in range(len(plan.steps)) if not intention.believed.unlanded >> i & 1],
            "in_flight": intention.in_flight,
        }


class Debounce:
    """Rings once after a quiet time, with the token that it was given."""

    __slots__ = ("_reason", "_ring", "_token")

    def __init__(
        self,
        env: simpy.Environment,
        delay: float,
        token: int,
        reason: str,
        ring: Callable[[int, str], None],
    ) -> None:
        self._token, self._reason, self._ring = token, reason, ring
        timeout = env.timeout(delay)
        assert timeout.callbacks is not None
        timeout.callbacks.append(self._due)

    def _due(self, _: simpy.Event) -> None:
        self._ring(self._token, self._reason)


class Storms:
    """Replan storms: `LENGTH` or more plans in a row with nothing fired between them.

    Attributes:
        count: how many storms there were.
    """

    LENGTH = 3

    __slots__ = ("_in_a_row", "count")

    def __init__(self) -> None:
        self.count = 0
        self._in_a_row = 0

    def replanned(self) -> None:
        """Another plan came."""
        self._in_a_row += 1
        if self._in_a_row == self.LENGTH:
            self.count += 1

    def fired(self) -> None:
        """A step was fired."""
        self._in_a_row = 0
