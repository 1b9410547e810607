"""Lazy greedy best-first search with preferred operators, by FF and by the number of goals left.

A state is generated and evaluated when it is taken from a queue, not when it is found: a queue entry is an
expanded state with those of its actions that have not been tried yet. There are four queues: one by the FF
heuristic and one by the number of goals left, each for all actions and for the preferred ones (the applicable
actions of the relaxed plan). They take turns, and the preferred queues get more turns while they make
progress (Richter and Westphal 2010). Ties go to what was found first, and actions are tried in the order of
their names.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from plandrift.worlds.pddl.relaxation import Relaxation
from plandrift.worlds.pddl.task import Action, Kernel, Task

BOOST = 200
"""How many extra turns a preferred queue gets each time its own estimate improves."""

Entry = tuple[int, int, Iterator[int]]
"""An estimate, the index of a node, and those of its actions that have not been tried."""


class Expanded(NamedTuple):
    """An expanded state.

    Attributes:
        state: the facts that hold.
        before: the index of its parent node, -1 for the first.
        through: the action that leads here from the parent.
        taken: the actions that have been tried from here.
    """

    state: int
    before: int
    through: int
    taken: set[int]


class GreedySearch:
    """One search of a task.

    Attributes:
        expansions: the number of expanded states.
        spent: whether any states were left to examine when it stopped.
    """

    def __init__(self, task: Task, relaxed: Relaxation, state: int, goal: Kernel) -> None:
        self._task, self._relaxed, self._goal = task, relaxed, goal
        self._want = relaxed.wanted(goal)
        self._nodes: list[Expanded] = []
        self._seen: set[int] = {state}
        self._queues: list[list[Entry]] = [[], [], [], []]
        self._turns = [0, 0, 0, 0]
        self._nearest = [1 << 60, 1 << 60]
        self._first = Expanded(state, -1, -1, set())
        self.expansions, self.spent = 0, False

    def plan(self, budget: int) -> tuple[Action, ...] | None:
        """Return the actions of a plan, or None if there is none or this many states have been expanded."""
        node: Expanded | None = self._first
        while node is not None:
            if self.expansions >= budget:
                self.spent = True
                return None
            self.expansions += 1
            self._expand(node)
            node = self._taken()
            if node is not None and self._goal.holds(node.state):
                return self._path(node)
        return None

    def _expand(self, here: Expanded) -> None:
        """Estimate a state, and queue the actions that apply in it."""
        estimate = self._relaxed.estimate(here.state, self._want)
        if estimate is None:
            return
        left = (self._want & ~self._relaxed.holding(here.state)).bit_count()
        place = len(self._nodes)
        self._nodes.append(here)
        applicable, helpful = array("i", estimate.applicable), sorted(estimate.helpful)
        for i, value in enumerate((estimate.distance, left)):
            if value < self._nearest[i]:
                self._nearest[i] = value
                self._turns[2 * i + 1] -= BOOST
            heappush(self._queues[2 * i], (value, place, iter(applicable)))
            if helpful:
                heappush(self._queues[2 * i + 1], (value, place, iter(helpful)))

    def _taken(self) -> Expanded | None:
        """Return the next state from the queue whose turn it is."""
        queues, turns, seen, task = self._queues, self._turns, self._seen, self._task
        while True:
            turn = min((i for i in range(4) if queues[i]), key=turns.__getitem__, default=None)
            if turn is None:
                return None
            _, place, rest = queues[turn][0]
            node = self._nodes[place]
            for i in rest:
                if i not in node.taken:
                    break
            else:
                heappop(queues[turn])
                continue
            turns[turn] += 1
            node.taken.add(i)
            there = task.after(task.actions[i], node.state)
            if there not in seen:
                seen.add(there)
                return Expanded(there, place, i, set())

    def _path(self, node: Expanded) -> tuple[Action, ...]:
        steps = []
        while node.before >= 0:
            steps.append(self._task.actions[node.through])
            node = self._nodes[node.before]
        return tuple(reversed(steps))
