"""Lazy greedy best-first search with preferred operators, by FF and by landmarks: the same plan each time.

A state is evaluated when it is taken up, not when it is found. There are four queues, by the FF heuristic
and by the count of landmarks, each for all successors and for the preferred ones (the actions of the
relaxed plan that apply); they take turns, the preferred ones more often while they lead nearer (Richter and
Westphal 2010). Ties go to what was found first, and actions are tried in the order of their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from sim import Call
from worlds.pddl.relaxation import Relaxation
from worlds.pddl.task import Action, Kernel, Task

BOOST = 200
"""How many turns a preferred queue is ahead after each step nearer by its own estimate."""
TRIED = 400
"""Facts tried at most as landmarks."""


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        actions: the plan, None where there is none.
        expansions: states expanded.
        spent: whether the budget was spent before it was known.
    """

    actions: tuple[Action, ...] | None
    expansions: int
    spent: bool = False

    @property
    def cost(self) -> int:
        """What the plan costs together; 0 where there is none."""
        return sum(action.cost for action in self.actions or ())


class Planned(tuple[Call, ...]):
    """A plan's calls, and how many states were expanded for it."""

    expansions: int

    def __new__(cls, calls: Sequence[Call], expansions: int) -> Planned:
        """Calls in order."""
        made = super().__new__(cls, calls)
        made.expansions = expansions
        return made


class Fruitless(str):
    """Why there is no plan, and how many states were expanded to find that out."""

    expansions: int

    def __new__(cls, why: str, expansions: int) -> Fruitless:
        """Why, in a few words."""
        made = super().__new__(cls, why)
        made.expansions = expansions
        return made


Entry = tuple[int, int, int, int, int]
"""An estimate, a number, a state, the state before it, and the action between."""


class Search:
    """Searches one task; it keeps nothing between searches but what the task itself gives."""

    def __init__(self, task: Task) -> None:
        self._task, self._actions = task, task.actions
        self._relaxed = Relaxation(task)
        self._simple = not task.strata and not any(a.conditional for a in task.actions)

    def relaxed_plan(self, state: int, goal: Kernel) -> frozenset[int] | None:
        """The actions, by their places, of a plan in which nothing is taken away; None if there is none."""
        found = self._relaxed.estimate(state, self._relaxed.wanted(goal))
        return None if found is None else found.plan

    def helpful(self, state: int, goal: Kernel) -> list[Action]:
        """The actions of a relaxed plan that apply at once, in order."""
        found = self._relaxed.estimate(state, self._relaxed.wanted(goal))
        return [] if found is None else [self._actions[i] for i in sorted(found.helpful)]

    def plan(self, state: int, goal: Kernel, budget: int) -> Found:
        """A plan from a state to a goal.

        Args:
            state: the facts that hold.
            goal: what must hold at the end.
            budget: states to expand at most.
        """
        if goal.holds(state):
            return Found((), 0)
        if goal.needs & goal.forbids:
            return Found(None, 0)
        relaxed = self._relaxed
        want = relaxed.wanted(goal)
        marks = relaxed.landmarks(state, want, TRIED)
        came: dict[int, tuple[int, int]] = {}
        accepted = {state: marks.facts & relaxed.holding(state)}
        queues: list[list[Entry]] = [[], [], [], []]
        turns = [0, 0, 0, 0]
        number = expansions = 0
        nearest = [1 << 60, 1 << 60]
        here, before, through = state, -1, -1
        while True:
            if here not in came:
                if expansions >= budget:
                    return Found(None, expansions, spent=True)
                came[here] = (before, through)
                expansions += 1
                estimate = relaxed.estimate(here, want)
                if estimate is not None:
                    seen = accepted[here]
                    counted = marks.left(seen, relaxed.holding(here))
                    for i, value in enumerate((estimate.distance, counted)):
                        if value < nearest[i]:
                            nearest[i] = value
                            turns[2 * i + 1] -= BOOST
                    for i in estimate.able:
                        action = self._actions[i]
                        there = (
                            here & ~action.deletes | action.adds
                            if self._simple
                            else self._task.after(action, here)
                        )
                        if there in came:
                            continue
                        reached = seen | marks.facts & relaxed.holding(there)
                        # What not every way there has passed is not known to be behind.
                        accepted[there] = accepted.get(there, -1) & reached
                        if goal.holds(there):
                            came[there] = (here, i)
                            return Found(self._path(came, there), expansions)
                        number += 1
                        helpful = i in estimate.helpful
                        heappush(queues[0], (estimate.distance, number, there, here, i))
                        heappush(queues[2], (counted, number, there, here, i))
                        if helpful:
                            heappush(queues[1], (estimate.distance, number, there, here, i))
                            heappush(queues[3], (counted, number, there, here, i))
            turn = min((i for i in range(4) if queues[i]), key=lambda i: turns[i], default=None)
            if turn is None:
                return Found(None, expansions)
            turns[turn] += 1
            _, _, here, before, through = heappop(queues[turn])

    def shortest(self, state: int, goal: Kernel, budget: int) -> int | None:
        """How many actions a shortest plan has, by breadth-first search; None past the budget or if none."""
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
                for action in self._actions:
                    if here & action.needs == action.needs and not here & action.forbids:
                        there = self._task.after(action, here)
                        if there not in seen:
                            if goal.holds(there):
                                return depth
                            seen.add(there)
                            following.append(there)
            layer = following
        return None

    def _path(self, came: dict[int, tuple[int, int]], state: int) -> tuple[Action, ...]:
        steps = []
        before, through = came[state]
        while through >= 0:
            steps.append(self._actions[through])
            before, through = came[before]
        return tuple(reversed(steps))
