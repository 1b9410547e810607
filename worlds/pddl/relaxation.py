"""The relaxed task, in which no fact is ever deleted: the FF heuristic.

The negation of a fact is a separate fact here, numbered after all others. An action becomes one operator for
its unconditional effects and one for each conditional effect; a rule is an operator of cost 0. A derived fact
becomes false if all its rules fail, which is again an operator of cost 0. The negation of a derived fact that
depends on itself is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from plandrift.worlds.pddl.derivation import Rule
from plandrift.worlds.pddl.places import bits
from plandrift.worlds.pddl.sweeps import Sweeps
from plandrift.worlds.pddl.task import Kernel, Task

FAR = 1 << 60
"""The cost of an unreachable fact."""
LARGE = 2_000
"""From this many operators on, whole layers may be processed at a time."""
SWEPT = 8
"""How many operators are processed in layers in the time of one that is processed singly."""
LAYER = 100
"""The overhead of a layer, in operators processed singly."""


class HeuristicEstimate(NamedTuple):
    """The FF heuristic of a state.

    Attributes:
        distance: the cost of a relaxed plan.
        helpful: the actions of that plan that apply at once (FF's helpful actions).
        applicable: all applicable actions, in order.
        plan: the actions of the relaxed plan.
    """

    distance: int
    helpful: set[int]
    applicable: list[int]
    plan: frozenset[int]


class Relaxation:
    """The relaxed task."""

    def __init__(self, task: Task) -> None:
        self._width = width = len(task.facts)
        self._every = (1 << width) - 1
        itself = sum(head for head, cone in task.cones.items() if cone & head)
        self._free = itself << width
        costs = {action.cost for action in task.actions}
        plain = costs <= {1}
        self._needs: list[int] = []
        self._makes: list[tuple[int, ...]] = []
        self._owner: list[int] = []
        self._costs: list[int] = []
        wanted = task.goal.forbids
        for action in task.actions:
            wanted |= action.forbids
            for effect in action.conditional:
                wanted |= effect.forbids
        for rules in task.strata:
            for rule in rules:
                # A rule fails if one of its facts is missing.
                wanted |= rule.forbids | rule.needs
        for i, action in enumerate(task.actions):
            # With costs of 0 the search could not tell near from far.
            cost = 1 if plain else action.cost + 1
            needs = action.needs | action.forbids << width
            self._add(needs, action.adds, action.deletes & wanted, i, cost)
        self._actions = len(task.actions)
        for i, action in enumerate(task.actions):
            for effect in action.conditional:
                needs = action.needs | effect.needs | (action.forbids | effect.forbids) << width
                cost = 1 if plain else action.cost + 1
                self._add(needs, effect.adds, effect.deletes & wanted, i, cost)
        for rules in task.strata:
            for rule in rules:
                self._add(rule.needs | rule.forbids << width, rule.head, 0, -1, 0)
        self._numbers = 2 * width
        self._deny(task, wanted, itself)
        self._rests_on = [tuple(bits(mask)) for mask in self._needs]
        self._users: list[list[int]] = [[] for _ in range(self._numbers)]
        for i, facts in enumerate(self._rests_on):
            for fact in facts:
                self._users[fact].append(i)
        self._sweeps = self._layered(task) if len(self._needs) >= LARGE else None

    def _layered(self, task: Task) -> Sweeps | None:
        """Return what estimates in layers, with cost 1 for each action, if that is faster at first."""
        costs = [int(owner >= 0) for owner in self._owner]
        sweeps = Sweeps(self._rests_on, self._makes, costs, self._numbers)
        holding = self.holding(task.init)
        layers = sweeps.supporters(holding, bits(self.wanted(task.goal) & ~holding)).layers
        return sweeps if len(self._needs) // SWEPT + LAYER * layers < len(self._needs) else None

    def _deny(self, task: Task, wanted: int, itself: int) -> None:
        """Add operators for the derived facts whose negation is needed somewhere."""
        for rules in reversed(task.strata):
            by_head: dict[int, list[Rule]] = {}
            for rule in rules:
                by_head.setdefault(rule.head, []).append(rule)
            for head, mine in by_head.items():
                if not head & wanted or head & itself:
                    continue
                together = 0
                for rule in mine:
                    fails = rule.forbids | rule.needs << self._width
                    wanted |= rule.needs
                    if fails & (fails - 1):
                        either = 1 << self._numbers
                        self._numbers += 1
                        for place in bits(fails):
                            self._add(1 << place, either, 0, -1, 0)
                        fails = either
                    together |= fails
                self._add(together, 0, head, -1, 0)

    def _add(self, needs: int, adds: int, deletes: int, owner: int, cost: int) -> None:
        self._needs.append(needs)
        self._makes.append(tuple(bits(adds | deletes << self._width)))
        self._owner.append(owner)
        self._costs.append(cost)

    def wanted(self, goal: Kernel) -> int:
        """Return a goal as a mask of this relaxation's facts."""
        return goal.needs | goal.forbids << self._width

    def holding(self, state: int) -> int:
        """Return a mask of the facts that hold in a state, including negations."""
        return state | (~state & self._every) << self._width | self._free

    def estimate(self, state: int, want: int) -> HeuristicEstimate | None:
        """Estimate the distance to the wanted facts, by a plan of the cheapest supporters (h_add).

        Return None if they cannot be reached even if no fact is ever deleted.
        """
        holding = self.holding(state)
        unmet = ~holding
        missing = want & unmet
        if self._sweeps is not None:
            return self._swept(self._sweeps, holding, bits(missing))
        lacking = [(mask & unmet).bit_count() for mask in self._needs]
        applicable = [i for i in range(self._actions) if not lacking[i]]
        if not missing:
            return HeuristicEstimate(0, set(), applicable, frozenset())
        first, left = self._supporters(holding, missing, lacking)
        if left:
            return None
        chosen = self._chosen(first, bits(missing))
        return HeuristicEstimate(
            sum([self._costs[i] for i in chosen]), chosen & set(applicable), applicable, frozenset(chosen)
        )

    def _swept(self, sweeps: Sweeps, holding: int, missing: list[int]) -> HeuristicEstimate | None:
        swept = sweeps.supporters(holding, missing)
        if not swept.reached:
            return None
        applicable = swept.applicable[: self._actions]
        chosen = self._chosen(swept.first, missing)
        helpful = {i for i in chosen if applicable[i]}
        return HeuristicEstimate(len(chosen), helpful, np.flatnonzero(applicable).tolist(), frozenset(chosen))

    def _chosen(self, first: Mapping[int, int], missing: list[int]) -> set[int]:
        """Return the actions that produce the missing facts, given the operator that produces each fact."""
        used: set[int] = set()
        agenda = missing
        rests_on = self._rests_on
        while agenda:
            i = first.get(agenda.pop())
            if i is not None and i not in used:
                used.add(i)
                agenda += rests_on[i]
        return {owner for i in used if (owner := self._owner[i]) >= 0}

    def _supporters(self, holding: int, missing: int, lacking: list[int]) -> tuple[dict[int, int], int]:
        """Return the cheapest operator for each fact, and the missing facts that no operator produces.

        This is Dijkstra's algorithm over facts in buckets by cost; it ends when nothing is missing any more.
        """
        makes, users, total = self._makes, self._users, self._costs.copy()
        text = f"{holding:b}"[::-1]
        costs = [0 if letter == "1" else FAR for letter in text]
        costs += [FAR] * (self._numbers - len(costs))
        first: dict[int, int] = {}
        buckets: dict[int, list[int]] = {}
        order: list[int] = []
        waiting = [i for i, count in enumerate(lacking) if not count]
        left = set(bits(missing))
        cost = 0
        while True:
            for i in waiting:
                reach = total[i]
                for fact in makes[i]:
                    if reach < costs[fact]:
                        costs[fact], first[fact] = reach, i
                        bucket = buckets.get(reach)
                        if bucket is None:
                            buckets[reach] = [fact]
                            heappush(order, reach)
                        else:
                            bucket.append(fact)
            waiting = []
            while not waiting:
                if not order:
                    return first, sum([1 << fact for fact in left])
                cost = order[0]
                bucket = buckets[cost]
                if not bucket:
                    heappop(order)
                    del buckets[cost]
                    continue
                fact = bucket.pop()
                # A fact found at a lower cost meanwhile has been taken from another bucket.
                if costs[fact] != cost:
                    continue
                left.discard(fact)
                if not left:
                    return first, 0
                for i in users[fact]:
                    total[i] += cost
                    lacking[i] -= 1
                    if not lacking[i]:
                        waiting.append(i)
