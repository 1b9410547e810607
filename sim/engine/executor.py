"""The executor: takes the next step, binds its call, asks the policy, fires, and waits for the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from types import MappingProxyType
from typing import Literal, NamedTuple

import simpy

from plandrift.sim.companions.description import Description
from plandrift.sim.engine.agent_state import AgentState
from plandrift.sim.engine.channel_process import ChannelProcess
from plandrift.sim.engine.environment import Declared, Environment
from plandrift.sim.engine.keys import ToldReadings
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.interfaces.policy import Acknowledgment, Reaction, Verdict
from plandrift.sim.measure.attempt import Attempt
from plandrift.sim.settings.faults import Rate, rate_for
from plandrift.sim.terms.calls import Call, Step
from plandrift.sim.terms.clock import Pause
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.errors import PolicyError
from plandrift.sim.terms.plan import HandedPlan

Wait = Generator[simpy.Event, object, None]
Place = tuple[HandedPlan, int]
"""A step: the plan it belongs to, and its index in that plan."""
Move = Literal["act", "wait", "end"]

FIRES = ("fire", "warn", "if-match")

NOTHING: Declared = MappingProxyType({})
"""Stands for what a call carries if it carries nothing for the world to check."""


class Bound(NamedTuple):
    """A call that has been bound to a step of the plan in hand.

    Attributes:
        call: the call.
        step: the step.
        slipped: whether the executor picked a sibling of the planned call.
        carried: what whoever requested the call lets it carry, for the world to check.
    """

    call: Call
    step: Step
    slipped: bool
    carried: Declared = NOTHING


Reported = Literal["ok", "error", "refused", "no answer", "blocked", "skipped", "withdrawn", "under way", ""]
"""What whoever requested a call is told: what came back, or why the call was not made."""


class CallReport(NamedTuple):
    """The report on a call, for whoever requested it.

    Attributes:
        reported: see `Reported`.
        reason: the guard's reason, or the world's, if it has one.
    """

    reported: Reported
    reason: str = ""


class Executor:
    """The executor of one agent: a SimPy process, unless whoever receives its `report` decides the calls."""

    def __init__(
        self,
        setup: Setup,
        own: AgentSetup,
        state: AgentState,
        channel: ChannelProcess,
        environment: Environment,
        end: Callable[[str], None],
        report: Callable[[CallReport], None] | None = None,
    ) -> None:
        self._clock, self._scene = setup.clock, setup.scene
        self._agent, self._random, self._policy = own.agent, setup.random, own.policy
        self._state, self._tracked = state, state.tracked
        self._environment, self._channel, self._end, self._report = environment, channel, end, report
        agent, random = own.agent, setup.random
        self._duration = agent.step_duration.sampler(lambda: random["agent.step_duration"])
        self._latency = agent.action_latency.sampler(lambda: random["agent.action_latency"])
        self._prepare = agent.prepare_time.sampler(lambda: random["agent.prepare_time"])
        self._read = agent.read_latency.sampler(lambda: random["agent.read_latency"])
        self._timeout = agent.ack_timeout.sampler(lambda: random["agent.ack_timeout"])
        self._blocking = agent.thinking == "blocking"
        self._open_ended = not setup.scene.goals
        self._pause = Pause(setup.clock)
        self._sleep = Pause(setup.clock)
        self._asleep = False
        # The keys of calls that nobody has answered, which a retry carries again.
        self._unanswered: dict[Call, int] = {}
        self._withheld: tuple[float, int] = (-1.0, 0)
        # Whether a belief that meets the goals ends the episode. Whoever requests the calls says itself when
        # it is done; if a read by its guard shows that the goals hold, the call is withdrawn.
        self._heeds_goals = report is None

    def wake(self) -> None:
        """Wake the executor: something has changed that it may be waiting for."""
        if self._asleep and (self._state.gave_up is not None or self.goals_met or not self._planner_holds):
            self._asleep = False
            self._sleep.end()

    def run(self) -> Wait:
        """Run one step after the other, until the agent is done, gives up, or the horizon ends it."""
        while True:
            move = self._next_move()
            if move == "end":
                return
            if move == "wait":
                yield from self._idle()
                continue
            handed, place = self._tracked.handed, self._tracked.next
            assert handed is not None
            assert place is not None
            yield from self.carry_out((handed, place))

    def carry_out(
        self, start: Place, call: Call | None = None, thought: float = 0.0, carried: Declared = NOTHING
    ) -> Wait:
        """Carry out one step, from binding its call to the answer; it may end at the gate.

        Args:
            start: the step.
            call: the call to make in place of the planned call.
            thought: the thinking time between binding and firing the call, besides the preparation time.
            carried: what the call carries for the world to check, besides what the policy lets it carry.
        """
        if call is not None:
            self._heeds_goals = False
        bound = self._bind(start, call)
        if carried:
            bound = bound._replace(carried=carried)
        at: Place | None = start
        verdict: Verdict | None = None
        if self._policy.checks == "prepare":
            at, verdict = yield from self._judge(start, bound)
        prepare = thought + self._prepare()
        if at is not None and prepare > 0:
            yield from self._wait(prepare)
            yield from self._await_planner()
            at = self._still(at)
        if at is not None and verdict is None:
            at, verdict = yield from self._judge(at, bound)
        if at is not None and verdict is not None:
            yield from self._fire(at, bound, verdict)

    def read_time(self) -> float:
        """Return the round trip time of the next fresh read."""
        return self._read()

    @property
    def goals_met(self) -> bool:
        """Return whether the belief meets the goals and that ends the episode; False without goals."""
        return not self._state.belief.open and not self._open_ended and self._heeds_goals

    @property
    def _planner_holds(self) -> bool:
        """Return whether the executor must wait until the planner hands over a plan."""
        return self._state.planner.busy and (self._blocking or self._state.held)

    def _next_move(self) -> Move:
        """Return what to do now; if the plan is used up, ask the policy first."""
        state, tracked = self._state, self._tracked
        if state.gave_up is not None:
            self._end("gave-up")
            return "end"
        if self.goals_met:
            self._end("done")
            return "end"
        if state.waiting or tracked.handed is None or self._planner_holds:
            return "wait"
        if tracked.next is not None:
            return "act"
        return "wait" if state.planner.busy else self._after_the_last()

    def _after_the_last(self) -> Move:
        """Decide what to do when the plan is used up and the belief does not meet the goals."""
        before = self._tracked.handed
        answer = self._state.used_up()
        if answer == "gave up":
            return self._next_move()
        if answer == "done":
            self._end("done")
            return "end"
        # A plan that took no time is already in hand, and may have nothing to fire either.
        return "wait" if self._tracked.handed is before else self._next_move()

    def _idle(self) -> Wait:
        self._asleep = True
        yield self._sleep.hold()

    def _wait(self, delay: float) -> Wait:
        if delay > 0:
            yield self._pause.set(delay)

    def _await_planner(self) -> Wait:
        """If thinking is blocking, wait until the planner has finished."""
        while self._blocking and self._state.planner.busy and self._state.gave_up is None:
            yield from self._idle()

    def _still(self, at: Place) -> Place | None:
        """Return the step in hand after a wait, perhaps in a new plan, or None if it has been withdrawn."""
        handed, place = self._tracked.handed, self._tracked.next
        if self._state.gave_up is not None or self.goals_met or handed is None or place is None:
            return None
        if handed is at[0]:
            return at if place == at[1] else None
        return (handed, place) if handed.plan.steps[place] is at[0].plan.steps[at[1]] else None

    def _bind(self, at: Place, wanted: Call | None) -> Bound:
        """Bind the call of a step: the one that came through the hand-off, the requested one, or a slip."""
        step = at[0].plan.steps[at[1]]
        call = at[0].calls[at[1]] if wanted is None else wanted
        if self._agent.minds == 2:
            mark = self._strikes_marked("slip", call)
            siblings = () if mark is None else self._scene.confusable(call)
            if mark is not None and siblings:
                call = siblings[int(mark * len(siblings))]
                return Bound(call, step, wanted is None or call != step.call)
        # A requested call that the plan does not name is a slip as well.
        return Bound(call, step, wanted is not None and call != step.call)

    def _judge(
        self, at: Place, bound: Bound
    ) -> Generator[simpy.Event, object, tuple[Place | None, Verdict | None]]:
        """Ask the policy whether the call may fire, and handle a refusal."""
        read: float | None = None
        while True:
            # A reading is fresh only at the instant at which it arrives.
            fresh = read == self._clock.now
            verdict = self._policy.before_fire(self._state.view(fresh), bound.step, bound.call)
            self._tracked.asked(at[1], bound.call, verdict.kind, verdict.reason, verdict.skip)
            if verdict.kind in FIRES:
                return at, verdict
            if verdict.kind != "read":
                yield from self._withhold(at, bound, verdict)
                return None, None
            if fresh:
                raise PolicyError(
                    f"{self._policy.name} asked twice for a fresh read for {bound.call}: decide when "
                    "view.fresh is true"
                )
            yield from self._fetch(bound.step.requires if at[0].informed else ())
            read = self._clock.now
            yield from self._await_planner()
            now = self._still(at)
            if now is None:
                return None, None
            at = now

    def _fetch(self, fluents: Iterable[str]) -> Wait:
        """Read fluents fresh; the values are taken half-way through the round trip."""
        trip = self._read()
        yield from self._wait(trip / 2)
        message = self._channel.read(fluents)
        yield from self._wait(trip / 2)
        self._state.deliver(message)
        self._heeds_goals = True

    def _withhold(self, at: Place, bound: Bound, verdict: Verdict) -> Wait:
        """Do not fire the call: block or skip it, request a plan, or give up."""
        now, kind, skip = self._clock.now, verdict.kind, verdict.skip
        if kind not in ("block", "replan", "give-up"):
            raise PolicyError(
                f"{self._policy.name} answered {kind!r} before firing {bound.call}: "
                "answer fire, warn, if-match, block, read, replan or give-up"
            )
        self._state.counts.blocks += kind == "block"
        if kind == "give-up":
            self._state.give_up(verdict.reason)
        elif skip:
            self._tracked.skipped(at[1])
        else:
            yield from self._replan(f"{kind}: {verdict.reason}" if verdict.reason else kind, verdict.after)
        # Whoever requested the call can replan from here on, though the executor may have to wait first.
        if self._report is not None:
            self._report(CallReport("skipped" if skip else "blocked", verdict.reason))
        if kind == "give-up":
            return
        since, times = self._withheld
        self._withheld = (now, times + 1 if since == now else 1)
        if self._withheld[1] > 1 and not skip:
            # Refused again at the same instant: time must pass, or nothing will ever change.
            yield from self._wait(self._duration())

    def _replan(self, reason: str, after: float) -> Wait:
        """Request a plan, perhaps after a delay, and wait for it, unless one has come in the meantime."""
        before = self._tracked.handed
        yield from self._wait(after)
        if self._tracked.handed is before and self._state.gave_up is None:
            self._state.held = True
            self._state.replan(reason)

    def _fire(self, at: Place, bound: Bound, verdict: Verdict) -> Wait:
        now, call = self._clock.now, bound.call
        declared = self._declare(at, bound.step, verdict)
        kind: str = verdict.kind
        if bound.carried:
            declared, kind = {**declared, **bound.carried}, "if-match"
        attempt = self._tracked.fired(at[1], call, kind, bound.slipped, tuple(declared))
        counts = self._state.counts
        counts.fired += 1
        counts.unfired_requests = 0
        latency, duration = self._latency(), self._duration()
        # This does not use `_wait`: another generator would cost every step of every episode some time.
        if latency > 0:
            yield self._pause.set(latency)
        key = self._key(call) if verdict.keyed else None
        effect = self._land(call, declared, key)
        told = self._told(attempt, effect, declared if verdict.hands_back else (), key)
        duration = max(duration, latency) + effect.extra
        lost = self._strikes("lost_ack", call)
        if lost:
            duration = max(duration, self._timeout())
        left = now + duration - self._clock.now
        if left > 0:
            yield self._pause.set(left)
        self._hear_back(attempt, effect, None if lost else told)
        yield from self._react(attempt, bound)
        if self._report is not None:
            self._report(self._reported(attempt, verdict, declared))
        self._tracked.settle_record()

    def _declare(self, at: Place, step: Step, verdict: Verdict) -> Declared:
        """Return what the call carries for the world to check: all or some of the assumptions it knows."""
        if verdict.kind != "if-match" or not at[0].informed:
            return {}
        names = list(step.requires)
        if verdict.declares < 1:
            draws = self._random["policy.declares"].random(len(names)).tolist()
            names = [name for name, draw in zip(names, draws, strict=True) if draw < verdict.declares]
        if verdict.compares == "latest":
            versions = self._state.belief.versions
            return {name: (step.requires[name], versions[name]) for name in names}
        if verdict.compares == "version":
            return {name: (step.requires[name], self._tracked.expected(at[1], name)) for name in names}
        return {name: (step.requires[name], None) for name in names}

    def _key(self, call: Call) -> int:
        """Return the key that a call carries: the one it carried before if nobody has answered that."""
        if call not in self._unanswered:
            self._unanswered[call] = self._environment.keys.fresh()
        return self._unanswered[call]

    def drop_keys(self) -> None:
        """Forget the keys of unanswered calls, because their work has been undone."""
        self._unanswered.clear()

    def _told(self, attempt: Attempt, effect: Effect, back: Iterable[str], key: int | None) -> ToldReadings:
        """Return what the answer to a call that has just landed says about fluents.

        Args:
            attempt: the call.
            effect: what it did.
            back: the fluents that a refusal hands back.
            key: the key that the call carried, if any.
        """
        keys, landed = self._environment.keys, attempt.record.landed
        if effect.reported != "ok":
            return ToldReadings(
                landed, self._tracked.reached.read(back) if effect.reported == "refused" else ()
            )
        if key is None:
            return ToldReadings(landed, attempt.readings)
        told = keys.answer(key) or ToldReadings(landed, attempt.readings)
        keys.remember(key, told)
        return told

    def _land(self, call: Call, declared: Declared, key: int | None) -> Effect:
        """Let the call reach the world."""
        faults = ("silent_success",) if self._strikes("silent_success", call) else ()
        effect = self._environment.answer(self._tracked, call, faults, declared, key)
        # Drawn for every call, so that the effects of one call do not depend on earlier calls.
        mark = self._strikes_marked("side_effects", call)
        if mark is not None and effect.outcome == "effective":
            self._environment.add_side_effects(self._tracked, call, mark)
        return effect

    def _hear_back(self, attempt: Attempt, effect: Effect, told: ToldReadings | None) -> None:
        """Receive the acknowledgment or, if there is none, time out."""
        call, step = attempt.record.call, attempt.step
        if told is None:
            message = self._channel.acknowledge((), attempt.record.landed)
            self._state.acknowledged(call, step, None, message)
            return
        self._unanswered.pop(call, None)
        message = self._channel.acknowledge(told.readings, told.taken)
        self._state.acknowledged(call, step, effect.reported, message)
        self._channel.answered()

    def _react(self, attempt: Attempt, bound: Bound) -> Wait:
        """Ask the policy how to react to the answer, and do it."""
        step, state = bound.step, self._state
        reaction = self._ask(attempt, refreshed=False)
        if reaction.kind == "verify":
            yield from self._fetch(step.writes)
            verified = step.shown_by(state.belief.values)
            self._tracked.checked(bound.call, verified)
            state.counts.answered(step.call, verified)
            reaction = self._ask(attempt, refreshed=False)
        elif reaction.kind == "refresh":
            handed = self._tracked.handed
            yield from self._fetch(step.requires if handed is not None and handed.informed else ())
            reaction = self._ask(attempt, refreshed=True)
        place = self._tracked.in_flight
        if reaction.kind != "retry":
            self._unanswered.pop(bound.call, None)
        if reaction.kind == "retry" and place is not None:
            self._tracked.retried(place)
        elif reaction.kind == "replan":
            yield from self._replan(reaction.reason, reaction.after)
        elif reaction.kind == "give-up":
            state.give_up(reaction.reason)

    def _ask(self, attempt: Attempt, refreshed: bool) -> Reaction:
        step, record = attempt.step, attempt.record
        failures = self._state.counts.failures.get(step.call, 0)
        answer = Acknowledgment(record.reported, record.verified, refreshed, failures)
        reaction = self._policy.answered(self._state.view(fresh=refreshed), step, answer)
        allowed = ("go-on", "verify", "refresh", "retry", "replan", "give-up")
        again = reaction.kind in ("verify", "refresh") and (refreshed or record.verified is not None)
        if reaction.kind not in allowed or again:
            raise PolicyError(
                f"{self._policy.name} answered {reaction.kind!r} to the answer of {step.call}: "
                f"answer {', '.join(allowed)}, and verify or refresh only once"
            )
        return reaction

    def _reported(self, attempt: Attempt, verdict: Verdict, declared: Declared) -> CallReport:
        """Return the report on a call that was answered, or timed out."""
        record = attempt.record
        reason = "fired anyway; " + verdict.reason if verdict.kind == "warn" else ""
        if record.verified is not None:
            reason = "its effects were seen" if record.verified else "its effects are missing"
        if record.reported in ("error", "refused"):
            needs = {**self._scene.requires(record.call), **{f: held for f, (held, _) in declared.items()}}
            wrong = {fluent: needs[fluent] for fluent in attempt.violated if fluent in needs}
            reason = Description.of(self._scene).refusal(record.call, wrong)
        return CallReport(record.reported or "no answer", reason)

    def _strikes(self, fault: str, call: Call) -> bool:
        """Return whether a fault strikes this call."""
        rate = self._rate(fault, call)
        return bool(rate) and self._random[f"agent.{fault}"].random() < rate

    def _strikes_marked(self, fault: str, call: Call) -> float | None:
        """Return a random mark, uniform on [0, 1), if a fault strikes this call, else None."""
        rate = self._rate(fault, call)
        if not rate:
            return None
        strikes, mark = self._random[f"agent.{fault}"].random(2)
        return mark if strikes < rate else None

    def _rate(self, fault: str, call: Call) -> float:
        rates: Rate = getattr(self._agent, fault)
        return rate_for(rates, call.action) if rates else 0.0
