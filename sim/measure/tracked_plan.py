"""The tracked plan: one agent's plan in hand, compared over time with the truth and with the agent's belief.

Everything that changes a staleness figure goes through a method of `TrackedPlan`, or is a write by somebody
else, which the truth announces beforehand. Each method updates the belief, both stale sets and the integrals
and adds its event to the trace, so that no caller has to keep them in step.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from plandrift.sim.measure.attempt import Attempt, Attempts
from plandrift.sim.measure.blame import Blame
from plandrift.sim.measure.meter import BeliefAge, Meter, Shares
from plandrift.sim.measure.plan_history import PlanHistory
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import Belief, Message, Reading, Truth, Writer
from plandrift.sim.terms.plan import Basis, HandedPlan
from plandrift.sim.terms.staleness import StaleSet
from plandrift.sim.trace.events import (
    Acknowledged,
    Asked,
    Checked,
    Delivered,
    Fired,
    HandedOver,
    Landed,
    Retried,
    Skipped,
)
from plandrift.sim.trace.files import Trace

Answered = Literal["ok", "error", "refused"] | None
"""What the executor is told about a call; None if no answer came in time."""


class Clock(Protocol):
    """Anything that can tell the time."""

    @property
    def now(self) -> float:
        """The current time."""
        ...


@dataclass(slots=True)
class Tallies:
    """Counts of calls that did not fire, reads, checks after a fire, and unplanned writes."""

    blocks: int = 0
    mismatches_blocked: int = 0
    false_blocks: int = 0
    verified: int = 0
    reads: int = 0
    side_effects: int = 0


class TrackedPlan:
    """The plan in hand of one agent.

    Attributes:
        truth: what every fluent really holds.
        belief: what the agent last heard of each fluent; only the methods of this class write to it.
        goals: the value that each of the agent's goal fluents should hold.
        writer: the author of the agent's planned writes.
        handed: the plan in hand as it came through the hand-off, None before the first.
        chosen: the step to fire next out of turn, None for the first that is left.
        fired_of_plan: how many calls have been fired for the plan in hand.
        attempt: the call in flight or last answered, None before the first.
        records: one record for each call that has reached the world and been dealt with.
        under_way: the step, of whichever plan, whose call has been sent but not yet answered.
        in_flight: the index of that step in the plan in hand, if it is there; kept until the next fire.
        effect_shown_at: the value of `Belief.changes` when news first showed the effect of the last call;
            None if no news has (an answer is not news).
        meter: the integrals.
        belief_age: the age of the belief about the kernel.
        history: the sequence of plans.
        tallies: the other counts.
    """

    __slots__ = (
        "_attempts",
        "_believed",
        "_besides",
        "_blame",
        "_clock",
        "_fired_at",
        "_landed",
        "_last_goals_first",
        "_measured",
        "_real",
        "_shares",
        "_trace",
        "_written",
        "_wrote",
        "attempt",
        "belief",
        "belief_age",
        "chosen",
        "effect_shown_at",
        "fired_of_plan",
        "goals",
        "handed",
        "history",
        "in_flight",
        "meter",
        "records",
        "tallies",
        "truth",
        "under_way",
        "writer",
    )

    def __init__(
        self,
        clock: Clock,
        truth: Truth,
        belief: Belief,
        meter: Meter,
        belief_age: BeliefAge,
        trace: Trace | None = None,
        number: int = 0,
    ) -> None:
        """Start watching the truth.

        Args:
            clock: tells the time.
            truth: what every fluent really holds.
            belief: the agent's belief.
            meter: computes the integrals.
            belief_age: measures the age of the belief.
            trace: receives the events, None to keep none.
            number: the number of the agent.
        """
        self._clock, self._trace = clock, trace
        self.truth, self.belief, self.goals = truth, belief, belief.goals
        # The goals that a plan reaches last stay open longest, so they are checked first.
        self._last_goals_first = tuple(reversed(list(belief.goals.items())))
        self.meter, self.belief_age = meter, belief_age
        self.writer, self._besides = Writer(number, True), Writer(number, False)
        self.history, self.tallies = PlanHistory(), Tallies()
        self._shares = Shares()
        self._measured = True
        self._real: StaleSet
        self._believed: StaleSet
        self.handed: HandedPlan | None = None
        self.chosen: int | None = None
        self.fired_of_plan = 0
        self.attempt: Attempt | None = None
        self._attempts, self._blame = Attempts(), Blame(truth, number)
        self.records: list[StepRecord] = []
        self.under_way: Step | None = None
        self.in_flight: int | None = None
        self.effect_shown_at: int | None = None
        self._landed, self._fired_at = False, 0.0
        # The version that each fluent got from the call in flight.
        self._wrote: dict[str, int] = {}
        # A mask of the steps of the plan in hand that were reported to have written their effects.
        self._written = 0
        truth.watchers.append(self)

    # What can happen, named as in the design. Each method has a matching event in `sim.trace.events`.

    def before_write(self, fluent: str, value: Value) -> None:
        """Note that somebody other than this plan is about to write a fluent."""
        if self.handed is None or not (self._real.depends_on(fluent) or self.meter.missed is not None):
            return
        self._advance(self._clock.now)
        self._real.write(fluent, value)

    def side_effect(self, fluent: str, value: Value) -> Reading:
        """Note an unplanned change made by the call that has just landed; return a reading of the fluent."""
        self.tallies.side_effects += 1
        return self.truth.write(fluent, value, self._clock.now, self._besides)

    def heard(self, message: Message) -> list[str]:
        """Take news into the belief; return the fluents whose believed value or version it changed."""
        belief, now, taken = self.belief, self._clock.now, message.taken
        self._settle(now)
        self.tallies.reads += message.by == "read"
        changed = [reading for reading in message.readings if belief.hear(taken, reading)]
        if self.handed is not None and changed:
            own = () if self.under_way is None else self._known_to_have_landed(message, changed)
            for reading in changed:
                if reading.fluent not in own and self._believed.depends_on(reading.fluent):
                    self._advance(now)
                    self._believed.write(reading.fluent, reading.value)
            if own and self.in_flight is not None:
                self._advance(now)
                self._believed.land(self.in_flight, belief, now)
                assert self.under_way is not None
                self._written |= self.under_way.shown_by(belief.values) << self.in_flight
        if self._trace is not None:
            number, by, own_news = message.number, message.by, message.own
            self._trace.add(Delivered(now, number, by, own_news, taken, message.readings))
        return [reading.fluent for reading in changed]

    def adopted(self, handed: HandedPlan) -> None:
        """Take a plan that came through the hand-off as the plan in hand from now on."""
        now, plan = self._clock.now, handed.plan
        if self._trace is not None:
            self._trace.add(_handed_over(now, handed))
        before = self.rest
        self._up_to_now()
        kept = self._serves(handed)
        self.handed, self.fired_of_plan, self.in_flight, self.chosen = handed, 0, handed.in_flight, None
        known = [*handed.done, *([] if self.effect_shown_at is None else [handed.in_flight])]
        self._written = sum(
            1 << place
            for place in known
            if place is not None and plan.steps[place].shown_by(self.belief.values)
        )
        if kept:
            self._real.rebase()
            self._believed.rebase()
        else:
            self._real = StaleSet(plan.dependencies, self.truth)
            self._believed = StaleSet(plan.dependencies, self.belief)
        basis, read = plan.basis, plan.dependencies.read
        apart = _apart(basis, read(self.truth.versions))
        if handed.in_flight is not None and self._landed:
            # The writes of the call in flight count as this plan's own.
            versions = self.truth.versions
            apart = [fluent for fluent in apart if self._wrote.get(fluent) != versions[fluent]]
        self._real.written_before(apart)
        if basis.changes != self.belief.changes:
            self._believed.written_before(_apart(basis, read(self.belief.versions)))
        for place in handed.done:
            self._pass_over(place, now)
        if handed.in_flight is not None and not kept:
            self._let_fly(handed.in_flight, now)
        self.meter.take_up(basis.taken)
        self.history.adopted(before, self.rest)

    def asked(self, place: int, call: Call, verdict: str, reason: str, skip: bool) -> None:
        """Note what the policy said when asked whether the call of a step may fire (see `Verdict`)."""
        handed, tallies = self.handed, self.tallies
        assert handed is not None
        if self._trace is not None:
            number, now = handed.plan.number, self._clock.now
            self._trace.add(Asked(now, number, place, call, verdict, reason, skip))
        if verdict == "block":
            step = handed.plan.steps[place]
            tallies.blocks += 1
            if call != step.call:
                tallies.mismatches_blocked += 1
            elif skip:
                tallies.false_blocks += not step.shown_by(self.truth.values)
            else:
                tallies.false_blocks += not self._real.direct >> place & 1

    def fired(
        self,
        place: int,
        call: Call,
        verdict: str = "fire",
        slipped: bool = False,
        declared: tuple[str, ...] = (),
    ) -> Attempt:
        """Note that a step's call was sent; return the attempt, with the staleness figures just before."""
        self.settle_record()
        now, handed = self._clock.now, self.handed
        assert handed is not None
        step = handed.plan.steps[place]
        attempt = self.attempt = self._attempt_at(handed, place, step, call, verdict, declared)
        attempt.bound(slipped, place in handed.plan.wrong, step.call in self._attempts.lost)
        self._up_to_now()
        if self._trace is not None:
            number = handed.plan.number
            self._trace.add(Fired(now, number, place, call, step.call, verdict, slipped, declared))
        self.under_way, self.in_flight, self._fired_at = step, place, now
        self._landed, self.effect_shown_at = False, None
        self.fired_of_plan += 1
        self.history.fired()
        self._real.fire(place)
        self._believed.fire(place)
        return attempt

    def landed(self, call: Call, effect: Effect, faults: tuple[str, ...] = ()) -> tuple[Reading, ...]:
        """Note that the call in flight reached the world with this effect; return readings of what it wrote.

        Args:
            call: the call.
            effect: what it really did.
            faults: the causes of the faults that struck it on its way, except slips.
        """
        truth, now, step, place = self.truth, self._clock.now, self.under_way, self.in_flight
        attempt = self.attempt
        assert step is not None
        assert attempt is not None
        self._advance(now)
        writer = self.writer
        failing_for = self._blame.landing(step, effect)
        written = tuple([truth.write(fluent, value, now, writer) for fluent, value in effect.writes.items()])
        for reading in written:
            if place is None or reading.fluent not in step.writes:
                self._real.write(reading.fluent, reading.value)
        self._landed = True
        self._wrote = {reading.fluent: reading.version for reading in written}
        if place is not None:
            self._real.land(place, truth, now)
        attempt.land(now, effect, faults, failing_for)
        versions = truth.versions
        attempt.readings = tuple([Reading(f, value, versions[f]) for f, value in step.writes.items()])
        self._attempts.landed(step, effect)
        if self._trace is not None:
            writes = {r.fluent: (r.value, r.version) for r in written}
            silent = "silent_success" in faults
            others = tuple([name for name in faults if name != "silent_success"])
            outcome, reported = effect.outcome, effect.reported
            self._trace.add(
                Landed(now, call, place, outcome, reported, silent, effect.violated, writes, others)
            )
        return written

    def acknowledged(self, call: Call, reported: Answered, message: Message) -> None:
        """Note what the executor was told about its call; `reported` is None if it gave up waiting."""
        now, step, place, belief = self._up_to_now(), self.under_way, self.in_flight, self.belief
        attempt = self.attempt
        assert step is not None
        assert attempt is not None
        attempt.record.reported = reported
        self._blame.answered(step, reported)
        if reported is None:
            self._attempts.lost.add(step.call)
        changed = False
        for reading in message.readings:
            if belief.hear(message.taken, reading):
                changed = True
                if place is None or reading.fluent not in step.writes:
                    self._believed.write(reading.fluent, reading.value)
        if place is not None:
            if changed or self._believed.unlanded >> place & 1:
                self._believed.land(place, belief, now)
            if reported is None or reported == "ok":
                self._written |= step.shown_by(belief.values) << place
        belief.changes += 1
        self.under_way = None
        if self._trace is not None:
            self._trace.add(Acknowledged(now, call, place, reported, message.taken, message.readings))

    def checked(self, call: Call, verified: bool) -> None:
        """Note that the effects of a call were read back."""
        self.tallies.verified += 1
        assert self.attempt is not None
        self.attempt.record.verified = verified
        if self._trace is not None:
            self._trace.add(Checked(self._clock.now, call, verified))

    def skipped(self, place: int) -> None:
        """Skip a step, taking its work as done."""
        now = self._up_to_now()
        if self._trace is not None:
            self._trace.add(Skipped(now, self._number, place))
        self._pass_over(place, now)

    def retried(self, place: int) -> None:
        """Take back a step that was fired, to fire it once more."""
        now = self._up_to_now()
        if self._trace is not None:
            self._trace.add(Retried(now, self._number, place))
        self._written &= ~(1 << place)
        assert self.handed is not None
        basis = self.handed.plan.basis
        versions = dict(zip(basis.names, basis.versions, strict=True))
        self._real.retry(place, self.truth, versions)
        self._believed.retry(place, self.belief, versions)

    def ended(self) -> None:
        """Bring everything up to date at the end of the episode."""
        self._up_to_now()
        self.settle_record()

    def settle_record(self) -> None:
        """Keep the record of the last call, now complete, if the call has reached the world."""
        attempt = self.attempt
        if attempt is not None and attempt.landed:
            self.records.append(attempt.settled())
            self.attempt = None

    # What the agent can tell about the plan in hand from its belief.

    @property
    def next(self) -> int | None:
        """Return the index of the next step to fire, or None if there is no plan or it is used up.

        It is the first step left, unless another has been chosen.
        """
        if self.handed is None:
            return None
        unfired = self._believed.unfired
        if self.chosen is not None and unfired >> self.chosen & 1:
            return self.chosen
        return (unfired & -unfired).bit_length() - 1 if unfired else None

    @property
    def rest(self) -> list[Step]:
        """Return the steps of the plan in hand that have not been fired."""
        if self.handed is None:
            return []
        unfired = self._believed.unfired
        return [step for i, step in enumerate(self.handed.plan.steps) if unfired >> i & 1]

    @property
    def perceived(self) -> StaleSet | None:
        """The stale set judged against the belief (read-only); None before the first plan."""
        return None if self.handed is None else self._believed

    def expected(self, place: int, fluent: str) -> int:
        """Return the version that a fluent required by a step should have, as far as the agent knows.

        That is the version at the basis or, if an earlier step of the plan should have written the fluent,
        the version reported after that write (-1 if none was reported).
        """
        assert self.handed is not None
        plan = self.handed.plan
        source = plan.dependencies.sources[place][fluent]
        if source is None:
            return plan.basis.fluents[fluent].version
        return self._believed.settled(fluent) if self._written >> source & 1 else -1

    def kernel_age(self, now: float) -> float:
        """Return the mean age of the belief over the kernel's fluents, 0 if there are none."""
        return 0.0 if self.handed is None else self.belief_age.now(self._believed.kernel(), now)

    @property
    def reached(self) -> Truth:
        """The state that the agent's calls reach."""
        return self.truth

    # How the plan in hand really stands: for records, traces and pictures, never for a policy.

    @property
    def measured(self) -> StaleSet | None:
        """The stale set judged against the truth (read-only); None before the first plan."""
        return None if self.handed is None else self._real

    @property
    def shares(self) -> Shares:
        """Return the staleness figures at this moment."""
        if not self._measured and self.handed is not None:
            self._shares.measure(self._real, self._believed)
            self._measured = True
        return self._shares

    @property
    def _number(self) -> int:
        return 0 if self.handed is None else self.handed.plan.number

    def _serves(self, handed: HandedPlan) -> bool:
        """Return whether the existing stale sets fit the new plan: the same steps, at the same progress.

        They remember when a step that is to be repeated had landed, which new ones could not.
        """
        old, plan = self.handed, handed.plan
        if old is None or handed.done or old.plan.steps != plan.steps or old.plan.goals != plan.goals:
            return False
        place, steps = handed.in_flight, (1 << len(plan.steps)) - 1
        flying = 0 if place is None else 1 << place
        if place is not None and self._landed and not plan.steps[place].shown_by(self.truth.values):
            return False
        nodes = steps | steps + 1
        landed = flying if self._landed else 0
        known = flying if self.effect_shown_at is not None else 0
        return (
            self._real.unfired == self._believed.unfired == steps & ~flying
            and self._real.unlanded == nodes & ~landed
            and self._believed.unlanded == nodes & ~known
        )

    def _let_fly(self, place: int, now: float) -> None:
        """Mark a step of the new plan as already in flight."""
        self._real.fire(place)
        self._believed.fire(place)
        if self._landed:
            self._real.land(place, self.truth, now)
        if self.effect_shown_at is not None:
            self._believed.land(place, self.belief, now)

    def _pass_over(self, place: int, now: float) -> None:
        self._real.fire(place)
        self._real.land(place, self.truth, now)
        self._believed.fire(place)
        self._believed.land(place, self.belief, now)

    def _known_to_have_landed(self, message: Message, changed: Sequence[Reading]) -> Collection[str]:
        """Return the changed fluents that show that the call in flight has landed.

        News of the agent's own write shows it, if taken since the fire. A snapshot does not say whose writes
        it contains: it counts if it was taken since the fire and everything that the call should write now
        has its value. A push of somebody else's write never counts.
        """
        step = self.under_way
        if step is None or message.taken < self._fired_at:
            return ()
        writes = step.writes
        if not [reading for reading in changed if reading.fluent in writes]:
            return ()
        if not message.own and (message.by == "push" or not step.shown_by(self.belief.values)):
            return ()
        if self.effect_shown_at is None:
            self.effect_shown_at = self.belief.changes
        return writes if self.in_flight is not None else ()

    def _up_to_now(self) -> float:
        """Bring everything up to the present, before the plan or its progress changes; return the time."""
        now = self._clock.now
        self._settle(now)
        self._advance(now)
        return now

    def _advance(self, now: float) -> None:
        """Bring the integrals up to the present, before something that they depend on changes."""
        meter, missed = self.meter, self.meter.missed
        span = meter.advance(now, self.shares) if now > meter.last else 0.0
        # Measured when next needed, so that several changes at one instant cost only one measurement.
        self._measured = False
        if missed is not None:
            if span and self._shares.valid:
                ahead = [self.under_way.call] if self.under_way and self.in_flight is not None else []
                missed.add(span, [step.call for step in self.rest], ahead, self.truth.values)
            missed.changed()

    def _settle(self, now: float) -> None:
        """Bring the age of the belief up to the present, before the kernel or a stamp changes."""
        if now != self.belief_age.last:
            self.belief_age.settle(now, None if self.handed is None else self._believed)

    def _goals_hold(self) -> bool:
        """Return whether the world meets every goal; False if there are none."""
        values = self.truth.values
        for fluent, wanted in self._last_goals_first:
            if values[fluent] != wanted:
                return False
        return bool(self._last_goals_first)

    def _attempt_at(
        self,
        handed: HandedPlan,
        place: int,
        step: Step,
        call: Call,
        verdict: str,
        declared: tuple[str, ...],
    ) -> Attempt:
        """Return the attempt that begins now, with the figures of plan and step."""
        now, shares, real, held = self._clock.now, self.shares, self._real, self.belief.values
        violated = real.violated(place) if real.direct >> place & 1 else []
        broken = tuple([f for f, value in step.requires.items() if held[f] != value])
        plan = handed.plan
        record = StepRecord(
            now,
            place,
            call,
            step.call,
            plan.number,
            self._attempts.number(step),
            now - plan.basis.taken,
            shares.plan,
            shares.direct,
            shares.perceived,
            shares.blind,
            shares.version,
            bool(real.stale >> place & 1),
            bool(real.rewritten >> place & 1),
            tuple([(f, real.since(f, step.requires[f], self.truth)) for f in violated]),
            tuple([f for f in violated if f in broken]),
            verdict,
            declared,
            after_goals=self._goals_hold(),
        )
        return Attempt(step, record, broken)


def _apart(basis: Basis, versions: tuple[int, ...]) -> list[str]:
    """Return the fluents of a basis whose version has changed since."""
    if versions == basis.versions:
        return []
    pairs = zip(basis.names, versions, basis.versions, strict=True)
    return [fluent for fluent, is_now, was in pairs if is_now != was]


def _handed_over(now: float, handed: HandedPlan) -> HandedOver:
    plan, basis = handed.plan, handed.plan.basis
    return HandedOver(
        now,
        plan.number,
        "found",
        basis.time,
        basis.taken,
        basis.fluents,
        plan.goals,
        plan.steps,
        tuple(sorted(plan.wrong)),
        handed.done,
        handed.in_flight,
    )
