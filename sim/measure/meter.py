"""Staleness over time: the figures of the plan in hand at a moment, and their running integrals."""

from __future__ import annotations

from collections.abc import Sequence

from plandrift.sim.measure.missed_alternative import MissedAlternative
from plandrift.sim.terms.fluents import Belief
from plandrift.sim.terms.staleness import StaleSet

NAN = float("nan")


class Shares:
    """The staleness figures of the plan in hand at one moment, each in [0, 1].

    Attributes:
        left: how many steps have not been fired.
        plan: the share of those that are stale.
        direct: the share that are directly stale.
        perceived: the share stale when measured against the belief.
        blind: the share stale in truth and not in the belief.
        version: the share stale by version.
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
        held: that time so far.
        last: up to when they are brought.
        integrals: of `NAMES`, over that time.
        missed: what measures the opportunity staleness, None where that was not asked for.
    """

    __slots__ = ("_age", "_taken", "held", "integrals", "last", "missed")

    NAMES = ("plan", "direct", "perceived", "blind", "version", "valid")

    def __init__(self, missed: MissedAlternative | None = None) -> None:
        self.missed = missed
        self.last = self._taken = 0.0
        self.held = self._age = 0.0
        self.integrals = [0.0] * len(self.NAMES)

    def take_up(self, taken: float) -> None:
        """Another plan is in hand from now on, from a basis taken at that time (after `advance`)."""
        self._taken = taken

    def advance(self, now: float, shares: Shares) -> float:
        """Add the time since the last call, in which the figures were these. Returns how long that was.

        While no plan with steps left is held nothing is added, and 0 returned.
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
        """The time average of the one at this place in `NAMES`, NaN where no plan was ever held."""
        return self.integrals[place] / self.held if self.held else NAN

    @property
    def plan_age(self) -> float:
        """The time average of the plan's age, NaN where no plan with steps was ever held."""
        return self._age / self.held if self.held else NAN

    @property
    def opportunity(self) -> float:
        """Opportunity staleness, NaN where it was not asked for or no plan with steps was held."""
        return self.missed.time / self.held if self.missed is not None and self.held else NAN


class BeliefAge:
    """How old what is believed of the kernel's fluents is, over time (docs/model/plan.md).

    The age of one fluent is the time since the stamp at which it was last known to be so. Where
    silence is news it is at most `silence`: what had changed longer ago would have been heard.

    Attributes:
        silence: the constant latency of a push channel that loses nothing, None elsewhere.
        last: up to when it is brought.
    """

    __slots__ = ("_belief", "_integral", "_seen", "_time", "last", "silence")

    def __init__(self, belief: Belief, silence: float | None, seen: Sequence[str] | None) -> None:
        self._belief, self.silence = belief, silence
        self._seen = None if seen is None else frozenset(seen)
        self.last = self._integral = self._time = 0.0

    def now(self, kernel: Sequence[str], time: float) -> float:
        """The mean age of these fluents, 0 where there are none."""
        if not kernel:
            return 0.0
        times = self._belief.times
        return sum(min(time - times[f], self._limit(f)) for f in kernel) / len(kernel)

    def settle(self, time: float, believed: StaleSet | None) -> None:
        """Add the time since the last call, in which neither the kernel nor a stamp changed.

        Args:
            time: now.
            believed: has the kernel; None while no plan is held. While no step is left nothing is added.
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
        """The time average, NaN where no plan with steps and a kernel was ever held."""
        return self._integral / self._time if self._time else NAN

    def _limit(self, fluent: str) -> float:
        if self.silence is None or (self._seen is not None and fluent not in self._seen):
            return float("inf")
        return self.silence
