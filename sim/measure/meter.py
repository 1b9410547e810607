"""Staleness over time: the figures of the plan in hand at one moment, and their running integrals."""

from __future__ import annotations

from collections.abc import Sequence

from plandrift.sim.measure.missed_alternative import MissedAlternative
from plandrift.sim.terms.fluents import Belief
from plandrift.sim.terms.staleness import StaleSet

NAN = float("nan")


class Shares:
    """The staleness figures of the plan in hand at one moment, each in [0, 1].

    Attributes:
        left: the number of steps not yet fired.
        plan: the share of those that are stale.
        direct: the share that are directly stale.
        perceived: the share that are stale according to the belief.
        blind: the share that are stale in truth but not according to the belief.
        version: the share that are stale by version.
        valid: 1 while the whole kernel holds, else 0.
    """

    __slots__ = ("blind", "direct", "left", "perceived", "plan", "valid", "version")

    def __init__(self) -> None:
        self.left = 0
        self.plan = self.direct = self.perceived = self.blind = self.version = self.valid = 0.0

    def measure(self, truth: StaleSet, believed: StaleSet) -> None:
        """Measure the plan as it stands now."""
        unfired = truth.unfired
        self.left = left = unfired.bit_count()
        self.valid = 0.0 if truth.direct else 1.0
        if not left:
            return
        seen = believed.stale & unfired
        stale = truth.stale & unfired
        if stale:
            self.plan = stale.bit_count() / left
            self.direct = (truth.direct & unfired).bit_count() / left
            self.blind = (stale & ~seen).bit_count() / left
        else:
            self.plan = self.direct = self.blind = 0.0
        self.perceived = seen.bit_count() / left if seen else 0.0
        self.version = (truth.version_stale & unfired).bit_count() / left if truth.rewritten else 0.0


class Meter:
    """The integrals of one episode over the time in which a plan with steps left is held.

    Attributes:
        held: the length of that time so far.
        last: the time up to which the integrals are complete.
        integrals: the integral of each figure in `NAMES` over that time.
        missed: measures the opportunity staleness; None if that was not requested.
    """

    __slots__ = ("_age", "_taken", "held", "integrals", "last", "missed")

    NAMES = ("plan", "direct", "perceived", "blind", "version", "valid")

    def __init__(self, missed: MissedAlternative | None = None) -> None:
        self.missed = missed
        self.last = self._taken = 0.0
        self.held = self._age = 0.0
        self.integrals = [0.0] * len(self.NAMES)

    def take_up(self, taken: float) -> None:
        """Switch to a new plan, whose basis was taken at the given time; call `advance` first."""
        self._taken = taken

    def advance(self, now: float, shares: Shares) -> float:
        """Add the time since the last call, during which the figures were these, and return its length.

        While no plan with steps left is held, add nothing and return 0.
        """
        last = self.last
        span = now - last
        self.last = now
        if not shares.left:
            return 0.0
        self.held += span
        integrals = self.integrals
        integrals[0] += shares.plan * span
        integrals[1] += shares.direct * span
        integrals[2] += shares.perceived * span
        integrals[3] += shares.blind * span
        integrals[4] += shares.version * span
        integrals[5] += shares.valid * span
        self._age += ((now + last) / 2 - self._taken) * span
        return span

    def average(self, place: int) -> float:
        """Return the time average of the figure at this index in `NAMES`; NaN if no plan was ever held."""
        return self.integrals[place] / self.held if self.held else NAN

    @property
    def plan_age(self) -> float:
        """The time average of the plan's age; NaN if no plan with steps was ever held."""
        return self._age / self.held if self.held else NAN

    @property
    def opportunity(self) -> float:
        """The opportunity staleness; NaN if it was not requested or no plan with steps was held."""
        return self.missed.time / self.held if self.missed is not None and self.held else NAN


class BeliefAge:
    """The age of the belief about the kernel's fluents, over time (docs/model/plan.md).

    The age of a fluent is the time since it was last known to hold its believed value. On a channel where
    hearing nothing means that nothing has changed, it is at most `silence`: an older change would be known.

    Attributes:
        silence: the constant latency of a push channel without loss; None for other channels.
        last: the time up to which the integral is complete.
    """

    __slots__ = ("_belief", "_integral", "_seen", "_time", "last", "silence")

    def __init__(self, belief: Belief, silence: float | None, seen: Sequence[str] | None) -> None:
        self._belief, self.silence = belief, silence
        self._seen = None if seen is None else frozenset(seen)
        self.last = self._integral = self._time = 0.0

    def now(self, kernel: Sequence[str], time: float) -> float:
        """Return the mean age of these fluents, 0 if there are none."""
        if not kernel:
            return 0.0
        times = self._belief.times
        return sum(min(time - times[f], self._limit(f)) for f in kernel) / len(kernel)

    def settle(self, time: float, believed: StaleSet | None) -> None:
        """Add the time since the last call, during which neither the kernel nor any stamp changed.

        Args:
            time: the current time.
            believed: the stale set with the kernel; None while no plan is held. Nothing is added while no
                step is left.
        """
        last, self.last = self.last, time
        if believed is None or not believed.unfired or not believed.has_kernel:
            return
        self._time += time - last
        belief, silence = self._belief, self.silence
        if silence is not None and self._seen is None and last >= belief.latest + silence:
            self._integral += silence * (time - last)
            return
        area, kernel = 0.0, believed.kernel()
        for fluent in kernel:
            stamp = belief.times[fluent]
            full = min(max(stamp + self._limit(fluent), last), time)
            area += (full - last) * ((full + last) / 2 - stamp)
            if full < time:
                area += (time - full) * self._limit(fluent)
        self._integral += area / len(kernel)

    @property
    def average(self) -> float:
        """The time average; NaN if no plan with steps and a kernel was ever held."""
        return self._integral / self._time if self._time else NAN

    def _limit(self, fluent: str) -> float:
        if self.silence is None or (self._seen is not None and fluent not in self._seen):
            return float("inf")
        return self.silence
