"""The executor: takes the next step, binds its call, asks the policy, fires, and waits for the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Literal

import simpy

from plandrift.sim.engine.agent_state import AgentState
from plandrift.sim.engine.attempt import Attempt, Attempts, Bound
from plandrift.sim.engine.channel_process import Line
from plandrift.sim.engine.environment import Declared, Environment
from plandrift.sim.engine.handoff import Brief
from plandrift.sim.engine.setup import Setup
from plandrift.sim.interfaces.policy import Acknowledgment, Reaction, Verdict
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.settings.agent import rate_for
from plandrift.sim.terms.calls import Call, Step
from plandrift.sim.terms.clock import Pause
from plandrift.sim.terms.errors import PolicyError

Wait = Generator[simpy.Event, object, None]
Place = tuple[Brief, int]
"""A step in hand: the plan that it is of, and its place in it."""

FIRES = ("fire", "warn", "if-match")


class Executor:
    """The executor of one episode, a SimPy process.

    Attributes:
        records: one record for each step fired whose call has reached the world.
    """

    def __init__(
        self,
        setup: Setup,
        state: AgentState,
        environment: Environment,
        line: Line,
        end: Callable[[str], None],
    ) -> None:
        self._clock, self._scene, self._policy = setup.clock, setup.scene, setup.policy
        self._agent, self._random = setup.agent, setup.random
        self._state, self._tracked = state, state.tracked
        self._environment, self._line, self._end = environment, line, end
        agent, random = setup.agent, setup.random
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
        self._withheld: tuple[float, int] = (-1.0, 0)
        self._attempt: Attempt | None = None
        self._attempts = Attempts()
        self.records: list[StepRecord] = []

    def wake(self) -> None:
        """Something has changed that the executor may be waiting for."""
        if self._asleep and (self._state.gave_up is not None or self._done or not self._planner_holds):
            self._asleep = False
            self._sleep.end()

    def run(self) -> Wait:
        """The process: a step at a time, until the agent is done, gives up, or the horizon ends it."""
        while True:
            move = self._next_move()
            if move == "end":
                return
            if move == "wait":
                yield from self._idle()
                continue
            brief, place = self._tracked.brief, self._tracked.next
            assert brief is not None
            assert place is not None
            yield from self.carry_out((brief, place))

    def close(self) -> None:
        """The episode is over: keep the record of a call that reached the world unanswered."""
        if self._attempt is not None and self._attempt.landed is not None:
            self.records.append(self._attempt.record())
            self._attempt = None

    @property
    def _planner_holds(self) -> bool:
        """Whether the executor may not go on before the planner hands a plan over."""
        return self._state.planner.busy and (self._blocking or self._state.held)

    def _next_move(self) -> Literal["act", "wait", "end"]:
        """What there is to do now. A plan that is used up is first asked about."""
        state, tracked = self._state, self._tracked
        if state.gave_up is not None:
            self._end("gave-up")
            return "end"
        if self._done:
            self._end("done")
            return "end"
        if state.waiting or tracked.brief is None or self._planner_holds:
            return "wait"
        if tracked.next is not None:
            return "act"
        return "wait" if state.planner.busy else self._after_the_last()

    @property
    def _done(self) -> bool:
        """Whether the belief meets the goals; where there are none the agent is never done."""
        return not self._open_ended and not self._tracked.belief.unmet

    def _after_the_last(self) -> Literal["act", "wait", "end"]:
        """The plan is used up and the belief does not meet the goals: done, or replan?"""
        state, tracked = self._state, self._tracked
        assert tracked.brief is not None
        plan = tracked.brief.plan
        decision = self._policy.used_up(state.look())
        if decision.kind == "give-up":
            state.give_up(decision.reason)
            return self._next_move()
        if decision.kind == "keep" and not self._open_ended:
            self._end("done")
            return "end"
        first = plan.basis.taken < self._clock.now if self._open_ended else plan.number == 1
        if not tracked.fired_of_plan and not first:
            # A plan made for this very belief had nothing to fire: only news can help.
            state.waiting = True
            return "wait"
        state.decide(decision, "a plan used up")
        return "wait" if tracked.next is None or self._planner_holds else "act"

    def _idle(self) -> Wait:
        self._asleep = True
        yield self._sleep.hold()

    def _wait(self, delay: float) -> Wait:
        if delay > 0:
            yield self._pause.set(delay)

    def _await_planner(self) -> Wait:
        """Where thinking blocks, hold still until the planner is through."""
        while self._blocking and self._state.planner.busy and self._state.gave_up is None:
            yield from self._idle()

    def _still(self, at: Place) -> Place | None:
        """After a wait: the step in hand, under a new plan perhaps, or None if it is withdrawn."""
        brief, place = self._tracked.brief, self._tracked.next
        if self._state.gave_up is not None or self._done or brief is None or place is None:
            return None
        if brief is at[0]:
            return at if place == at[1] else None
        return (brief, place) if brief.plan.steps[place] is at[0].plan.steps[at[1]] else None

    def carry_out(self, start: Place) -> Wait:
        """One step, from binding its call to the answer; it may end at the gate."""
        bound = self._bind(start)
        at: Place | None = start
        verdict: Verdict | None = None
        if self._policy.checks == "prepare":
            at, verdict = yield from self._judge(start, bound)
        prepare = self._prepare()
        if at is not None and prepare > 0:
            yield from self._wait(prepare)
            yield from self._await_planner()
            at = self._still(at)
        if at is not None and verdict is None:
            at, verdict = yield from self._judge(at, bound)
        if at is not None and verdict is not None:
            yield from self._fire(at, bound, verdict)

    def _told(self, at: Place) -> Call:
        """The call that is to be bound to a step: the one that came through the hand-off for it."""
        return at[0].told[at[1]]

    def _bind(self, at: Place) -> Bound:
        call, step = self._told(at), at[0].plan.steps[at[1]]
        rate = rate_for(self._agent.slip, call.action)
        if rate and self._agent.minds == 2:
            random = self._random["agent.slip"]
            slips, which = random.random(2)
            siblings = self._scene.confusable(call) if slips < rate else ()
            if siblings:
                return Bound(siblings[int(which * len(siblings))], step, True)
        return Bound(call, step, False)

    def _judge(
        self, at: Place, bound: Bound
    ) -> Generator[simpy.Event, object, tuple[Place | None, Verdict | None]]:
        """Ask the policy whether the call may fire; a refusal is dealt with here."""
        read: float | None = None
        while True:
            # A reading is fresh for the instant at which it arrives, and old after any wait.
            fresh = read == self._clock.now
            verdict = self._policy.before_fire(self._state.look(fresh), bound.step, bound.call)
            self._tracked.asked(at[1], bound.call, verdict.kind, verdict.reason, verdict.skip)
            if verdict.kind in FIRES:
                return at, verdict
            if verdict.kind != "read":
                yield from self._withhold(at, bound, verdict)
                return None, None
            if fresh:
                raise PolicyError(
                    f"{self._policy.name} asked for a fresh read twice for {bound.call}: decide once "
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
        """Read fluents fresh: the value is taken half-way through the round trip."""
        trip = self._read()
        yield from self._wait(trip / 2)
        message = self._line.read(fluents)
        yield from self._wait(trip / 2)
        self._state.deliver(message)

    def _withhold(self, at: Place, bound: Bound, verdict: Verdict) -> Wait:
        """The call does not fire: it is blocked or passed over, a plan is asked for, or it is given up."""
        now = self._clock.now
        if verdict.kind == "give-up":
            self._state.give_up(verdict.reason)
            return
        if verdict.kind == "block":
            self._state.counts.blocks += 1
            self._state.counts.blocked_in_a_row += 1
        elif verdict.kind != "replan":
            raise PolicyError(
                f"{self._policy.name} answered {verdict.kind!r} before the fire of {bound.call}: "
                "answer fire, warn, if-match, block, read, replan or give-up"
            )
        if verdict.skip:
            self._tracked.skipped(at[1])
        else:
            reason = f"{verdict.kind}: {verdict.reason}" if verdict.reason else verdict.kind
            yield from self._replan(reason, verdict.after)
        since, times = self._withheld
        self._withheld = (now, times + 1 if since == now else 1)
        if self._withheld[1] > 1 and not verdict.skip:
            # Refused again at one instant: the clock must move, or nothing ever changes.
            yield from self._wait(self._duration())

    def _replan(self, reason: str, after: float) -> Wait:
        """Ask for a plan, later perhaps, and hold still until one is there; unless one came meanwhile."""
        before = self._tracked.brief
        yield from self._wait(after)
        if self._tracked.brief is before and self._state.gave_up is None:
            self._state.held = True
            self._state.replan(reason)

    def _fire(self, at: Place, bound: Bound, verdict: Verdict) -> Wait:
        state, tracked, now = self._state, self._tracked, self._clock.now
        (brief, place), step, call = at, bound.step, bound.call
        declared = self._declare(at, step, verdict)
        kind, names = verdict.kind, tuple(declared)
        attempt = self._attempt = Attempt(
            bound=bound,
            plan=(brief.plan.number, place),
            standing=tracked.fired(place, call, kind, bound.slipped, names),
            verdict=kind,
            number=self._attempts.number(step),
            time=now,
            declared=names,
            retried=step.call in self._attempts.lost,
            erred=place in brief.plan.wrong,
        )
        state.fired()
        latency, duration = self._latency(), self._duration()
        yield from self._wait(latency)
        duration = max(duration, latency) + self._land(attempt, declared)
        rate = rate_for(self._agent.lost_ack, call.action)
        lost = bool(rate) and self._random["agent.lost_ack"].random() < rate
        if lost:
            duration = max(duration, self._timeout())
        yield from self._wait(now + duration - self._clock.now)
        self._hear_back(attempt, lost)
        yield from self._react(attempt)
        self._attempt = None
        self.records.append(attempt.record())

    def _declare(self, at: Place, step: Step, verdict: Verdict) -> Declared:
        """What the call carries for the world to check: the assumptions the executor knows, or a share."""
        if verdict.kind != "if-match" or not at[0].informed:
            return {}
        names = list(step.requires)
        if verdict.declares < 1:
            draws = self._random["policy.declares"].random(len(names)).tolist()
            names = [name for name, draw in zip(names, draws, strict=True) if draw < verdict.declares]
        if verdict.compares == "version":
            return {name: (step.requires[name], self._tracked.expected(at[1], name)) for name in names}
        return {name: (step.requires[name], None) for name in names}

    def _land(self, attempt: Attempt, declared: Declared) -> float:
        """The call reaches the world. Returns how much longer it takes than usual."""
        call = attempt.bound.call
        rate = rate_for(self._agent.silent_success, call.action)
        silent = bool(rate) and self._random["agent.silent_success"].random() < rate
        effect = self._environment.answer(call, silent, declared)
        attempt.land(self._clock.now, effect, silent, self._tracked)
        more = rate_for(self._agent.side_effects, call.action)
        if more:
            # Drawn for every call, so that what one call brings about does not depend on the ones before.
            happens, mark = self._random["agent.side_effects"].random(2)
            if effect.outcome == "effective" and happens < more:
                self._environment.add_side_effects(call, mark)
        self._attempts.landed(attempt.bound.step, effect)
        return effect.extra

    def _hear_back(self, attempt: Attempt, lost: bool) -> None:
        """The acknowledgment comes, or its time runs out."""
        assert attempt.landed is not None
        call, step = attempt.bound.call, attempt.bound.step
        if lost:
            self._attempts.lost.add(step.call)
            nothing = self._line.acknowledge((), attempt.landed)
            self._state.acknowledged(call, step, None, nothing)
            return
        reported = attempt.reported = attempt.effect.reported
        readings = attempt.readings if reported == "ok" else ()
        self._state.acknowledged(call, step, reported, self._line.acknowledge(readings, attempt.landed))
        self._line.acted()

    def _react(self, attempt: Attempt) -> Wait:
        """Ask the policy what to make of the answer, and do it."""
        step, failures = attempt.bound.step, self._state.counts.failures
        reaction = self._ask(attempt, refreshed=False)
        if reaction.kind == "verify":
            yield from self._fetch(step.writes)
            attempt.verified = step.shown_by(self._tracked.belief.values)
            self._tracked.checked(attempt.bound.call, attempt.verified)
            if attempt.verified:
                failures.pop(step.call, None)
            else:
                failures[step.call] = failures.get(step.call, 0) + 1
            reaction = self._ask(attempt, refreshed=False)
        elif reaction.kind == "refresh":
            brief = self._tracked.brief
            yield from self._fetch(step.requires if brief is not None and brief.informed else ())
            reaction = self._ask(attempt, refreshed=True)
        place = self._tracked.in_flight
        if reaction.kind == "retry" and place is not None:
            self._tracked.retried(place)
        elif reaction.kind == "replan":
            yield from self._replan(reaction.reason, reaction.after)
        elif reaction.kind == "give-up":
            self._state.give_up(reaction.reason)

    def _ask(self, attempt: Attempt, refreshed: bool) -> Reaction:
        step = attempt.bound.step
        failures = self._state.counts.failures.get(step.call, 0)
        answer = Acknowledgment(attempt.reported, attempt.verified, refreshed, failures)
        reaction = self._policy.answered(self._state.look(fresh=refreshed), step, answer)
        allowed = ("go-on", "verify", "refresh", "retry", "replan", "give-up")
        again = reaction.kind in ("verify", "refresh") and (refreshed or attempt.verified is not None)
        if reaction.kind not in allowed or again:
            raise PolicyError(
                f"{self._policy.name} answered {reaction.kind!r} to the answer of {step.call}: "
                f"answer {', '.join(allowed)}, and verify or refresh once"
            )
        return reaction
