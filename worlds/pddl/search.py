"""The built-in search for a plan, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plandrift.sim import Call
from plandrift.worlds.pddl.collecting import uncollected
from plandrift.worlds.pddl.greedy import GreedySearch
from plandrift.worlds.pddl.relaxation import Relaxation
from plandrift.worlds.pddl.task import Action, Kernel, Task


@dataclass(frozen=True)
class Found:
    """The result of a search.

    Attributes:
        actions: the plan, None if none was found.
        expansions: the number of expanded states.
        spent: whether the budget was spent before it was known if there is a plan.
    """

    actions: tuple[Action, ...] | None
    expansions: int
    spent: bool = False

    @property
    def calls(self) -> Planned | None:
        """The plan's calls, None if there is no plan."""
        if self.actions is None:
            return None
        return Planned([action.call for action in self.actions], self.expansions)


class Planned(tuple[Call, ...]):
    """A plan's calls, with the number of states expanded to find it."""

    expansions: int

    def __new__(cls, calls: Sequence[Call], expansions: int) -> Planned:
        """Create a plan from its calls in order."""
        made = super().__new__(cls, calls)
        made.expansions = expansions
        return made


class Fruitless(str):
    """Why there is no plan, with the number of states expanded to find that out."""

    expansions: int

    def __new__(cls, why: str, expansions: int) -> Fruitless:
        """Create the reason from a few words."""
        made = super().__new__(cls, why)
        made.expansions = expansions
        return made


class Search:
    """The search of one task; between searches it keeps only what follows from the task itself."""

    def __init__(self, task: Task) -> None:
        self._task, self._actions = task, task.actions
        self._relaxed = Relaxation(task)

    def relaxed_plan(self, state: int, goal: Kernel) -> frozenset[int] | None:
        """Return the indexes of a relaxed plan's actions, or None if there is no relaxed plan."""
        found = self._relaxed.estimate(state, self._relaxed.wanted(goal))
        return None if found is None else found.plan

    def helpful(self, state: int, goal: Kernel) -> list[Action]:
        """Return the actions of a relaxed plan that apply at once, in order."""
        found = self._relaxed.estimate(state, self._relaxed.wanted(goal))
        return [] if found is None else [self._actions[i] for i in sorted(found.helpful)]

    def plan(self, state: int, goal: Kernel, budget: int) -> Found:
        """Search for a plan from a state to a goal.

        Args:
            state: the facts that hold.
            goal: what must hold at the end.
            budget: the greatest number of states to expand.
        """
        if goal.holds(state):
            return Found((), 0)
        if goal.needs & goal.forbids:
            return Found(None, 0)
        with uncollected():
            greedy = GreedySearch(self._task, self._relaxed, state, goal)
            return Found(greedy.plan(budget), greedy.expansions, greedy.spent)

    def shortest(self, state: int, goal: Kernel, budget: int) -> int | None:
        """Return the length of a shortest plan by breadth-first search; None if none or beyond the budget."""
        if goal.holds(state):
            return 0
        seen, layer, depth, count = {state}, [state], 0, 0
        while layer:
            depth += 1
            following = []
            for here in layer:
                count += 1
                if count > budget:
                    return None
                for place in self._task.applicable.places(here):
                    there = self._task.after(self._actions[place], here)
                    if there not in seen:
                        if goal.holds(there):
                            return depth
                        seen.add(there)
                        following.append(there)
            layer = following
        return None
