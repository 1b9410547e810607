"""Facts that every way to a goal makes true, and how many of them are still to come."""

from __future__ import annotations

from collections.abc import Sequence

from plandrift.worlds.pddl.places import bits

PASSES = 60
"""How often each operator is looked at, at most, on the average: past that only the goals are landmarks."""


class Landmarks:
    """What every way to a goal makes true.

    Attributes:
        facts: a mask of them, the goal among them.
        goal: the goal.

    Args:
        facts: as the attribute.
        goal: as the attribute.
        needed: for a landmark, as a mask, what must hold just before it comes about.
    """

    __slots__ = ("_again", "_needed", "facts", "goal")

    def __init__(self, facts: int, goal: int, needed: dict[int, int]) -> None:
        self.facts, self.goal, self._needed = facts, goal, needed
        # Most states have the same ones to go as one before.
        self._again: dict[int, int] = {}

    def left(self, accepted: int, holding: int) -> int:
        """How many are still to come: never accepted, or needed again (Richter and Westphal 2010)."""
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
    """The facts without which nothing leads to what is wanted, even if nothing is ever taken away.

    Each fact has the facts that all ways to it make true, handed on from operator to operator until nothing
    changes any more (Zhu and Givan 2003).

    Args:
        holding: the facts that hold, as a mask.
        want: those that are wanted.
        needs: the facts that each operator needs.
        makes: those that each makes.
        users: for each fact, the operators that need it.

    Returns:
        A mask, what is wanted in it; only that where it is out of reach.
    """
    # What nothing has led to yet has all facts before it: -1, which every other mask is within.
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
