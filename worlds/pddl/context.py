"""What a plan's steps require and write when that depends on the state: conditional effects and rules.

A need of a later step (or of the goals) is traced back to the last earlier step that may change the fact. If
that step produces it in every state, nothing more is required. If it does so only in some states, the step
requires the reason: for an effect that must occur, its condition; for an effect that must not occur, one
false literal of its condition; for a derived fact, the facts from which it follows. Effects that nobody needs
add no requirements. Together the requirements are sufficient; with conditional effects they may be more than
is necessary, so staleness errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from plandrift.worlds.pddl.derivation import Rule
from plandrift.worlds.pddl.places import bits
from plandrift.worlds.pddl.task import Action, Kernel, Task


class Resting(NamedTuple):
    """What one step of a plan requires, and what it is expected to write.

    Attributes:
        needs: facts that must hold before it.
        forbids: facts that must not hold before it.
        adds: facts that hold after it.
        deletes: facts that do not hold after it.
    """

    needs: int
    forbids: int
    adds: int
    deletes: int


def resting(task: Task, state: int, actions: Sequence[Action], goal: Kernel) -> list[Resting]:
    """Return what each action of a plan requires and writes, if the plan begins in a given state.

    Args:
        task: the task.
        state: the closed state in which the plan begins.
        actions: the actions of the plan, in order.
        goal: what must hold at its end.
    """
    states = [state]
    for action in actions:
        states.append(task.after(action, states[-1]))
    needs, forbids = goal.needs, goal.forbids
    found: list[Resting] = []
    for action, here, there in zip(
        reversed(actions), reversed(states[:-1]), reversed(states[1:]), strict=True
    ):
        touched = task.touched(action)
        step = _Step(task, action, here, there, touched)
        for mask, wanted in ((needs & touched, True), (forbids & touched, False)):
            for place in bits(mask):
                step.bring_about(1 << place, wanted)
        # The needs of the action itself come before those of its effects.
        step_needs = action.needs | step.needs & ~action.forbids
        step_forbids = action.forbids | step.forbids & ~action.needs
        moved = here ^ there
        brought = step.brought | moved | action.adds | action.deletes
        found.append(Resting(step_needs, step_forbids & ~step_needs, brought & there, brought & ~there))
        needs = needs & ~touched | step_needs
        forbids = forbids & ~touched | step_forbids
    return found[::-1]


class _Step:
    """Collects, need by need, what one step requires for its effects to occur."""

    def __init__(self, task: Task, action: Action, here: int, there: int, touched: int) -> None:
        self._task, self._action, self._touched = task, action, touched
        self._here, self._there = here, there
        self.needs = self.forbids = self.brought = 0

    def bring_about(self, bit: int, wanted: bool) -> None:
        """Require what makes the fact true or false after the step, as it is in the plan."""
        if self.brought & bit:
            return
        self.brought |= bit
        if bool(self._there & bit) != wanted:
            return
        if self._task.derived & bit:
            for base in bits(_support(self._task, self._there, bit)):
                one = 1 << base
                if self._touched & one:
                    self.bring_about(one, bool(self._there & one))
                else:
                    self._require(one)
            return
        action, effects = self._action, self._action.conditional
        makes = action.adds if wanted else action.deletes & ~action.adds
        if not wanted:
            for effect in effects:
                if effect.adds & bit:
                    self._keep_away(effect.needs, effect.forbids)
        if makes & bit:
            return
        coming = [e for e in effects if (e.adds if wanted else e.deletes) & bit and e.comes(self._here)]
        if coming:
            for place in bits(coming[0].needs | coming[0].forbids):
                self._require(1 << place)
            return
        self._require(bit)
        if wanted:
            for effect in effects:
                if effect.deletes & bit:
                    self._keep_away(effect.needs, effect.forbids)

    def _require(self, bit: int) -> None:
        """Require that the fact has the same value before the step as in the plan."""
        if self._here & bit:
            self.needs |= bit
        else:
            self.forbids |= bit

    def _keep_away(self, needs: int, forbids: int) -> None:
        """Require that one literal of a condition is false, preferably one that is required anyway."""
        here = self._here
        false = needs & ~here | forbids & here
        kept = false & (self._action.needs & here | self._action.forbids & ~here | self.needs | self.forbids)
        if not kept and false:
            self._require(false & -false)


def _support(task: Task, state: int, bit: int) -> int:
    """Return non-derived facts whose values in a closed state suffice for the value of a derived fact."""
    why = _derivations(task, state)
    against: dict[int, list[Rule]] = {}
    for rules in task.strata:
        for rule in rules:
            against.setdefault(rule.head, []).append(rule)
    found, seen, agenda = 0, 0, [bit]
    while agenda:
        one = agenda.pop()
        if seen & one:
            continue
        seen |= one
        if not task.derived & one:
            found |= one
        elif state & one:
            rule = why[one]
            agenda += [1 << place for place in bits(rule.needs | rule.forbids)]
        else:
            # Facts that are false only because of each other are false together: none needs a second visit.
            for rule in against[one]:
                false = rule.needs & ~state | rule.forbids & state
                known = false & seen or false & ~task.derived or false
                if not false & seen:
                    agenda.append(known & -known)
    return found


@lru_cache(maxsize=4096)
def _derivations(task: Task, state: int) -> dict[int, Rule]:
    """Return one rule for each derived fact that holds, after the rules for the facts that it needs."""
    why: dict[int, Rule] = {}
    state &= ~task.derived
    for rules in task.strata:
        before = -1
        while state != before:
            before = state
            for rule in rules:
                if not state & rule.head and state & rule.needs == rule.needs and not state & rule.forbids:
                    state |= rule.head
                    why[rule.head] = rule
    return why
