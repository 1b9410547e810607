"""What a planner is asked beside plans: what its steps rest on, how it repairs, why it found nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plandrift.sim.companions.companion import Companion
from plandrift.sim.terms.calls import Call, Step, Value

BUDGET_SPENT = "budget spent"
"""What `Planning.no_plan` says of a search that was ended by its budget."""


class Planning(Companion):
    """What a planner is asked beside `Scene.plan`; how one is given to a scene, `Companion` says.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Records
    >>> scene = Records().begin(Streams(7), 60.0)
    >>> Planning.of(scene).choice(scene.first) == scene.plan(scene.first)
    True
    """

    def steps(self, calls: Sequence[Call], belief: Mapping[str, Value]) -> Sequence[Step] | None:
        """The steps that make these calls in a plan that begins from this belief; seldom overridden.

        For worlds where what a call does depends on the state: a step then requires, beside what its
        call requires, what makes the effects come that later steps or the goals need, and writes what
        it is expected to write there. ``None``, as here, where each call says it alone.
        """
        return None

    def no_plan(self, belief: Mapping[str, Value]) -> str:
        """Why `Scene.plan` gave None for this belief, for the trace: ``unsolvable``, or `BUDGET_SPENT`."""
        return "unsolvable"

    def choice(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """What the planner would choose: asked by what is measured, so it must leave nothing behind.

        By default `Scene.plan`; a scene whose planner remembers has one of its own.
        """
        return self._plan(belief)

    def repair(self, belief: Mapping[str, Value], rest: Sequence[Call]) -> Sequence[Call] | None:
        """A plan that keeps what it can of the rest of the plan in hand; by default one from nothing."""
        return self._plan(belief)

    def optimum(self, belief: Mapping[str, Value]) -> int | None:
        """How many steps a shortest plan has, None where that is not known."""
        return None

    def offers_better(self, news: Sequence[str], belief: Mapping[str, Value], steps_left: int) -> bool:
        """Whether the news offers something better than the steps left of the plan in hand.

        Asked of the belief, never of the truth, for policies that leave a plan for a better one.
        """
        return False

    def still(self, values: Mapping[str, Value]) -> bool:
        """Whether nothing more can happen in a world that holds these values, by itself or by a call."""
        return False

    def _plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        found: Sequence[Call] | None = self.scene.plan(belief)
        return found
