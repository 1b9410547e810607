"""The plan's staleness and the belief's age over time: `sim.measure.meter` in numbers."""

from __future__ import annotations

import sys
from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin import staleness
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.memory import bits

_COMPENSATES = sys.version_info >= (3, 12)


@compiled
def add(total: Any, value: float) -> None:
    """Add to a sum as Python's own `sum` does, whose rounding errors are added up apart from 3.12 on."""
    both = total[0] + value
    if _COMPENSATES:
        larger, smaller = (total[0], value) if abs(total[0]) >= abs(value) else (value, total[0])
        total[1] += (larger - both) + smaller
    total[0] = both


@compiled
def shares(s: Any) -> None:
    """Measure the current plan, unless its current figures are known already."""
    if s.measured or s.hand == at.NONE:
        return
    s.measured = 1
    unfired = s.unfired[0]
    left = s.s_left = bits(unfired)
    s.s_valid = 0.0 if s.direct[0] else 1.0
    if not left:
        return
    seen, gone = s.stale[1] & unfired, s.stale[0] & unfired
    s.s_plan = bits(gone) / left
    s.s_direct = bits(s.direct[0] & unfired) / left
    s.s_blind = bits(gone & ~seen) / left
    s.s_perceived = bits(seen) / left
    s.s_version = bits(staleness.version_stale(s, 0) & unfired) / left if s.rewritten[0] else 0.0


@compiled
def advance(s: Any) -> None:
    """Update the integrals to now, before something that they depend on changes."""
    now, last = s.now, s.meter_last
    if now > last:
        shares(s)
        span = now - last
        s.meter_last = now
        if s.s_left:
            s.held += span
            s.areas[0] += s.s_plan * span
            s.areas[1] += s.s_direct * span
            s.areas[2] += s.s_perceived * span
            s.areas[3] += s.s_blind * span
            s.areas[4] += s.s_version * span
            s.areas[5] += s.s_valid * span
            s.age += ((now + last) / 2 - s.meter_taken) * span
    s.measured = 0


@compiled
def settle(r: Any, s: Any) -> None:
    """Update the belief's age to now, before the kernel or a stamp changes."""
    time, last = s.now, s.age_last
    if time == last:
        return
    s.age_last = time
    if s.hand == at.NONE or not s.unfired[1]:
        return
    first = 0
    while first < s.kernel_size and not s.active[1, s.kernel[first]]:
        first += 1
    if first == s.kernel_size:
        return
    s.age_time += time - last
    silence = r.silence
    if silence >= 0 and not r.scoped and last >= s.latest + silence:
        s.age_area += silence * (time - last)
        return
    area, size = 0.0, 0
    for i in range(first, s.kernel_size):
        fluent = s.kernel[i]
        if s.active[1, fluent]:
            size += 1
            stamp = s.stamp[fluent]
            bounded = silence >= 0 and r.visible[fluent]
            full = time
            if bounded:
                full = stamp + silence
                if last > full:
                    full = last
                if time < full:
                    full = time
            area += (full - last) * ((full + last) / 2 - stamp)
            if full < time:
                area += (time - full) * silence
    s.age_area += area / size


@compiled
def up_to_now(r: Any, s: Any) -> None:
    """Update everything to now, before plan or progress changes."""
    settle(r, s)
    advance(s)
