"""Greedy best-first search with the FF heuristic on bit masks: the same plan whatever the hash seed.

The heuristic is the length of a relaxed plan (Hoffmann and Nebel 2001); a state is evaluated when it is
taken up, not when it is found, and the actions of its relaxed plan are tried first. Ties go to what
was found first, and actions are tried in the order of their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from sim import Call
from worlds.pddl.task import Action, Kernel, Task, bits


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


class Planned(tuple[Call, ...]):
    """A plan's calls, and how many states were expanded for it."""

    expansions: int

    def __new__(cls, calls: Sequence[Call], expansions: int) -> Planned:
        """Calls in order."""
        made = super().__new__(cls, calls)
        made.expansions = expansions
        return made


class Search:
    """Searches one task; it keeps nothing between searches but what the task itself gives.

    For the heuristic a fact that must not hold is a fact of its own, numbered after all the others.
    """

    def __init__(self, task: Task) -> None:
        width = len(task.facts)
        self._all, self._width = (1 << width) - 1, width
        self._actions = task.actions
        self._needs = [a.needs | a.forbids << width for a in task.actions]
        self._rests_on = [tuple(bits(mask)) for mask in self._needs]
        made = (a.adds | (a.deletes & ~a.adds) << width for a in task.actions)
        self._makes = [tuple((bit, 1 << bit) for bit in bits(mask)) for mask in made]
        self._users: list[list[int]] = [[] for _ in range(2 * width)]
        for i, facts in enumerate(self._rests_on):
            for fact in facts:
                self._users[fact].append(i)

    def plan(self, state: int, goal: Kernel, budget: int) -> Found:
        """A plan from a state to a goal.

        Args:
            state: the facts that hold.
            goal: what must hold at the end.
            budget: states to expand at most.
        """
        if goal.holds(state):
            return Found((), 0)
        want = goal.needs | goal.forbids << self._width
        came: dict[int, tuple[int, Action] | None] = {state: None}
        queue: list[tuple[int, bool, int, int]] = [(0, False, 0, state)]
        number = expansions = 0
        while queue:
            _, _, _, here = heappop(queue)
            if expansions >= budget:
                return Found(None, expansions, spent=True)
            expansions += 1
            estimate = self._estimate(here, want)
            if estimate is None:
                continue
            distance, helpful, able = estimate
            for i in able:
                action = self._actions[i]
                there = here & ~action.deletes | action.adds
                if there in came:
                    continue
                came[there] = (here, action)
                if goal.holds(there):
                    return Found(_path(came, there), expansions)
                number += 1
                heappush(queue, (distance, i not in helpful, number, there))
        return Found(None, expansions)

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
                        there = here & ~action.deletes | action.adds
                        if there not in seen:
                            if goal.holds(there):
                                return depth
                            seen.add(there)
                            following.append(there)
            layer = following
        return None

    def _estimate(self, state: int, want: int) -> tuple[int, set[int], list[int]] | None:
        """The length of a relaxed plan, those of its actions that apply at once, and all that apply.

        None where nothing leads to what is wanted, even if nothing were ever taken away.
        """
        unmet = ~(state | (~state & self._all) << self._width)
        lacking = [(mask & unmet).bit_count() for mask in self._needs]
        able = [i for i, count in enumerate(lacking) if not count]
        first: dict[int, int] = {}
        reached: list[int] = []
        makes, users = self._makes, self._users
        for i in able:
            for fact, bit in makes[i]:
                if unmet & bit:
                    unmet ^= bit
                    first[fact] = i
                    reached.append(fact)
        head = 0
        while want & unmet:
            if head == len(reached):
                return None
            for i in users[reached[head]]:
                lacking[i] -= 1
                if not lacking[i]:
                    for fact, bit in makes[i]:
                        if unmet & bit:
                            unmet ^= bit
                            first[fact] = i
                            reached.append(fact)
            head += 1
        chosen: set[int] = set()
        helpful: set[int] = set()
        agenda = [fact for fact in bits(want) if fact in first]
        while agenda:
            i = first[agenda.pop()]
            if i in chosen:
                continue
            chosen.add(i)
            before = [fact for fact in self._rests_on[i] if fact in first]
            if before:
                agenda += before
            else:
                helpful.add(i)
        return len(chosen), helpful, able


def _path(came: dict[int, tuple[int, Action] | None], state: int) -> tuple[Action, ...]:
    steps = []
    before = came[state]
    while before is not None:
        steps.append(before[1])
        before = came[before[0]]
    return tuple(reversed(steps))
