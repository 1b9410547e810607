"""The truth (0) and the belief (1) of each fluent: `sim.terms.fluents` in numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled


@compiled
def _hold(c: Any, s: Any, w: int, fluent: int, value: int, version: int) -> None:
    wanted = c.wanted[fluent]
    if wanted != at.NONE:
        s.unmet[w] += int(value != wanted) - int(s.value[w, fluent] != wanted)
    s.value[w, fluent], s.version[w, fluent] = value, version


@compiled
def write(c: Any, s: Any, fluent: int, value: int, hand: int) -> None:
    """Write a fluent of the truth; `hand` says whose write it is: `OTHER`, `OWN` or `BESIDES`."""
    before = s.value[0, fluent]
    if before != value:
        if s.histories >= at.LEFT:
            s.ended = at.FULL
            return
        i = s.histories
        s.left_before[i], s.left_value[i], s.left_time[i] = s.left_last[fluent], before, s.now
        s.left_last[fluent], s.moved_by[fluent] = i, hand
        s.histories += 1
    _hold(c, s, 0, fluent, value, s.version[0, fluent] + 1)


@compiled
def left_at(s: Any, fluent: int, value: int) -> float:
    """Return when a fluent last ceased to hold a value."""
    i = s.left_last[fluent]
    while i != at.NONE:
        if s.left_value[i] == value:
            return s.left_time[i]
        i = s.left_before[i]
    return 0.0


@compiled
def hear(c: Any, s: Any, taken: float, fluent: int, value: int, version: int) -> bool:
    """Believe a reading unless something newer is known. True if it changed value or version."""
    held = s.stamp[fluent]
    if taken < held or (taken == held and version < s.version[1, fluent]):
        return False
    if taken > s.latest:
        s.latest = taken
    s.stamp[fluent] = taken
    if version == s.version[1, fluent] and value == s.value[1, fluent]:
        return False
    _hold(c, s, 1, fluent, value, version)
    s.learned += 1
    return True


@compiled
def shown_by(c: Any, s: Any, w: int, job: int) -> bool:
    """Say whether the truth, or the belief, shows that a job is done."""
    return s.value[w, c.writes[job]] == c.done[job]
