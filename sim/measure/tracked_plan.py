"""The tracked plan: the plan in hand, how it stands to the truth and to the belief, and that over time.

Whatever moves a figure of staleness goes through a verb of `TrackedPlan`. Each verb brings the fluents,
both stale sets and the integrals up to date and writes its event into the trace, so that no caller
has to keep them in step.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from plandrift.sim.engine.handoff import Brief
from plandrift.sim.measure.meter import BeliefAge, Meter, Shares
from plandrift.sim.measure.plan_history import Succession
from plandrift.sim.measure.records import Standing
from plandrift.sim.settings.channel import Message
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import FluentState, Reading
from plandrift.sim.terms.plan import Basis
from plandrift.sim.terms.staleness import StaleSet
from plandrift.sim.trace.events import (
    Acknowledged,
    Asked,
    Checked,
    Exogenous,
    Fired,
    HandedOver,
    Landed,
    Retried,
    SideEffect,
    Skipped,
)
from plandrift.sim.trace.files import Trace


class Clock(Protocol):
    """Anything that knows the time."""

    @property
    def now(self) -> float:
        """The time."""
        ...


@dataclass(slots=True)
class Tallies:
    """What is counted of calls that did not fire, reads, checks after a fire, and unplanned writes."""

    blocks: int = 0
    mismatches_blocked: int = 0
    false_blocks: int = 0
    verified: int = 0
    reads: int = 0
    exogenous: int = 0
    side_effects: int = 0


class TrackedPlan:
    """The plan in hand of one episode.

    Attributes:
        truth: what every fluent really holds; only verbs write to it.
        belief: what the agent last heard of each; only verbs write to it.
        brief: the plan in hand as it came through the hand-off, None before the first.
        chosen: the step that is to be fired out of turn, None for the first that is left.
        fired_of_plan: how many steps of the plan in hand have been fired.
        under_way: the step whose call has been sent and not yet answered, of whichever plan.
        effect_shown_at: the belief's `changes` when news first showed the effect of the call last sent, None
            where none has; an answer is no news.
        in_flight: its place in the plan in hand, if it has one there; kept until the next is fired.
        meter: the integrals.
        belief_age: how old what is believed of the kernel is.
        succession: how the plans follow one another.
        tallies: what is counted besides.
    """

    __slots__ = (
        "_believed",
        "_besides",
        "_clock",
        "_fired_at",
        "_landed",
        "_measured",
        "_shares",
        "_trace",
        "_truth",
        "_written",
        "_wrote",
        "belief",
        "belief_age",
        "brief",
        "chosen",
        "effect_shown_at",
        "fired_of_plan",
        "in_flight",
        "meter",
        "succession",
        "tallies",
        "truth",
        "under_way",
    )

    def __init__(
        self,
        clock: Clock,
        truth: FluentState,
        belief: FluentState,
        meter: Meter,
        belief_age: BeliefAge,
        trace: Trace | None = None,
    ) -> None:
        self._clock, self._trace = clock, trace
        self.truth, self.belief, self.meter, self.belief_age = truth, belief, meter, belief_age
        self.succession, self.tallies = Succession(), Tallies()
        self._shares = Shares()
        self._measured = True
        self._truth: StaleSet
        self._believed: StaleSet
        self.brief: Brief | None = None
        self.chosen: int | None = None
        self.fired_of_plan = 0
        self.under_way: Step | None = None
        self.in_flight: int | None = None
        self.effect_shown_at: int | None = None
        self._landed, self._fired_at = False, 0.0
        # The version of each fluent that the call under way has written.
        self._wrote: dict[str, int] = {}
        # The version of each fluent that a call has written besides, unplanned.
        self._besides: dict[str, int] = {}
        # The steps of the plan in hand that the agent was told to have written, as a mask.
        self._written = 0

    # What happens, in the words of the design. Each verb comes with its event in `sim.trace.events`.

    def world_wrote(self, fluent: str, value: Value, told: str = "") -> Reading:
        """The world changed a fluent by itself. Returns what it holds now."""
        now = self._clock.now
        self.tallies.exogenous += 1
        if self._trace is not None:
            self._trace.add(Exogenous(now, fluent, value, self.truth.versions[fluent] + 1, told))
        return self._rewritten(fluent, value, now)

    def side_effect(self, fluent: str, value: Value, told: str = "") -> Reading:
        """The call that has landed changed a fluent besides, unplanned. Returns what it holds now."""
        now, version = self._clock.now, self.truth.versions[fluent] + 1
        self.tallies.side_effects += 1
        self._besides[fluent] = version
        if self._trace is not None:
            self._trace.add(SideEffect(now, fluent, value, version, told))
        return self._rewritten(fluent, value, now)

    def _rewritten(self, fluent: str, value: Value, now: float) -> Reading:
        """Another hand than the plan's has written a fluent."""
        if self.brief is None or not (self._truth.depends_on(fluent) or self.meter.chance is not None):
            return self.truth.write(fluent, value, now)
        self._advance(now)
        self._truth.write(fluent, value)
        return self.truth.write(fluent, value, now)

    def heard(self, message: Message) -> list[str]:
        """News reached the belief. Returns the fluents of which it changed the believed value or version."""
        belief, now, taken = self.belief, self._clock.now, message.taken
        self._settle(now)
        self.tallies.reads += message.by == "read"
        changed = [reading for reading in message.readings if belief.hear(taken, reading)]
        if self.brief is not None and changed:
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
            self._trace.add(message.delivered(now))
        return [reading.fluent for reading in changed]

    def adopted(self, brief: Brief) -> None:
        """A plan came through the hand-off and is the one in hand from now on."""
        now, plan = self._clock.now, brief.plan
        if self._trace is not None:
            self._trace.add(_handed_over(now, brief))
        before = self.rest
        self._up_to_now()
        kept = self._serves(brief)
        self.brief, self.fired_of_plan, self.in_flight, self.chosen = brief, 0, brief.in_flight, None
        known = [*brief.done, *([] if self.effect_shown_at is None else [brief.in_flight])]
        self._written = sum(
            1 << place
            for place in known
            if place is not None and plan.steps[place].shown_by(self.belief.values)
        )
        if kept:
            self._truth.rebase()
            self._believed.rebase()
        else:
            self._truth = StaleSet(plan.dependencies, self.truth)
            self._believed = StaleSet(plan.dependencies, self.belief)
        basis, read = plan.basis, plan.dependencies.read
        apart = _apart(basis, read(self.truth.versions))
        if brief.in_flight is not None and self._landed:
            # What the call in flight has written it wrote for this plan.
            versions = self.truth.versions
            apart = [fluent for fluent in apart if self._wrote.get(fluent) != versions[fluent]]
        self._truth.written_before(apart)
        if basis.changes != self.belief.changes:
            self._believed.written_before(_apart(basis, read(self.belief.versions)))
        for place in brief.done:
            self._pass_over(place, now)
        if brief.in_flight is not None and not kept:
            self._let_fly(brief.in_flight, now)
        self.meter.take_up(basis.taken)
        self.succession.came(before, self.rest)

    def asked(self, place: int, call: Call, verdict: str, reason: str, skip: bool) -> None:
        """The policy was asked whether the call of a step may fire, and said this (see `Verdict`)."""
        brief, tallies = self.brief, self.tallies
        assert brief is not None
        if self._trace is not None:
            number, now = brief.plan.number, self._clock.now
            self._trace.add(Asked(now, number, place, call, verdict, reason, skip))
        if verdict == "block":
            step = brief.plan.steps[place]
            tallies.blocks += 1
            if call != step.call:
                tallies.mismatches_blocked += 1
            elif skip:
                tallies.false_blocks += not step.shown_by(self.truth.values)
            else:
                tallies.false_blocks += not self._truth.direct >> place & 1

    def fired(
        self,
        place: int,
        call: Call,
        verdict: str = "fire",
        slipped: bool = False,
        declared: tuple[str, ...] = (),
    ) -> Standing:
        """The call of a step was sent. Returns how the step stood just before."""
        now, brief = self._clock.now, self.brief
        assert brief is not None
        step = brief.plan.steps[place]
        standing = self._standing(place, step, now)
        self._up_to_now()
        if self._trace is not None:
            number = brief.plan.number
            self._trace.add(Fired(now, number, place, call, step.call, verdict, slipped, declared))
        self.under_way, self.in_flight, self._fired_at = step, place, now
        self._landed, self.effect_shown_at = False, None
        self.fired_of_plan += 1
        self.succession.fired()
        self._truth.fire(place)
        self._believed.fire(place)
        return standing

    def landed(self, call: Call, effect: Effect, silent: bool = False) -> tuple[Reading, ...]:
        """The call under way reached the world and had this effect. Returns what it wrote there."""
        truth, now, step, place = self.truth, self._clock.now, self.under_way, self.in_flight
        assert step is not None
        self._advance(now)
        written = tuple([truth.write(fluent, value, now) for fluent, value in effect.writes.items()])
        for reading in written:
            if place is None or reading.fluent not in step.writes:
                self._truth.write(reading.fluent, reading.value)
        self._landed = True
        self._wrote = {reading.fluent: reading.version for reading in written}
        if place is not None:
            self._truth.land(place, truth, now)
        if self._trace is not None:
            writes = {r.fluent: (r.value, r.version) for r in written}
            self._trace.add(
                Landed(now, call, place, effect.outcome, effect.reported, silent, effect.violated, writes)
            )
        return written

    def acknowledged(self, call: Call, reported: str | None, message: Message) -> None:
        """The executor was told how its call went, or gave up waiting (`reported` is None then)."""
        now, step, place, belief = self._up_to_now(), self.under_way, self.in_flight, self.belief
        assert step is not None
        for reading in message.readings:
            if belief.hear(message.taken, reading) and (place is None or reading.fluent not in step.writes):
                self._believed.write(reading.fluent, reading.value)
        if place is not None:
            wrote = reported == "ok" or (reported is None and step.shown_by(belief.values))
            self._believed.land(place, belief, now)
            self._written |= (wrote and step.shown_by(belief.values)) << place
        belief.changes += 1
        self.under_way = None
        if self._trace is not None:
            self._trace.add(Acknowledged(now, call, place, reported, message.taken, message.readings))

    def checked(self, call: Call, verified: bool) -> None:
        """The effects of a call were read back."""
        self.tallies.verified += 1
        if self._trace is not None:
            self._trace.add(Checked(self._clock.now, call, verified))

    def skipped(self, place: int) -> None:
        """A step is passed over: its work is taken as done."""
        now = self._up_to_now()
        if self._trace is not None:
            self._trace.add(Skipped(now, self._number, place))
        self._pass_over(place, now)

    def retried(self, place: int) -> None:
        """A step that was fired is to be fired once more."""
        now = self._up_to_now()
        if self._trace is not None:
            self._trace.add(Retried(now, self._number, place))
        self._written &= ~(1 << place)
        assert self.brief is not None
        basis = self.brief.plan.basis
        versions = dict(zip(basis.names, basis.versions, strict=True))
        for stale, state in ((self._truth, self.truth), (self._believed, self.belief)):
            stale.unfire(place)
            stale.unland(place, state, versions)

    def ended(self) -> None:
        """The episode is over."""
        self._up_to_now()

    # What the agent can tell of the plan in hand, by its belief.

    @property
    def next(self) -> int | None:
        """The place of the next step to fire, None when the plan is used up or there is none.

        It is the first that is left, unless another has been chosen.
        """
        if self.brief is None:
            return None
        unfired = self._believed.unfired
        if self.chosen is not None and unfired >> self.chosen & 1:
            return self.chosen
        return (unfired & -unfired).bit_length() - 1 if unfired else None

    @property
    def rest(self) -> list[Step]:
        """The steps of the plan in hand that have not been fired."""
        if self.brief is None:
            return []
        unfired = self._believed.unfired
        return [step for i, step in enumerate(self.brief.plan.steps) if unfired >> i & 1]

    @property
    def perceived(self) -> StaleSet | None:
        """The stale set as measured against the belief, to be read only; None before the first plan."""
        return None if self.brief is None else self._believed

    def expected(self, place: int, fluent: str) -> int:
        """The version that a fluent which a step requires has if all went as planned, as the agent knows it.

        That of the basis; for one that an earlier step of the plan was to write, the version that it was
        told of, and none (-1) where it was told of none.
        """
        assert self.brief is not None
        plan = self.brief.plan
        source = plan.dependencies.sources[place][fluent]
        if source is None:
            return plan.basis.fluents[fluent].version
        return self._believed.settled(fluent) if self._written >> source & 1 else -1

    # How the plan in hand stands in truth: for records, traces and pictures, never for a policy.

    @property
    def measured(self) -> StaleSet | None:
        """The stale set as measured against the truth, to be read only; None before the first plan."""
        return None if self.brief is None else self._truth

    @property
    def shares(self) -> Shares:
        """The staleness figures as they are at this moment."""
        if not self._measured and self.brief is not None:
            self._shares.measure(self._truth, self._believed)
            self._measured = True
        return self._shares

    def kernel(self) -> list[str]:
        """The fluents of the kernel as far as the agent knows, in the order in which they are needed."""
        return [] if self.brief is None else self._believed.kernel()

    @property
    def _number(self) -> int:
        return 0 if self.brief is None else self.brief.plan.number

    def _serves(self, brief: Brief) -> bool:
        """Whether the stale sets in hand serve the plan that comes: the same steps, and as far along."""
        old, plan = self.brief, brief.plan
        if old is None or brief.done or old.plan.steps != plan.steps or old.plan.goals != plan.goals:
            return False
        place, steps = brief.in_flight, (1 << len(plan.steps)) - 1
        flying = 0 if place is None else 1 << place
        if place is not None and self._landed and not plan.steps[place].shown_by(self.truth.values):
            return False
        nodes = steps | steps + 1
        landed = flying if self._landed else 0
        known = flying if self.effect_shown_at is not None else 0
        return (
            self._truth.unfired == self._believed.unfired == steps & ~flying
            and self._truth.unlanded == nodes & ~landed
            and self._believed.unlanded == nodes & ~known
        )

    def _let_fly(self, place: int, now: float) -> None:
        """A step of the plan that comes is under way already."""
        self._truth.fire(place)
        self._believed.fire(place)
        if self._landed:
            self._truth.land(place, self.truth, now)
        if self.effect_shown_at is not None:
            self._believed.land(place, self.belief, now)

    def _pass_over(self, place: int, now: float) -> None:
        for stale, state in ((self._truth, self.truth), (self._believed, self.belief)):
            stale.fire(place)
            stale.land(place, state, now)

    def _known_to_have_landed(self, message: Message, changed: Sequence[Reading]) -> Collection[str]:
        """The fluents of which the news is an effect of the call under way, so that the belief lets it land.

        News of the agent's own is, if it was taken since the fire. A snapshot does not say whose writes it
        shows: it is taken for the effect if it was taken since and everything that the call was to write
        is so by now. A push that is not of the agent's own never is.
        """
        step = self.under_way
        if step is None or message.taken < self._fired_at:
            return ()
        if not any(reading.fluent in step.writes for reading in changed):
            return ()
        if not message.own and (message.by == "push" or not step.shown_by(self.belief.values)):
            return ()
        if self.effect_shown_at is None:
            self.effect_shown_at = self.belief.changes
        return step.writes if self.in_flight is not None else ()

    def _up_to_now(self) -> float:
        """Bring everything up to now, before a verb changes plan or progress. Returns the time."""
        now = self._clock.now
        self._settle(now)
        self._advance(now)
        return now

    def _advance(self, now: float) -> None:
        """Bring the integrals up to now, before something that they depend on changes."""
        meter, chance = self.meter, self.meter.chance
        span = meter.advance(now, self.shares) if now > meter.last else 0.0
        # Measured when it is next needed: several changes at one instant then cost one measurement.
        self._measured = False
        if chance is not None:
            if span and self._shares.valid:
                ahead = [self.under_way.call] if self.under_way and self.in_flight is not None else []
                chance.add(span, [step.call for step in self.rest], ahead, self.truth.values)
            chance.changed()

    def own_doing(self, violated: Sequence[str]) -> bool:
        """Whether side effects of the agent's own calls, and nobody else, made these what they are."""
        versions, besides = self.truth.versions, self._besides
        return bool(violated) and all(versions[fluent] == besides.get(fluent) for fluent in violated)

    def _settle(self, now: float) -> None:
        """Bring the age of the belief up to now, before the kernel or a stamp changes."""
        if now != self.belief_age.last:
            self.belief_age.settle(now, None if self.brief is None else self._believed)

    def _standing(self, place: int, step: Step, now: float) -> Standing:
        assert self.brief is not None
        shares, truth, held = self.shares, self._truth, self.belief.values
        violated = truth.violated(place) if truth.direct >> place & 1 else []
        broken = tuple([f for f, value in step.requires.items() if held[f] != value])
        return Standing(
            plan_age=now - self.brief.plan.basis.taken,
            staleness=shares.plan,
            direct=shares.direct,
            perceived=shares.perceived,
            blind=shares.blind,
            version=shares.version,
            stale=bool(truth.stale >> place & 1),
            rewritten=bool(truth.rewritten >> place & 1),
            violated=tuple([(f, truth.since(f, step.requires[f], self.truth)) for f in violated]),
            shown=tuple([f for f in violated if f in broken]),
            after_goals=bool(self.truth.goals) and not self.truth.unmet,
            believed_broken=broken,
            believed_done=bool(step.writes) and step.shown_by(held),
        )


def _apart(basis: Basis, versions: tuple[int, ...]) -> list[str]:
    """The fluents of a basis that have another version by now."""
    if versions == basis.versions:
        return []
    pairs = zip(basis.names, versions, basis.versions, strict=True)
    return [fluent for fluent, is_now, was in pairs if is_now != was]


def _handed_over(now: float, brief: Brief) -> HandedOver:
    plan, basis = brief.plan, brief.plan.basis
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
        brief.done,
        brief.in_flight,
    )
