"""Lazy greedy best-first search with preferred operators, by FF and by landmarks.

A state is evaluated when it is taken up, not when it is found. There are four queues, by the FF heuristic
and by the count of landmarks, each for all successors and for the preferred ones (the actions of the
relaxed plan that apply); they take turns, the preferred ones more often while they lead nearer (Richter and
Westphal 2010). Ties go to what was found first, and actions are tried in the order of their names.
"""

from __future__ import annotations

from heapq import heappop, heappush

from worlds.pddl.relaxation import Landmarks, Relaxation
from worlds.pddl.task import Action, Kernel, Task

BOOST = 200
"""How many turns a preferred queue is ahead after each step nearer by its own estimate."""

Entry = tuple[int, int, int, int, int]
"""An estimate, a number, a state, the state before it, and the action between."""


class GreedySearch:
    """One search of a task, which can be gone on with.

    Attributes:
        expansions: states expanded.
        work: what it has done, in operators looked at.
        spent: whether there was more to look at when it stopped.
    """

    def __init__(self, task: Task, relaxed: Relaxation, state: int, goal: Kernel, marks: Landmarks) -> None:
        self._task, self._relaxed, self._goal, self._marks = task, relaxed, goal, marks
        self._want = relaxed.wanted(goal)
        self._simple = not task.contextual
        self._came: dict[int, tuple[int, int]] = {}
        self._accepted = {state: marks.facts & relaxed.holding(state)}
        self._queues: list[list[Entry]] = [[], [], [], []]
        self._turns = [0, 0, 0, 0]
        self._nearest = [1 << 60, 1 << 60]
        self._number = 0
        self._next: tuple[int, int, int] | None = (state, -1, -1)
        self.expansions, self.work, self.spent = 0, 0, False

    def plan(self, budget: int, work: int) -> tuple[Action, ...] | None:
        """The actions of a plan; None where there is none, or once so much has been done in all."""
        while self._next is not None:
            here, before, through = self._next
            if here not in self._came:
                if self.expansions >= budget or self.work >= work:
                    self.spent = True
                    return None
                self._came[here] = before, through
                self.expansions += 1
                self.work += self._relaxed.operators
                found = self._expand(here)
                if found is not None:
                    return self._path(found)
            self._next = self._taken()
        self.spent = False
        return None

    def _expand(self, here: int) -> int | None:
        """Look at what follows a state: the goal, if one of its successors is one."""
        relaxed, marks = self._relaxed, self._marks
        estimate = relaxed.estimate(here, self._want)
        if estimate is None:
            return None
        seen = self._accepted[here]
        counted = marks.left(seen, relaxed.holding(here))
        for i, value in enumerate((estimate.distance, counted)):
            if value < self._nearest[i]:
                self._nearest[i] = value
                self._turns[2 * i + 1] -= BOOST
        queues, accepted, came, number = self._queues, self._accepted, self._came, self._number
        for i in estimate.able:
            action = self._task.actions[i]
            there = here & ~action.deletes | action.adds if self._simple else self._task.after(action, here)
            if there in came:
                continue
            reached = seen | marks.facts & relaxed.holding(there)
            # What not every way there has passed is not known to be behind.
            accepted[there] = accepted.get(there, -1) & reached
            if self._goal.holds(there):
                came[there] = here, i
                return there
            number += 1
            helpful = i in estimate.helpful
            heappush(queues[0], (estimate.distance, number, there, here, i))
            heappush(queues[2], (counted, number, there, here, i))
            if helpful:
                heappush(queues[1], (estimate.distance, number, there, here, i))
                heappush(queues[3], (counted, number, there, here, i))
        self._number = number
        return None

    def _taken(self) -> tuple[int, int, int] | None:
        """The state that is next by the queue whose turn it is, the one before, and the action between."""
        turn = min((i for i in range(4) if self._queues[i]), key=lambda i: self._turns[i], default=None)
        if turn is None:
            return None
        self._turns[turn] += 1
        return heappop(self._queues[turn])[2:]

    def _path(self, state: int) -> tuple[Action, ...]:
        steps = []
        before, through = self._came[state]
        while through >= 0:
            steps.append(self._task.actions[through])
            before, through = self._came[before]
        return tuple(reversed(steps))
