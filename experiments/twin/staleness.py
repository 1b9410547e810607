"""The stale sets of the plan in hand against truth (0) and belief (1): `sim.terms.staleness` in numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.memory import lowest


@compiled
def source(c: Any, s: Any, p: int, place: int, need: int) -> int:
    """Return the earlier step of a plan that writes what a step needs, or `NONE` for the world."""
    job = c.source[s.job[p, place], need]
    if job == at.NONE:
        return at.NONE
    found = s.place_of[p, job]
    return found if found < place else at.NONE


@compiled
def _needing(c: Any, s: Any, fluent: int, value: int) -> int:
    """Return the nodes that require this value of the fluent."""
    p, mask = s.hand, 0
    for user in range(c.users[fluent], c.users[fluent + 1]):
        place = s.place_of[p, c.user_job[user]]
        if place != at.NONE and s.reads[p, place, c.user_need[user]] == value:
            mask |= 1 << place
    if c.wanted[fluent] == value:
        mask |= 1 << s.length[p]
    return mask


@compiled
def assess(c: Any, s: Any, w: int, fluent: int) -> None:
    """Update which assumptions the fluent's value violates."""
    active = s.active[w, fluent]
    violated = active & ~_needing(c, s, fluent, s.value[w, fluent]) if active else 0
    apart = violated ^ s.violated[w, fluent]
    s.violated[w, fluent] = violated
    while apart:
        node = lowest(apart)
        apart &= apart - 1
        s.against[w, node] += 1 if violated >> node & 1 else -1
        s.opposed[w] = s.opposed[w] & ~(1 << node) | int(s.against[w, node] != 0) << node


@compiled
def spread(s: Any, w: int) -> None:
    """Return the directly stale nodes that have not landed, and all steps reachable from them by links."""
    direct = s.opposed[w] & s.unlanded[w]
    stale, linked = direct, direct & s.linked
    while linked:
        stale |= s.closure[lowest(linked)]
        linked &= linked - 1
    s.direct[w], s.stale[w] = direct, stale & s.unlanded[w]


@compiled
def _enter(s: Any, fluent: int) -> None:
    """Add a fluent to the kernel, or add it again: it keeps its position."""
    if not s.in_kernel[fluent]:
        s.in_kernel[fluent] = 1
        s.kernel[s.kernel_size] = fluent
        s.kernel_size += 1


@compiled
def _activate(s: Any, w: int, fluent: int, mask: int) -> None:
    s.active[w, fluent] |= mask
    if w == 1:
        _enter(s, fluent)


@compiled
def begin(c: Any, s: Any) -> None:
    """Begin with a plan of which nothing has been fired: its links, and its staleness in truth and belief."""
    p, n = s.hand, s.length[s.hand]
    for fluent in range(c.fluents):
        s.in_kernel[fluent] = 0
    for w in range(2):
        s.unfired[w], s.unlanded[w] = (1 << n) - 1, (2 << n) - 1
        s.rewritten[w] = s.opposed[w] = 0
        for fluent in range(c.fluents):
            s.active[w, fluent] = s.violated[w, fluent] = s.written[w, fluent] = 0
            s.settled[w, fluent], s.settled_version[w, fluent] = 0.0, at.NONE
        for node in range(n + 1):
            s.against[w, node] = 0
    s.linked = s.kernel_size = 0
    for place in range(n):
        s.links[place] = 1 << n
        s.closure[place] = 1 << place
    for place in range(n):
        job = s.job[p, place]
        for need in range(c.needs[job]):
            by = source(c, s, p, place, need)
            if by == at.NONE:
                _assume(s, c.fluent[job, need], place, s.reads[p, place, need])
            else:
                s.links[by] |= 1 << place
                s.linked |= 1 << by
    for job in range(c.jobs):
        if s.place_of[p, job] == at.NONE:
            _assume(s, c.writes[job], n, c.done[job])
    if s.linked:
        # Links come from earlier steps: going backwards, each closure is complete when it is used.
        for place in range(n - 1, -1, -1):
            for need in range(c.needs[s.job[p, place]]):
                by = source(c, s, p, place, need)
                if by != at.NONE:
                    s.closure[by] |= s.closure[place]
    spread(s, 0)
    spread(s, 1)


@compiled
def _assume(s: Any, fluent: int, node: int, value: int) -> None:
    """Let a node take a value of the fluent from the world."""
    _enter(s, fluent)
    for w in range(2):
        wrong = int(s.value[w, fluent] != value)
        s.active[w, fluent] |= 1 << node
        s.violated[w, fluent] |= wrong << node
        s.against[w, node] += wrong
        s.opposed[w] |= wrong << node


@compiled
def write(c: Any, s: Any, w: int, fluent: int) -> None:
    """Handle somebody else's write to a fluent, whose new value is already set."""
    active = s.active[w, fluent]
    if active:
        s.rewritten[w] |= active
        s.written[w, fluent] |= active
        assess(c, s, w, fluent)
        spread(s, w)


@compiled
def land(c: Any, s: Any, w: int, place: int) -> None:
    """Handle a step's call that has reached the world, or is known to have."""
    bit, p = 1 << place, s.hand
    job = s.job[p, place]
    first = s.unlanded[w] & bit
    if first:
        s.unlanded[w] &= ~bit
        s.rewritten[w] &= ~bit
        for need in range(c.needs[job]):
            fluent = c.fluent[job, need]
            if s.active[w, fluent] & bit:
                s.active[w, fluent] &= ~bit
                assess(c, s, w, fluent)
    fluent = c.writes[job]
    mask = s.links[place] & s.unlanded[w]
    _activate(s, w, fluent, mask)
    if s.value[w, fluent] != c.done[job]:
        s.rewritten[w] |= mask
        s.written[w, fluent] |= mask
    if first:
        s.settled[w, fluent], s.settled_version[w, fluent] = s.now, s.version[w, fluent]
    assess(c, s, w, fluent)
    spread(s, w)


@compiled
def unland(c: Any, s: Any, w: int, place: int) -> None:
    """Mark a step to be done once more: it needs again what it needed."""
    bit, p = 1 << place, s.hand
    if s.unlanded[w] & bit:
        return
    job = s.job[p, place]
    s.unlanded[w] |= bit
    for need in range(c.needs[job]):
        by, fluent = source(c, s, p, place, need), c.fluent[job, need]
        if by == at.NONE or not s.unlanded[w] >> by & 1:
            _activate(s, w, fluent, bit)
            was = s.settled_version[w, fluent]
            if s.version[w, fluent] != (s.basis_version[p, fluent] if was == at.NONE else was):
                s.written[w, fluent] |= bit
            assess(c, s, w, fluent)
    fluent = c.writes[job]
    s.active[w, fluent] &= ~s.links[place]
    s.written[w, fluent] &= ~s.links[place]
    assess(c, s, w, fluent)
    rewritten = 0
    for f in range(c.fluents):
        rewritten |= s.written[w, f]
    s.rewritten[w] = rewritten & s.unlanded[w]
    spread(s, w)


@compiled
def version_stale(s: Any, w: int) -> int:
    """Return the nodes stale by version, and all steps reachable from them by links."""
    mask = s.rewritten[w]
    todo = mask & s.linked & s.unlanded[w]
    while todo:
        mask |= s.closure[lowest(todo)]
        todo &= todo - 1
    return mask & s.unlanded[w]


@compiled
def violated_needs(c: Any, s: Any, w: int, place: int) -> int:
    """Return which needs of a step are violated assumptions, as a mask over its needs."""
    found, job = 0, s.job[s.hand, place]
    for need in range(c.needs[job]):
        found |= (s.violated[w, c.fluent[job, need]] >> place & 1) << need
    return found
