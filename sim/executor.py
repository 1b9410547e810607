"""The executor: takes the next step, binds its call, asks the policy, fires, and waits for the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

import simpy

from sim.agent import Agent, rate_for
from sim.channel import Line
from sim.clock import ACTING, Pause
from sim.desk import Desk
from sim.errors import PolicyError
from sim.flight import Flight
from sim.intention import Intention
from sim.meter import Meter
from sim.picture import Reading
from sim.plan import Call, Step, Value
from sim.policy import Answered, Policy, Reaction, Verdict
from sim.stage import Stage
from sim.step_record import StepRecord
from sim.streams import Streams
from sim.trace import Trace
from sim.world import Scene

Wait = Generator[simpy.Event, object, None]


@dataclass(slots=True)
class Tallies:
    """What is counted of the calls that did not fire, and of the checks made after those that did."""

    mismatches_blocked: int = 0
    false_blocks: int = 0
    verified: int = 0


class Executor:
    """The executor of one episode, a SimPy process.

    Attributes:
        records: one record for each step fired whose call has reached the world.
        tallies: what is counted besides.
    """

    def __init__(
        self,
        env: simpy.Environment,
        scene: Scene,
        policy: Policy,
        agent: Agent,
        desk: Desk,
        stage: Stage,
        line: Line,
        meter: Meter,
        random: Streams,
        finish: Callable[[str], None],
        trace: Trace | None,
    ) -> None:
        self._env, self._scene, self._policy, self._agent = env, scene, policy, agent
        self._desk, self._stage, self._line, self._meter = desk, stage, line, meter
        self._random, self._end, self._trace = random, finish, trace
        self._duration = agent.step_duration.sampler(lambda: random["agent.step_duration"])
        self._latency = agent.action_latency.sampler(lambda: random["agent.action_latency"])
        self._prepare = agent.prepare_time.sampler(lambda: random["agent.prepare_time"])
        self._read = agent.read_latency.sampler(lambda: random["agent.read_latency"])
        self._timeout = agent.ack_timeout.sampler(lambda: random["agent.ack_timeout"])
        self._blocking = agent.thinking == "blocking"
        self._open_ended = not scene.goals
        self._pause = Pause(env)
        self._sleep = Pause(env)
        self._asleep = False
        # After a refused call the executor waits for the plan it asked for, even if thinking is concurrent.
        self._held = False
        self._refused: tuple[float, int] = (-1.0, 0)
        self._flight: Flight | None = None
        self._lost: set[Call] = set()
        self.records: list[StepRecord] = []
        self.tallies = Tallies()

    def wake(self) -> None:
        """Something has changed that the executor may be waiting for."""
        if self._asleep:
            self._asleep = False
            self._env.schedule(self._sleep, ACTING, 0)

    def run(self) -> Wait:
        """The process: a step at a time, until the agent is done, gives up, or the horizon ends it."""
        while not self._finished():
            if self._must_wait():
                yield from self._idle()
                continue
            intention = self._desk.intention
            assert intention is not None
            step = intention.next
            assert step is not None
            yield from self._take(intention, step)

    def close(self) -> None:
        """The episode is over: keep the record of a call that reached the world unanswered."""
        if self._flight is not None and self._flight.landed is not None:
            self.records.append(self._flight.record())
            self._flight = None

    def _idle(self) -> Wait:
        self._asleep = True
        self._sleep.callbacks = []
        yield self._sleep

    def _wait(self, delay: float) -> Wait:
        if delay > 0:
            yield self._pause.set(delay)

    def _finished(self) -> bool:
        desk = self._desk
        if desk.gave_up is not None:
            self._end("gave-up")
            return True
        if self._open_ended:
            return False
        if not desk.belief.unmet:
            self._end("done")
            return True
        intention = desk.intention
        if intention is None or intention.next is not None or desk.waiting or desk.planner.busy:
            return False
        decision = self._policy.used_up(desk.look())
        if decision.kind == "replan":
            if intention.fired or intention.plan.number == 1:
                desk.decide(decision)
            else:
                # A plan made for this very belief had nothing to fire: only news can help.
                desk.waiting = True
            return False
        self._end("gave-up" if decision.kind == "give-up" else "done")
        return True

    def _must_wait(self) -> bool:
        desk = self._desk
        if desk.waiting or desk.intention is None:
            return True
        busy = desk.planner.busy
        if not busy:
            self._held = False
        if busy and (self._blocking or self._held):
            return True
        if desk.intention.next is not None:
            return False
        if self._open_ended and not busy:
            intention = desk.intention
            if intention.fired or intention.plan.basis.taken < self._env.now:
                desk.decide(self._policy.used_up(desk.look()))
            else:
                # A plan made for this very belief had nothing to fire: only news can help.
                desk.waiting = True
        return desk.intention.next is None

    def _still(self, intention: Intention, step: int) -> tuple[Intention, int] | None:
        """After a wait: the step in hand, under a new plan perhaps, or None if it is withdrawn."""
        desk = self._desk
        if desk.gave_up is not None or (not desk.belief.unmet and not self._open_ended):
            return None
        now = desk.intention
        if now is intention:
            return (intention, step) if intention.next == step else None
        assert now is not None
        place = now.next
        if place is None or now.plan.steps[place].call != intention.plan.steps[step].call:
            return None
        return now, place

    def _take(self, intention: Intention, place: int) -> Wait:
        """One step, from binding its call to the answer; it may end at the gate."""
        call, slipped = self._bind(intention, place)
        at: tuple[Intention, int] | None = (intention, place)
        verdict: Verdict | None = None
        if self._policy.checks == "prepare":
            at, verdict = yield from self._judge(intention, place, call)
        prepare = self._prepare()
        if at is not None and prepare > 0:
            yield from self._wait(prepare)
            while self._blocking and self._desk.planner.busy and self._desk.gave_up is None:
                yield from self._idle()
            at = self._still(*at)
        if at is not None and verdict is None:
            at, verdict = yield from self._judge(*at, call)
        if at is not None and verdict is not None:
            yield from self._fire(*at, call, slipped, verdict)

    def _bind(self, intention: Intention, place: int) -> tuple[Call, bool]:
        call = intention.told[place]
        rate = rate_for(self._agent.slip, call.action)
        if rate and self._agent.minds == 2:
            random = self._random["agent.slip"]
            slips, which = random.random(2)
            siblings = self._scene.confusable(call) if slips < rate else ()
            if siblings:
                return siblings[int(which * len(siblings))], True
        return call, False

    def _judge(
        self, intention: Intention, place: int, call: Call
    ) -> Generator[simpy.Event, object, tuple[tuple[Intention, int] | None, Verdict | None]]:
        """Ask the policy whether the call may fire; a refusal is dealt with here."""
        desk = self._desk
        at: tuple[Intention, int] | None = (intention, place)
        desk.view.fresh = False
        while True:
            step = intention.plan.steps[place]
            verdict = self._policy.before_fire(desk.look(), step, call)
            if self._trace is not None:
                self._trace.add(
                    self._env.now, "verdict", plan=intention.plan.number, step=place,
                    call=str(call), verdict=verdict.kind, reason=verdict.reason,
                )  # fmt: skip
            if verdict.kind in ("fire", "warn"):
                return at, verdict
            if verdict.kind != "read":
                yield from self._refuse(intention, place, call, verdict)
                return None, None
            if desk.view.fresh:
                raise PolicyError(
                    f"{self._policy.name} asked for a fresh read twice for {call}: decide once "
                    "view.fresh is true"
                )
            yield from self._fetch(list(step.requires) if intention.informed else [])
            while self._blocking and desk.planner.busy and desk.gave_up is None:
                yield from self._idle()
            at = self._still(intention, place)
            if at is None:
                return None, None
            intention, place = at
            desk.view.fresh = True

    def _fetch(self, fluents: list[str]) -> Wait:
        """Read fluents fresh: the value is taken half-way through the round trip."""
        trip = self._read()
        yield from self._wait(trip / 2)
        message = self._line.read(fluents)
        yield from self._wait(trip / 2)
        self._desk.deliver(message)

    def _refuse(self, intention: Intention, place: int, call: Call, verdict: Verdict) -> Wait:
        desk, now = self._desk, self._env.now
        if verdict.kind == "give-up":
            desk.gave_up = verdict.reason or "the policy gave up"
            return
        if verdict.kind == "block":
            self._count_block(intention, place, call, verdict)
        elif verdict.kind != "replan":
            raise PolicyError(
                f"{self._policy.name} answered {verdict.kind!r} before the fire of {call}: "
                "answer fire, warn, block, read, replan or give-up"
            )
        if verdict.skip:
            self._meter.advance(now)
            intention.drop(place, self._stage.truth, desk.belief, now)
            self._meter.refresh()
        else:
            reason = f"{verdict.kind}: {verdict.reason}" if verdict.reason else verdict.kind
            yield from self._replan(reason, verdict.after)
        since, times = self._refused
        self._refused = (now, times + 1 if since == now else 1)
        if self._refused[1] > 1 and not verdict.skip:
            # Refused again at one instant: the clock must move, or nothing ever changes.
            yield from self._wait(self._duration())

    def _replan(self, reason: str, after: float) -> Wait:
        """Ask for a plan, later perhaps, and hold still until it is there; unless one came meanwhile."""
        before = self._desk.intention
        yield from self._wait(after)
        if self._desk.intention is before and self._desk.gave_up is None:
            self._held = True
            self._desk.replan(reason)

    def _count_block(self, intention: Intention, place: int, call: Call, verdict: Verdict) -> None:
        counts = self._desk.counts
        counts.blocks += 1
        counts.blocked_in_a_row += 1
        step, truth = intention.plan.steps[place], self._stage.truth.values
        if call != step.call:
            self.tallies.mismatches_blocked += 1
        elif verdict.skip:
            self.tallies.false_blocks += not _shows(truth, step)
        else:
            self.tallies.false_blocks += not intention.truth.direct >> place & 1

    def _fire(self, intention: Intention, place: int, call: Call, slipped: bool, verdict: Verdict) -> Wait:
        desk, now = self._desk, self._env.now
        step = intention.plan.steps[place]
        self._meter.advance(now)
        flight = self._flight = Flight(
            now, call, intention, place, verdict.kind, slipped, self._meter.now(),
            self._stage.truth, desk.belief, step.call in self._lost,
        )  # fmt: skip
        if self._trace is not None:
            self._trace.add(
                now, "fire", plan=intention.plan.number, step=place, call=str(call),
                planned=str(step.call),
            )  # fmt: skip
        intention.fire(place)
        desk.in_flight = step
        desk.counts.fired += 1
        desk.counts.blocked_in_a_row = 0
        desk.counts.unfired_requests = 0
        desk.storms.fired()
        self._meter.refresh()

        latency, duration = self._latency(), self._duration()
        yield from self._wait(latency)
        extra = self._land(flight, step)
        duration = max(duration, latency) + extra
        rate = rate_for(self._agent.lost_ack, call.action)
        lost = bool(rate) and self._random["agent.lost_ack"].random() < rate
        if lost:
            duration = max(duration, self._timeout())
        yield from self._wait(now + duration - self._env.now)
        self._hear_back(flight, step, lost)
        desk.in_flight = None
        yield from self._react(flight, step)
        self._flight = None
        self.records.append(flight.record())

    def _land(self, flight: Flight, step: Step) -> float:
        """The call reaches the world. Returns how much longer it takes than usual."""
        desk, truth, now = self._desk, self._stage.truth, self._env.now
        rate = rate_for(self._agent.silent_success, flight.call.action)
        silent = bool(rate) and self._random["agent.silent_success"].random() < rate
        answer = self._stage.answer(flight.call, silent)
        flight.land(now, answer, silent)
        flight.readings = tuple(Reading(f, value, truth.versions[f]) for f, value in step.writes.items())
        intention = desk.intention
        assert intention is not None
        self._meter.advance(now)
        place = intention.in_flight
        for fluent, value in answer.writes.items():
            if place is None or fluent not in step.writes:
                intention.truth.write(fluent, value, now)
        if place is not None:
            intention.truth.land(place, _shows(truth.values, step), truth, now)
        self._meter.refresh()
        if self._trace is not None:
            self._trace.add(
                now, "outcome", call=str(flight.call), outcome=answer.outcome,
                reported="error" if answer.outcome == "rejected" else "ok", silent=silent,
                violated=list(answer.violated),
                writes={f: [v, truth.versions[f]] for f, v in answer.writes.items()},
            )  # fmt: skip
        return answer.extra

    def _hear_back(self, flight: Flight, step: Step, lost: bool) -> None:
        """The acknowledgment comes, or its time runs out."""
        desk, now = self._desk, self._env.now
        assert flight.landed is not None
        failures = desk.counts.failures
        intention = desk.intention
        assert intention is not None
        place = intention.in_flight
        if lost:
            self._lost.add(step.call)
            if place is not None:
                self._meter.advance(now)
                intention.believed.land(place, _shows(desk.belief.values, step), desk.belief, now)
                self._meter.refresh()
        else:
            ok = flight.outcome != "rejected"
            flight.reported = "ok" if ok else "error"
            message = self._line.acknowledge(flight.readings if ok else (), flight.landed)
            desk.acknowledge(message, place, ok)
            desk.briefing.learn(message.readings)
            self._line.acted()
        if flight.reported == "ok":
            failures.pop(step.call, None)
        else:
            failures[step.call] = failures.get(step.call, 0) + 1

    def _react(self, flight: Flight, step: Step) -> Wait:
        """Ask the policy what to make of the answer, and do it."""
        desk, failures = self._desk, self._desk.counts.failures
        reported = flight.reported
        reaction = self._ask(step, Answered(reported, None, failures.get(step.call, 0)))
        if reaction.kind == "verify":
            self.tallies.verified += 1
            yield from self._fetch(list(step.writes))
            flight.verified = _shows(desk.belief.values, step)
            if flight.verified:
                failures.pop(step.call, None)
            else:
                failures[step.call] = failures.get(step.call, 0) + 1
            reaction = self._ask(step, Answered(reported, flight.verified, failures.get(step.call, 0)))
        if desk.intention is not None:
            place, desk.intention.in_flight = desk.intention.in_flight, None
            if reaction.kind == "retry" and place is not None:
                self._meter.advance(self._env.now)
                desk.intention.retry(place, self._stage.truth, desk.belief, self._env.now)
                self._meter.refresh()
        if reaction.kind == "replan":
            yield from self._replan(reaction.reason, reaction.after)
        elif reaction.kind == "give-up":
            desk.gave_up = reaction.reason or "the policy gave up"

    def _ask(self, step: Step, answer: Answered) -> Reaction:
        reaction = self._policy.answered(self._desk.look(), step, answer)
        allowed = ("go-on", "verify", "retry", "replan", "give-up")
        if reaction.kind not in allowed or (reaction.kind == "verify" and answer.verified is not None):
            raise PolicyError(
                f"{self._policy.name} answered {reaction.kind!r} to the answer of {step.call}: "
                f"answer {', '.join(allowed)}, and verify once"
            )
        return reaction


def _shows(values: Mapping[str, Value], step: Step) -> bool:
    """Whether a picture shows every effect of the step."""
    return all(values[f] == value for f, value in step.writes.items())
