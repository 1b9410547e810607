"""Search by novelty: states that show one fact, or two facts together, for the first time come first.

This is BFWS(f5) of Lipovetzky and Geffner (2017), with landmarks in place of goals. Two states are alike if
they have equally many landmarks left and have achieved equally many facts of the last relaxed plan. The
novelty of a state is the smallest number of facts that occur together for the first time among alike states:
one, two, or more. The most novel states go first, and among them the nearest. Novelty costs a few mask
operations, an estimate costs a relaxed plan, so estimates are made only when a landmark is reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from plandrift.worlds.pddl.landmarks import Landmarks
from plandrift.worlds.pddl.places import bits
from plandrift.worlds.pddl.relaxation import Relaxation
from plandrift.worlds.pddl.task import Action, Kernel, Task

ROOM = 64 * 2**20
"""The memory in bytes for pairs of facts seen together; beyond it only single new facts count."""
COST = 30
"""The cost of examining a state, in operators examined by an estimate."""
LOOKED = 16
"""How many states can be checked for applicable actions in the time of one estimate."""
KEPT = 100
"""The overhead of a mask in bytes, in addition to its bits."""

Entry = tuple[int, int, int, "Waypoint", int]
"""Novelty, landmarks left, a number, and either a state or its parent and the action that leads to it."""
Part = tuple[int, int]
"""What alike states have in common: the landmarks left, and the achieved facts of the relaxed plan."""


class Waypoint:
    """A node of the search.

    Attributes:
        state: the facts that hold.
        before: the parent node, None for the first.
        through: the index of the action that leads here from the parent.
        accepted: the landmarks reached so far.
        left: how many landmarks are left.
        plan: the facts that the last relaxed plan made true.
        behind: those of them that have been achieved since.
    """

    __slots__ = ("accepted", "before", "behind", "left", "plan", "state", "through")

    def __init__(
        self,
        state: int,
        before: Waypoint | None,
        through: int,
        accepted: int,
        left: int,
        plan: int,
        behind: int,
    ) -> None:
        self.state, self.before, self.through = state, before, through
        self.accepted, self.left, self.plan, self.behind = accepted, left, plan, behind


class Seen:
    """The facts, and pairs of facts, that have been seen among alike states."""

    __slots__ = ("_alone", "_cost", "_room", "_together")

    def __init__(self, facts: int) -> None:
        self._alone: dict[Part, int] = {}
        self._together: dict[Part, dict[int, int]] = {}
        self._room, self._cost = ROOM, facts // 8 + KEPT

    def novelty(self, state: int, new: int, part: Part) -> int:
        """Return how many facts together are new (1, 2, or 3 for more), and mark them as seen.

        Args:
            state: the facts that hold.
            new: the facts that did not hold in the parent state; only pairs with one of them are examined.
            part: the group of alike states.
        """
        seen = self._alone.get(part, 0)
        found = 1 if state & ~seen else 3
        self._alone[part] = seen | state
        together = self._together.setdefault(part, {})
        for fact in bits(new):
            before = together.get(fact)
            if before is None:
                if self._room <= 0:
                    continue
                self._room -= self._cost
                before = 0
            if state & ~before:
                found = min(found, 2)
                together[fact] = before | state
        return found


class NoveltySearch:
    """One search of a task, which can be continued.

    Attributes:
        expansions: the number of expanded states.
        work: the work done, in operators that an estimate would examine in the same time.
        spent: whether any states were left to examine when it stopped.
    """

    def __init__(self, task: Task, relaxed: Relaxation, state: int, goal: Kernel, marks: Landmarks) -> None:
        self._task, self._relaxed, self._goal, self._marks = task, relaxed, goal, marks
        self._want = relaxed.wanted(goal)
        self._first = state
        self._met = {state}
        self._simple = not task.contextual
        self._seen = Seen(len(task.facts))
        self._queue: list[Entry] = []
        self._number, self._began = 0, False
        self.expansions, self.work, self.spent = 0, 0, False

    def plan(self, budget: int, work: int) -> tuple[Action, ...] | None:
        """Return the actions of a plan, or None if there is none or the total work reaches this limit."""
        if not self._began:
            self._begin()
        queue, met = self._queue, self._met
        while queue and self.expansions < budget and self.work < work:
            _, _, _, node, place = heappop(queue)
            if place >= 0:
                there = self._after(place, node.state)
                if there in met:
                    continue
                met.add(there)
                node = self._step(node, place, there)
            self.expansions += 1
            found = self._expand(node)
            if found is not None:
                return shortened(self._task, self._first, self._path(found), self._goal)
        self.spent = bool(queue)
        return None

    def _begin(self) -> None:
        self._began = True
        holding = self._relaxed.holding(self._first)
        accepted = self._marks.facts & holding
        first = Waypoint(self._first, None, -1, accepted, self._marks.left(accepted, holding), 0, 0)
        if self._nearer(first):
            self._seen.novelty(self._first, self._first, (first.left, 0))
            self._queue.append((1, first.left, 0, first, -1))

    def _expand(self, here: Waypoint) -> Waypoint | None:
        """Queue the successors of a state; return a successor that is a goal, if there is one."""
        state, met, seen, goal, queue = here.state, self._met, self._seen, self._goal, self._queue
        applicable = self._task.applicable.places(state)
        self.work += COST * (1 + len(applicable)) + self._relaxed.effort // LOOKED
        number = self._number
        for place in applicable:
            there = self._after(place, state)
            if there in met:
                continue
            node = self._step(here, place, there)
            if goal.holds(there):
                return node
            if node.left < here.left and not self._nearer(node):
                met.add(there)
                continue
            number += 1
            novel = seen.novelty(there, there & ~state, (node.left, node.behind.bit_count()))
            if novel > 2 and node.left >= here.left:
                # Most of these are never taken up, so they are generated on demand to save memory.
                heappush(queue, (novel, node.left, number, here, place))
            else:
                met.add(there)
                heappush(queue, (novel, node.left, number, node, -1))
        self._number = number
        return None

    def _after(self, place: int, state: int) -> int:
        action = self._task.actions[place]
        if self._simple:
            return state & ~action.deletes | action.adds
        return self._task.after(action, state)

    def _step(self, before: Waypoint, place: int, state: int) -> Waypoint:
        holding = self._relaxed.holding(state)
        accepted = self._marks.facts & holding
        # If nothing is added, keep the same integer object and not an equal copy.
        accepted = accepted | before.accepted if accepted & ~before.accepted else before.accepted
        behind = before.plan & state
        behind = behind | before.behind if behind & ~before.behind else before.behind
        left = self._marks.left(accepted, holding)
        return Waypoint(state, before, place, accepted, left, before.plan, behind)

    def _nearer(self, node: Waypoint) -> bool:
        """Make a relaxed plan for a state with fewer landmarks left; return False if there is none."""
        found = self._relaxed.estimate(node.state, self._want)
        self.work += self._relaxed.effort
        if found is None:
            return False
        made = 0
        for place in found.plan:
            made |= self._task.actions[place].adds
        node.plan, node.behind = made & ~node.state, 0
        return True

    def _path(self, node: Waypoint) -> list[Action]:
        steps = []
        while node.before is not None:
            steps.append(self._task.actions[node.through])
            node = node.before
        return steps[::-1]


def shortened(task: Task, state: int, actions: Sequence[Action], goal: Kernel) -> tuple[Action, ...]:
    """Remove unnecessary actions from a plan, each together with the later actions that depend on it.

    This is action elimination (Nakhost and Müller 2010).
    """
    left, here, place = list(actions), state, 0
    while place < len(left):
        there, kept = here, []
        for action in left[place + 1 :]:
            if action.applies(there):
                there = task.after(action, there)
                kept.append(action)
        if goal.holds(there):
            left[place:] = kept
        else:
            here = task.after(left[place], here)
            place += 1
    return tuple(left)
