"""Staleness over time: running integrals, brought up to date when something they depend on changes."""

from __future__ import annotations

from typing import Any

from sim.intention import Intention
from sim.opportunity import Opportunity

FIGURES = (
    "plan_staleness", "direct_staleness", "perceived_staleness", "blind_staleness",
    "version_staleness", "plan_validity",
)  # fmt: skip


class Shares:
    """The staleness figures of the plan in hand at one moment, each in [0, 1]."""

    __slots__ = ("blind", "direct", "left", "perceived", "plan", "valid", "version")

    def __init__(self) -> None:
        self.left = 0
        self.plan = self.direct = self.perceived = self.blind = self.version = self.valid = 0.0

    def take(self, intention: Intention) -> None:
        """Measure the plan as it stands now."""
        truth = intention.truth
        unfired = truth.unfired
        self.left = left = unfired.bit_count()
        self.valid = 0.0 if truth.direct else 1.0
        if not left:
            return
        believed = intention.believed.stale & unfired
        stale = truth.stale & unfired
        if stale:
            self.plan = stale.bit_count() / left
            self.direct = (truth.direct & unfired).bit_count() / left
            self.blind = (stale & ~believed).bit_count() / left
        else:
            self.plan = self.direct = self.blind = 0.0
        self.perceived = believed.bit_count() / left if believed else 0.0
        self.version = (truth.moved_on & unfired).bit_count() / left if truth.moved else 0.0


class Meter:
    """The time averages of one episode, over the time in which a plan with steps left is held.

    Call `advance` before anything changes and `refresh` after it.
    """

    __slots__ = (
        "_age", "_blind", "_direct", "_dirty", "_intention", "_last", "_perceived", "_plan",
        "_shares", "_valid", "_version", "chance", "held",
    )  # fmt: skip

    def __init__(self) -> None:
        self.chance: Opportunity | None = None
        self._last = 0.0
        self._intention: Intention | None = None
        self._shares = Shares()
        self._dirty = False
        self.held = 0.0
        self._plan = self._direct = self._perceived = self._blind = 0.0
        self._version = self._valid = self._age = 0.0

    def adopt(self, intention: Intention) -> None:
        """Another plan is in hand from now on (after `advance`)."""
        self._intention = intention
        self.refresh()

    def refresh(self) -> None:
        """Something about the plan in hand has changed."""
        # Measured when it is next needed: several changes at one instant then cost one measurement.
        self._dirty = True
        if self.chance is not None:
            self.chance.moved()

    def now(self) -> Shares:
        """The figures as they are at this moment."""
        if self._dirty and self._intention is not None:
            self._shares.take(self._intention)
            self._dirty = False
        return self._shares

    def advance(self, now: float) -> None:
        """Add the time since the last call to each integral."""
        last = self._last
        span = now - last
        if span <= 0:
            return
        shares = self.now()
        self._last = now
        if not shares.left or self._intention is None:
            return
        self.held += span
        if self.chance is not None:
            self.chance.add(self._intention, span)
        self._plan += shares.plan * span
        self._direct += shares.direct * span
        self._perceived += shares.perceived * span
        self._blind += shares.blind * span
        self._version += shares.version * span
        self._valid += shares.valid * span
        self._age += ((now + last) / 2 - self._intention.plan.basis.time) * span

    def averages(self) -> dict[str, Any]:
        """Each figure's time average, NaN where no plan with steps was ever held."""
        if not self.held:
            return dict.fromkeys((*FIGURES, "plan_age"), float("nan"))
        areas = (self._plan, self._direct, self._perceived, self._blind, self._version, self._valid)
        figures = dict(zip(FIGURES, (area / self.held for area in areas), strict=True))
        return figures | {"plan_age": self._age / self.held}

    @property
    def opportunity(self) -> float:
        """Opportunity staleness, NaN where it was not asked for or no plan with steps was held."""
        return self.chance.time / self.held if self.chance is not None and self.held else float("nan")
