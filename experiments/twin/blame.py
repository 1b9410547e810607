"""Who is to blame for a call's failure: `sim.measure.blame` in numbers.

The position in `left_*` at which a fluent last ceased to hold a value identifies that change.
"""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled


@compiled
def landing(c: Any, s: Any) -> None:
    """Work out why the call under way fails, just before its effect."""
    s.failing_for, s.not_done = 0, at.WORKED
    if s.outcome == at.EFFECTIVE or s.outcome == at.REFUSED:
        return
    job = s.under_way
    if s.outcome == at.REPEAT:
        fluent = c.writes[job]
        own = s.left_last[fluent] != at.NONE and s.moved_by[fluent] != at.OTHER
        s.failing_for = at.DONE_ALREADY if own else at.DONE_BY_OTHER
        return
    own, void = s.violated_mask != 0, False
    for need in range(c.needs[job]):
        if s.violated_mask >> need & 1:
            fluent = c.fluent[job, need]
            by = c.writer[fluent]
            meant = by != at.NONE and c.done[by] == s.step_reads[need]
            if meant and s.undone[fluent] == s.left_last[fluent]:
                void = True
            else:
                own &= s.left_last[fluent] != at.NONE and s.moved_by[fluent] == at.BESIDES
    if own:
        s.failing_for = at.OWN_VOID if void else at.SIDE_EFFECT
    if s.outcome == at.VOID or s.outcome == at.HARMFUL:
        s.not_done = s.left_last[c.writes[job]]


@compiled
def answered(c: Any, s: Any, reported: int) -> None:
    """Record what the agent was told about the landed call."""
    s.undone[c.writes[s.under_way]] = s.not_done if reported == at.OK else at.WORKED
