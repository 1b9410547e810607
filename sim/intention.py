"""What the agent is committed to: the plan in hand, and how it stands to the truth and the belief."""

from __future__ import annotations

from collections.abc import Sequence

from sim.picture import Picture
from sim.plan import Call, Plan, Step
from sim.staleness import StaleSet


class Intention:
    """A plan in the executor's hands.

    Attributes:
        plan: the plan as the planner made it.
        told: the call of each step as it came through the hand-off.
        informed: whether the executor was told what the steps assume (not in a summary).
        truth: the stale steps measured against the world.
        believed: the stale steps measured against the belief.
        in_flight: the step whose call is under way or not yet answered, if it is one of this plan.
        fired: how many steps of this plan have been fired.
    """

    __slots__ = ("believed", "fired", "in_flight", "informed", "plan", "told", "truth")

    def __init__(
        self,
        plan: Plan,
        told: Sequence[Call],
        informed: bool,
        truth: Picture,
        belief: Picture,
    ) -> None:
        self.plan, self.told, self.informed = plan, told, informed
        self.truth = StaleSet(plan.dependencies, truth)
        self.believed = StaleSet(plan.dependencies, belief)
        written, known = truth.versions, belief.versions
        for fluent, (_, version, _) in plan.basis.fluents.items():
            if written[fluent] != version:
                self.truth.already_written(fluent)
            if known[fluent] != version:
                self.believed.already_written(fluent)
        self.in_flight: int | None = None
        self.fired = 0

    @property
    def next(self) -> int | None:
        """The place of the next step to fire, None when the plan is used up."""
        unfired = self.believed.unfired
        return (unfired & -unfired).bit_length() - 1 if unfired else None

    def fire(self, step: int) -> None:
        """The step's call is sent."""
        self.in_flight = step
        self.fired += 1
        self.truth.fire(step)
        self.believed.fire(step)

    def retry(self, step: int, truth: Picture, belief: Picture, now: float) -> None:
        """The step is to be fired once more."""
        for stale, picture in ((self.truth, truth), (self.believed, belief)):
            stale.unfire(step)
            stale.unland(step, picture, now)

    def drop(self, step: int, truth: Picture, belief: Picture, now: float) -> None:
        """The step is passed over: its work is taken as done."""
        for stale, picture in ((self.truth, truth), (self.believed, belief)):
            stale.fire(step)
            stale.land(step, True, picture, now)

    def recognise(
        self,
        done: Sequence[Step],
        in_flight: Step | None,
        truth: Picture,
        belief: Picture,
        now: float,
    ) -> bool:
        """At the plan's arrival: what the executor did while it was made is not done again.

        Two steps are the same work if they make one call, or are to write the same values: the
        arguments may differ where the later plan knew better.

        Args:
            done: the steps that were acknowledged since the basis was taken.
            in_flight: the step whose call is under way, if any.
            truth: the world as it is.
            belief: the belief as it is.
            now: the time.

        Returns:
            Whether the call under way is a step of this plan.
        """
        left = list(done)
        matched = False
        for place, step in enumerate(self.plan.steps):
            match = next((other for other in left if _same_work(step, other)), None)
            if match is not None:
                left.remove(match)
                self.drop(place, truth, belief, now)
            elif not matched and in_flight is not None and _same_work(step, in_flight):
                matched = True
                self.in_flight = place
                self.truth.fire(place)
                self.believed.fire(place)
        return matched


def _same_work(one: Step, other: Step) -> bool:
    return one.call == other.call or (bool(one.writes) and one.writes == other.writes)
