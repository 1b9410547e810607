"""What a world's planner can answer beyond plans: its steps, its repairs, and why it found no plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plandrift.sim.companions.companion import Companion
from plandrift.sim.terms.calls import Call, Step, Value

BUDGET_SPENT = "budget spent"
"""What `Planning.no_plan` returns for a search that used up its budget."""


class Planning(Companion):
    """The companion that extends `Scene.plan`; see `Companion` for how to attach it.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Records
    >>> scene = Records().begin(Streams(7), 60.0)
    >>> Planning.of(scene).choice(scene.first) == scene.plan(scene.first)
    True
    """

    def steps(self, calls: Sequence[Call], belief: Mapping[str, Value]) -> Sequence[Step] | None:
        """Return the steps that make these calls in a plan that starts from this belief; seldom overridden.

        It is for worlds in which the effects of a call depend on the state. A step then requires, besides
        what its call requires, the conditions of the effects that later steps or the goals need; and it
        writes the effects expected there. Return ``None``, as here, if each step depends on its call alone.
        """
        return None

    def no_plan(self, belief: Mapping[str, Value]) -> str:
        """Return why `Scene.plan` found no plan for this belief: ``unsolvable``, or `BUDGET_SPENT`."""
        return "unsolvable"

    def choice(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Return the plan that the planner would choose, for measurement only: it must not change any state.

        By default it calls `Scene.plan`; a scene whose planner has a memory must override it.
        """
        return self._plan(belief)

    def repair(self, belief: Mapping[str, Value], rest: Sequence[Call]) -> Sequence[Call] | None:
        """Return a plan that keeps as much of the current plan as it can; by default, plan from scratch."""
        return self._plan(belief)

    def optimum(self, belief: Mapping[str, Value]) -> int | None:
        """Return the number of steps of a shortest plan, or None if it is not known."""
        return None

    def offers_better(self, news: Sequence[str], belief: Mapping[str, Value], steps_left: int) -> bool:
        """Return whether the news offers something better than the remaining steps of the current plan.

        It is judged by the belief, never by the truth, for policies that drop a plan for a better one.
        """
        return False

    def still(self, values: Mapping[str, Value]) -> bool:
        """Return whether nothing can happen any more in a world with these values, by itself or by a call."""
        return False

    def _plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        found: Sequence[Call] | None = self.scene.plan(belief)
        return found
