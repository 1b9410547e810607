"""Search by novelty: first those states that show one fact, or two together, for the first time.

BFWS(f5) of Lipovetzky and Geffner (2017), on landmarks in the place of goals. States are alike for this
that have as many landmarks to go and as many facts of the last relaxed plan behind; a state is as novel as
few facts together are new among those alike: one, two, or more. The most novel go first, and of them the
nearest. What novelty costs is a few operations on masks, where an estimate costs a relaxed plan: it is
made only where a landmark was reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from worlds.pddl.relaxation import Landmarks, Relaxation
from worlds.pddl.task import Action, Kernel, Task, bits

ROOM = 64 * 2**20
"""Bytes that the pairs of facts seen together take at most; past them only new facts count."""
COST = 10
"""What a state costs that is looked at, in operators of an estimate."""
KEPT = 100
"""Bytes that a mask takes beside its bits."""

Part = tuple[int, int]
"""What states have in common that are alike: landmarks to go, and facts of the relaxed plan behind."""


class Node(NamedTuple):
    """A state on its way.

    Attributes:
        state: the facts that hold.
        accepted: the landmarks behind.
        left: how many are to go.
        plan: the facts that the last relaxed plan made.
        behind: those of them that the way has made since.
    """

    state: int
    accepted: int
    left: int
    plan: int
    behind: int


class Seen:
    """Which facts have been seen, alone and together, among states that are alike."""

    __slots__ = ("_alone", "_cost", "_room", "_together")

    def __init__(self, facts: int) -> None:
        self._alone: dict[Part, int] = {}
        self._together: dict[Part, dict[int, int]] = {}
        self._room, self._cost = ROOM, facts // 8 + KEPT

    def novelty(self, state: int, new: int, part: Part) -> int:
        """How many facts together are seen for the first time: 1, 2, or 3 for more. Now they have been seen.

        Args:
            state: the facts that hold.
            new: those that did not hold in the state before: of pairs, those with one of them are looked at.
            part: among which states.
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
    """One search of a task, which can be gone on with.

    Attributes:
        expansions: states expanded.
        work: what it has done, in operators that an estimate would look at in that time.
        spent: whether there was more to look at when it stopped.
    """

    def __init__(self, task: Task, relaxed: Relaxation, state: int, goal: Kernel, marks: Landmarks) -> None:
        self._task, self._relaxed, self._goal, self._marks = task, relaxed, goal, marks
        self._want = relaxed.wanted(goal)
        self._first = state
        self._came: dict[int, tuple[int, int]] = {state: (-1, -1)}
        self._simple = not task.contextual
        self._seen = Seen(len(task.facts))
        self._queue: list[tuple[int, int, int, Node]] = []
        self._number, self._began = 0, False
        self.expansions, self.work, self.spent = 0, 0, False

    def plan(self, budget: int, work: int) -> tuple[Action, ...] | None:
        """The actions of a plan; None where there is none, or once so much has been done in all."""
        if not self._began:
            self._begin()
        queue, seen = self._queue, self._seen
        while queue and self.expansions < budget and self.work < work:
            here = heappop(queue)[3]
            self.expansions += 1
            able = self._task.applicable.places(here.state)
            self.work += COST * (1 + len(able))
            for place in able:
                there = self._after(place, here.state)
                if there in self._came:
                    continue
                self._came[there] = here.state, place
                if self._goal.holds(there):
                    return shortened(self._task, self._first, self._path(there), self._goal)
                node = self._step(here, there)
                if node is not None:
                    self._number += 1
                    part = node.left, node.behind.bit_count()
                    novel = seen.novelty(there, there & ~here.state, part)
                    heappush(queue, (novel, node.left, self._number, node))
        self.spent = bool(queue)
        return None

    def _begin(self) -> None:
        self._began = True
        holding = self._relaxed.holding(self._first)
        accepted = self._marks.facts & holding
        first = self._nearer(self._first, accepted, self._marks.left(accepted, holding))
        if first is not None:
            self._seen.novelty(self._first, self._first, (first.left, 0))
            self._queue.append((1, first.left, 0, first))

    def _after(self, place: int, state: int) -> int:
        action = self._task.actions[place]
        if self._simple:
            return state & ~action.deletes | action.adds
        return self._task.after(action, state)

    def _step(self, before: Node, state: int) -> Node | None:
        holding = self._relaxed.holding(state)
        accepted = before.accepted | self._marks.facts & holding
        left = self._marks.left(accepted, holding)
        if left < before.left:
            return self._nearer(state, accepted, left)
        return Node(state, accepted, left, before.plan, before.behind | before.plan & state)

    def _nearer(self, state: int, accepted: int, left: int) -> Node | None:
        """A state with fewer landmarks to go than the one before; None where nothing leads on."""
        found = self._relaxed.estimate(state, self._want)
        self.work += self._relaxed.operators
        if found is None:
            return None
        made = 0
        for place in found.plan:
            made |= self._task.actions[place].adds
        return Node(state, accepted, left, made & ~state, 0)

    def _path(self, state: int) -> list[Action]:
        steps = []
        before, place = self._came[state]
        while place >= 0:
            steps.append(self._task.actions[place])
            before, place = self._came[before]
        return steps[::-1]


def shortened(task: Task, state: int, actions: Sequence[Action], goal: Kernel) -> tuple[Action, ...]:
    """A plan without the actions that it can do without, each with those that it alone makes possible.

    Action elimination (Nakhost and Müller 2010).
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
