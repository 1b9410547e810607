"""Other agents that act in the same domain, and how they choose their actions.

An exogenous action carries all the random numbers drawn for it, and its effect then depends only on the
state, so every policy meets the same other agents.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from plandrift.sim import Call
from plandrift.worlds.pddl.places import bits
from plandrift.worlds.pddl.search import Search
from plandrift.worlds.pddl.task import Action, Kernel, Task

HOW = ("uniform", "goals", "undoing")
"""The values of `world.others`: any applicable action, their own goals, or back to the initial state."""
LASTS = 12
"""How many actions others carry out before they draw new goals."""
GOALS = 3
"""How many goals they have at a time, in the order in which they pursue them."""
BLOCK = 128
"""How many events are drawn at once."""
WALK = 3000
"""The greatest number of others' actions from which their pace is measured."""
COSTLY = 100_000
"""How many actions a random walk examines: the more actions a state offers, the fewer steps it takes."""


class ExogenousAction(NamedTuple):
    """The random numbers drawn for one action of other agents.

    Attributes:
        mark: a number in [0, 1) that selects one of the candidate actions.
        goals: masks of the facts that they want to change; empty unless they choose by goals.
    """

    mark: float
    goals: tuple[int, ...] = ()


class OtherAgents:
    """The other agents of a task, who act alongside the one being measured.

    Attributes:
        how: one of `HOW`.
    """

    def __init__(self, task: Task, search: Search, how: str) -> None:
        self._task, self._search, self.how = task, search, how
        goal = task.goal.needs | task.goal.forbids
        # Others never pursue the agent's goals: they would do its work.
        moving = 0
        for action in task.actions:
            moving |= action.adds | action.deletes
        self._wishes = bits(moving & ~goal & ~task.derived)

    def events(self, random: np.random.Generator) -> Iterator[ExogenousAction]:
        """Yield the random numbers for their actions, endlessly."""
        goals: tuple[int, ...] = ()
        count = 0
        while True:
            for mark in random.random(BLOCK).tolist():
                if self.how == "goals" and count % LASTS == 0 and self._wishes:
                    drawn = random.integers(len(self._wishes), size=GOALS).tolist()
                    goals = tuple(1 << self._wishes[i] for i in drawn)
                count += 1
                yield ExogenousAction(mark, goals)

    def act(self, event: ExogenousAction, state: int) -> Action | None:
        """Return what they do in a state, or None if nothing applies or there is nothing to undo."""
        if self.how == "goals":
            for wish in event.goals:
                want = Kernel(wish, 0)
                # Pursue the first reachable goal that does not hold yet, by one of FF's helpful actions.
                helpful = [] if want.holds(state) else self._search.helpful(state, want)
                if helpful:
                    return helpful[int(event.mark * len(helpful))]
            return self._task.drawn(state, event.mark)
        if self.how == "undoing":
            return self._undo(state, event.mark)
        return self._task.drawn(state, event.mark)

    def _undo(self, state: int, mark: float) -> Action | None:
        apart = state ^ self._task.init
        better = []
        if apart:
            least = apart.bit_count()
            for action in self._task.actions:
                if action.applies(state):
                    left = (self._task.after(action, state) ^ self._task.init).bit_count()
                    if left < least:
                        better, least = [action], left
                    elif left == least and better:
                        better.append(action)
        if better:
            return better[int(mark * len(better))]
        # If the domain has no way back, an action is undone directly.
        back = [undone for action in self._task.actions if (undone := self._taken_back(action, state))]
        nearer = [u for u in back if (u.after(state) ^ self._task.init).bit_count() < apart.bit_count()]
        if apart and nearer:
            return nearer[int(mark * len(nearer))]
        onward = self._task.drawn(state, mark)
        if onward is None and apart and back:
            return back[int(mark * len(back))]
        return onward

    def _taken_back(self, action: Action, state: int) -> Action | None:
        """Return an action that undoes this one, given the state after it; None if there is none."""
        adds, deletes = action.adds & ~action.needs, action.deletes & action.needs
        if state & action.adds != action.adds or state & action.deletes:
            return None
        task = self._task
        before = task.closed(state & ~adds | deletes)
        if not action.applies(before) or task.after(action, before) != state:
            return None
        return Action(Call(f"undo-{action.call.action}", action.call.args), 0, 0, deletes, adds)

    @cached_property
    def pace(self) -> PaceOfOthers:
        """How fast they change the facts, measured so that a volatility means the same in every problem.

        Facts that the reader invented do not count: they depend on how conditions are written.
        """
        task = self._task
        state, changes, every, changed, steps, since, stops = task.init, 0, 0, 0, 0, 0, 0
        random = np.random.default_rng(0)
        length = max(100, min(WALK, COSTLY // max(1, len(task.actions))))
        if self.how == "goals":
            length = max(50, length // 10)
        for event, _ in zip(self.events(random), range(length), strict=False):
            action = self.act(event, state)
            after = state if action is None else task.after(action, state)
            if action is None:
                if not since:
                    break
                # Start again, to measure the time before a standstill accurately.
                state, since, stops = task.init, 0, stops + 1
                continue
            moved = state ^ after
            every += moved.bit_count()
            changes += (moved & ~task.invented).bit_count()
            changed |= moved & ~task.invented
            state, steps, since = after, steps + 1, since + 1
        moving = changed.bit_count()
        actions, share = (moving * steps / changes, changes / every) if changes else (1.0, 1.0)
        return PaceOfOthers(actions, moving, share, stops > 0 or not steps)


class PaceOfOthers(NamedTuple):
    """How fast other agents change the facts.

    Attributes:
        actions: the number of actions per change of each changing fact.
        facts: the number of declared facts that changed.
        share: the share of declared facts among all changes.
        stops: whether they reached a state in which nothing applies.
    """

    actions: float
    facts: int
    share: float
    stops: bool
