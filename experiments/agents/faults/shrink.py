"""Shrinking: the fewest changes of a history that still make the agent fail in the same way.

It uses delta debugging (Zeller and Hildebrandt 2002, IEEE Transactions on Software Engineering 28(2)), then
tries to drop each single change, then rounds the times as far as the failure persists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from plandrift.experiments.agents.faults.failure import FailedCall, FailureKind, failures
from plandrift.experiments.agents.faults.history import History
from plandrift.experiments.agents.faults.player import Player
from plandrift.sim import Change, PlandriftError

TRIES = 150
"""The most plays of a history while it is shrunk."""


class Shrinker:
    """Shrinks histories for one player, until its budget is spent."""

    def __init__(self, player: Player, tries: int = TRIES) -> None:
        self._player, self._tries = player, tries
        self._last: FailedCall | None = None

    def shrink(self, history: History, failure: FailedCall) -> tuple[History, FailedCall]:
        """Return the smallest history found in which the agent fails the same way, with that failure.

        Args:
        history: the history in which it failed.
        failure: how it failed.
        """
        left, self._last = [self._tries], None

        def fails(changes: Sequence[Change]) -> bool:
            if not left[0]:
                return False
            left[0] -= 1
            return self._fails(replace(history, changes=tuple(changes)), failure.kind)

        changes: list[Change] = list(history.changes)
        landed = failure.step.landed if failure.step is not None else history.horizon
        earlier = [change for change in changes if change[0] <= landed]
        if len(earlier) < len(changes) and fails(earlier):
            changes = earlier
        changes = fewest(changes, fails)
        for digits in (2, 1):
            changes = _rounded(changes, digits, fails)
        # The history kept is the last in which it failed, or the whole one, in which it failed at first.
        return replace(history, changes=tuple(changes)), self._last or failure

    def _fails(self, history: History, kind: FailureKind) -> bool:
        try:
            episode = self._player(history)
        except PlandriftError:
            # What cannot be played, because a needed earlier change is gone or the budget is, does not count.
            return False
        found = next((one for one in failures(episode, history.changes) if one.kind.like(kind)), None)
        self._last = found or self._last
        return found is not None


def fewest(changes: Sequence[Change], fails: Callable[[Sequence[Change]], bool]) -> list[Change]:
    """Return a minimal list of changes that still fails: no single one of them can be left out.

    >>> fewest([(1.0, "a", 1), (2.0, "b", 1), (3.0, "a", 2)], lambda some: (2.0, "b", 1) in some)
    [(2.0, 'b', 1)]
    """
    left = list(changes)
    if left and fails([]):
        return []
    parts = 2
    while len(left) >= 2:
        size = -(-len(left) // parts)
        pieces = [left[i : i + size] for i in range(0, len(left), size)]
        for i, piece in enumerate(pieces):
            rest = [change for j, other in enumerate(pieces) if j != i for change in other]
            if len(pieces) > 2 and fails(piece):
                left, parts = list(piece), 2
                break
            if fails(rest):
                left, parts = rest, max(parts - 1, 2)
                break
        else:
            if parts >= len(left):
                break
            parts = min(2 * parts, len(left))
    return left


def _rounded(changes: list[Change], digits: int, fails: Callable[[Sequence[Change]], bool]) -> list[Change]:
    for i, (time, fluent, value) in enumerate(changes):
        near = round(time, digits)
        tried = [*changes[:i], (near, fluent, value), *changes[i + 1 :]]
        in_order = all(a[0] <= b[0] for a, b in pairwise(tried))
        if near != time and near > 0 and in_order and fails(tried):
            changes = tried
    return changes
