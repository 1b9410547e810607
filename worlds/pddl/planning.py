"""The `Planning` companion of PDDL problems: what a step requires, and how a plan is repaired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from plandrift.sim import Call, Planning, Step, Value
from plandrift.sim.companions.planning import BUDGET_SPENT
from plandrift.worlds.pddl.context import resting
from plandrift.worlds.pddl.grounded_problem import GroundedProblem
from plandrift.worlds.pddl.others import ExogenousAction
from plandrift.worlds.pddl.search import Fruitless, Planned
from plandrift.worlds.pddl.task import kernel_of

if TYPE_CHECKING:
    from plandrift.worlds.pddl.scene import PddlScene

PLANS_KEPT = 20_000
"""How many plans a process remembers, by state and goal."""
REPAIRS = 40
"""How many tails of a plan a repair tries at most."""
TRIES = 100
"""States that the search for a way to a tail may expand; after that, a shorter tail is tried."""
SHORTEST = 5_000
"""A tenth of the states that the search for a shortest plan may expand, if the world's budget allows it."""


class PddlPlanning(Planning):
    """The `Planning` companion of `Pddl`."""

    scene: PddlScene

    def steps(self, calls: Sequence[Call], belief: Mapping[str, Value]) -> Sequence[Step] | None:
        """Return what each step of this plan requires and writes, if that depends on the state."""
        task = self.scene.task
        actions = [task.by_call.get(call) for call in calls]
        known = [action for action in actions if action is not None]
        if not task.contextual or len(known) < len(actions):
            return None
        found = resting(task, task.closed(task.state(belief)), known, task.goal)
        return [
            Step(call, task.values(r.needs, r.forbids), task.values(r.adds, r.deletes))
            for call, r in zip(calls, found, strict=True)
        ]

    def choice(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Return the plan that the planner would choose, without remembering it."""
        return self.scene.chosen(self.scene.task.state(belief)).calls

    def no_plan(self, belief: Mapping[str, Value]) -> str:
        """Return ``unsolvable`` or ``budget spent``, with the number of expanded states."""
        found = self.scene.came_to
        return Fruitless(BUDGET_SPENT if found.spent else "unsolvable", found.expansions)

    def repair(self, belief: Mapping[str, Value], rest: Sequence[Call]) -> Sequence[Call] | None:
        """Keep the longest tail of the plan whose kernel can be reached, and plan only to its start."""
        scene, task = self.scene, self.scene.task
        if task.contextual:
            return scene.plan(belief)
        state = task.state(belief)
        actions = [task.by_call[call] for call in rest if call in task.by_call]
        expansions = 0
        for k in range(min(len(actions), REPAIRS)):
            tail = actions[k:]
            kernel = kernel_of(tail, task.goal)
            if kernel is None:
                continue
            found = scene.found(state, kernel, min(TRIES, scene.world.budget or TRIES))
            expansions += found.expansions
            if found.actions is not None:
                return Planned([a.call for a in (*found.actions, *tail)], expansions)
        whole = scene.came_to = scene.found(state, task.goal)
        return None if whole.calls is None else Planned(whole.calls, expansions + whole.expansions)

    def optimum(self, belief: Mapping[str, Value]) -> int | None:
        """Return the length of a shortest plan, or None if the budget does not suffice to find it."""
        scene, task = self.scene, self.scene.task
        budget = 10 * min(SHORTEST, scene.world.budget or SHORTEST)
        return _shortest(scene.grounded, task.state(belief), budget)

    def still(self, values: Mapping[str, Value]) -> bool:
        """Return whether no action applies, neither the agent's nor, with an overlay, the world's."""
        world, task = self.scene.world, self.scene.task
        state = task.state(values)
        if world.others == "undoing" and world.volatility and not task.events:
            return self.scene.others.act(ExogenousAction(0.0), state) is None
        return not any(action.applies(state) for action in (*task.actions, *task.events))


@lru_cache(maxsize=PLANS_KEPT)
def _shortest(grounded: GroundedProblem, state: int, budget: int) -> int | None:
    return grounded.search.shortest(state, grounded.task.goal, budget)
