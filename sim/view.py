"""What a policy sees: the belief, the plan, the time and the counts. Never the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from sim.intention import Intention
from sim.picture import Picture
from sim.plan import Call, Plan, Value

Compares = Literal["value", "version"]

Tempts = Callable[[Sequence[str], Mapping[str, Value], int], bool]
"""What `Scene.tempts` is, whichever scene it is of."""


@dataclass(slots=True)
class Counts:
    """What the agent has counted so far.

    Attributes:
        fired: steps fired.
        answers: calls answered with `ok`.
        requested: replans asked for; the first plan is none.
        unfired_requests: replans asked for since a step was last fired.
        replans: plans handed over after the first.
        last_request: when the last replan was asked for; minus infinity before the first.
        thinking: time spent thinking, thinking thrown away included.
        expansions: states that the planner's searches expanded, where it counts them.
        blocks: calls that the gate refused.
        blocked_in_a_row: blocks since a call was last fired.
        failures: how often in a row the step with this call failed, timed out or was refuted.
    """

    fired: int = 0
    answers: int = 0
    requested: int = 0
    unfired_requests: int = 0
    replans: int = 0
    last_request: float = float("-inf")
    thinking: float = 0.0
    expansions: int = 0
    blocks: int = 0
    blocked_in_a_row: int = 0
    failures: dict[Call, int] = field(default_factory=dict)


class View:
    """What the agent knows, for a policy to decide by.

    Attributes:
        time: now.
        belief: the believed value of each fluent (read-only).
        stamps: when what is believed of each fluent was true in the world (read-only).
        counts: see `Counts`; not to be written to.
        fresh: whether the assumptions of the step in question have just been read fresh.
    """

    __slots__ = (
        "_intention", "_picture", "_tempts", "belief", "counts", "fresh", "stamps", "thinking", "time",
    )  # fmt: skip

    def __init__(self, picture: Picture, counts: Counts, tempts: Tempts) -> None:
        self._picture = picture
        self._tempts = tempts
        self._intention: Intention | None = None
        self.belief: Mapping[str, Value] = MappingProxyType(picture.values)
        self.stamps: Mapping[str, float] = MappingProxyType(picture.times)
        self.counts = counts
        self.time = 0.0
        self.thinking = False
        self.fresh = False

    def hold(self, intention: Intention) -> None:
        """Show another plan from now on (for the engine)."""
        self._intention = intention

    @property
    def plan(self) -> Plan | None:
        """The plan in hand, None before the first."""
        return None if self._intention is None else self._intention.plan

    @property
    def plan_age(self) -> float:
        """Now minus the time at which the plan's basis was true; 0 before the first plan."""
        plan = self.plan
        return self.time - plan.basis.time if plan is not None else 0.0

    @property
    def steps_left(self) -> int:
        """How many steps of the plan have not been fired."""
        return 0 if self._intention is None else self._intention.believed.unfired.bit_count()

    @property
    def fired(self) -> int:
        """How many steps of the plan in hand have been fired."""
        return 0 if self._intention is None else self._intention.fired

    @property
    def goals_met(self) -> bool:
        """Whether the belief meets every goal."""
        return not self._picture.unmet

    def planned(self) -> Call | None:
        """The call that the plan names for the next step."""
        intention = self._intention
        if intention is None or intention.next is None:
            return None
        return intention.plan.steps[intention.next].call

    def violated(self, compares: Compares = "value") -> Sequence[str]:
        """The assumptions of the next step that the belief violates, as fluents.

        Args:
            compares: ``value`` asks whether the believed value is another than the step requires;
                ``version`` whether the fluent is known to have been written since the basis.

        An executor that was handed a summary does not know the assumptions: it sees none violated.
        """
        intention = self._intention
        if intention is None or intention.next is None or not intention.informed:
            return ()
        if compares == "value":
            if not intention.believed.direct >> intention.next & 1:
                return ()
            return intention.believed.violated(intention.next)
        if not intention.believed.moved >> intention.next & 1:
            return ()
        return [
            fluent
            for fluent in intention.plan.steps[intention.next].requires
            if intention.believed.written(fluent, intention.next)
        ]

    def unsettles(self, fluents: Sequence[str], compares: Compares = "value") -> str | None:
        """The first of these fluents on which the rest of the plan no longer stands, if there is one.

        That is a fluent of the plan's kernel whose believed value is another than a step left, or
        the goals, need; with ``version``, any fluent of the kernel.
        """
        intention = self._intention
        if intention is None:
            return None
        believed = intention.believed
        if compares == "value" and not believed.direct:
            return None
        for fluent in fluents:
            if believed.breaks(fluent) if compares == "value" else believed.depends_on(fluent):
                return fluent
        return None

    def tempted(self, news: Sequence[str]) -> bool:
        """Whether the news offers something better than the rest of the plan in hand (`Scene.tempts`)."""
        return self._tempts(news, self.belief, self.steps_left)

    @property
    def broken(self) -> bool:
        """Whether the plan in hand has steps left and the belief violates an assumption of theirs."""
        intention = self._intention
        return intention is not None and bool(intention.believed.direct & intention.believed.unfired)

    def shows_done(self) -> bool:
        """Whether the belief already shows every effect of the next step (and it has any)."""
        intention = self._intention
        if intention is None or intention.next is None:
            return False
        writes = intention.plan.steps[intention.next].writes
        return bool(writes) and all(self.belief[f] == value for f, value in writes.items())
