"""Landmarks: facts that every way to a goal makes true, and how many of them are left."""

from __future__ import annotations

from collections.abc import Sequence

from plandrift.worlds.pddl.places import bits

PASSES = 60
"""How often each operator is examined on average, at most; beyond that only the goals are landmarks."""


class Landmarks:
    """The facts that every way to a goal makes true.

    Attributes:
        facts: a bit mask of the landmark facts, goal facts included.
        goal: the goal.

    Args:
        facts: see the attribute.
        goal: see the attribute.
        needed: for each landmark, a mask of the facts that must hold just before it becomes true.
    """

    __slots__ = ("_again", "_needed", "facts", "goal")

    def __init__(self, facts: int, goal: int, needed: dict[int, int]) -> None:
        self.facts, self.goal, self._needed = facts, goal, needed
        # Most states have the same landmarks left as an earlier state.
        self._again: dict[int, int] = {}

    def left(self, accepted: int, holding: int) -> int:
        """Return how many are left: never accepted, or needed again (Richter and Westphal 2010)."""
        to_come = self.facts & ~accepted
        again = self._again.get(to_come)
        if again is None:
            again = self.goal
            for place in bits(to_come):
                again |= self._needed.get(1 << place, 0)
            self._again[to_come] = again
        return (to_come | again & ~holding).bit_count()


def necessary(
    holding: int,
    want: int,
    needs: Sequence[Sequence[int]],
    makes: Sequence[Sequence[int]],
    users: Sequence[Sequence[int]],
) -> int:
    """Return the facts without which nothing leads to the wanted facts, even if no fact is ever deleted.

    For each fact, the set of facts that all ways to it make true is propagated from operator to operator
    until nothing changes any more (Zhu and Givan 2003).

    Args:
        holding: a mask of the facts that hold.
        want: a mask of the wanted facts.
        needs: the facts that each operator needs.
        makes: the facts that each operator makes true.
        users: for each fact, the operators that need it.

    Returns:
        A mask that includes the wanted facts, and only those if they cannot be reached.
    """
    # A fact not reached yet starts with the set of all facts: -1, of which every mask is a subset.
    behind = [0 if holding >> fact & 1 else -1 for fact in range(len(users))]
    agenda = [i for i, facts in enumerate(needs) if all(holding >> fact & 1 for fact in facts)]
    waiting = bytearray(len(needs))
    looks, most = 0, PASSES * len(needs)
    while agenda:
        following: list[int] = []
        looks += len(agenda)
        if looks > most:
            return want
        for i in agenda:
            waiting[i] = 0
            through = 0
            for fact in needs[i]:
                through |= behind[fact]
            if through < 0:
                continue
            for fact in makes[i]:
                before = behind[fact]
                after = before & (through | 1 << fact)
                if after != before:
                    behind[fact] = after
                    for user in users[fact]:
                        if not waiting[user]:
                            waiting[user] = 1
                            following.append(user)
        agenda = following
    found = 0
    for fact in bits(want):
        if behind[fact] < 0:
            return want
        found |= behind[fact]
    return found | want
