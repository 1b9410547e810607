"""The exogenous changes of a scene: `blocks` of `sim.settings.exogenous`, as far as they are needed."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.streams import ahead, exponential, gamma, next_double, open_stream


@compiled
def _sum(values: Any, first: int, count: int) -> float:
    """Add up at most 128 numbers in the order in which numpy adds them."""
    whole, done = 0.0, 0
    if count >= 8:
        a, b, c, d, e, f, g, h = (
            *(values[first], values[first + 1], values[first + 2], values[first + 3]),
            *(values[first + 4], values[first + 5], values[first + 6], values[first + 7]),
        )
        done = 8
        while done + 8 <= count:
            i = first + done
            a, b, c, d = a + values[i], b + values[i + 1], c + values[i + 2], d + values[i + 3]
            e, f, g, h = e + values[i + 4], f + values[i + 5], g + values[i + 6], h + values[i + 7]
            done += 8
        whole = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(first + done, first + count):
        whole += values[i]
    return whole


@compiled
def _sum_by_halves(values: Any, first: int, count: int) -> float:
    half = count // 2 - count // 2 % 8 if count > 128 else 0
    return (_sum(values, first, half) if half else 0.0) + _sum(values, first + half, count - half)


@compiled
def begin(c: Any, s: Any) -> None:
    """Draw the fluents' rates if they are uneven, and the first block of changes if there are any."""
    if c.spread > 0:
        open_stream(s, at.SPREAD)
        for i in range(c.changing):
            c.shares[i] = c.weights[i] * (1 / c.spread * gamma((s, at.SPREAD), c.spread))
        # numpy halves it as long as it has more than 128 numbers, which `FLUENTS` allows twice.
        half = c.changing // 2 - c.changing // 2 % 8 if c.changing > 128 else 0
        c.whole, whole = _sum_by_halves(c.shares, half, c.changing - half), 0.0
        if half:
            c.whole = _sum_by_halves(c.shares, 0, half) + c.whole
        for i in range(c.changing):
            whole += c.shares[i]
            c.edges[i] = whole / c.whole
        c.edges[c.changing - 1] = 1.0
    s.change_rate, s.next_change, s.block_begun = c.whole * c.rate, 0, 0.0
    if s.change_rate > 0:
        open_stream(s, at.EXOGENOUS)
        _block(s)


@compiled
def _block(s: Any) -> None:
    """Draw a block's gaps; which fluents change, and the marks, are drawn when they are needed."""
    gap = 0.0
    for i in range(at.CHANGES):
        gap += exponential((s, at.EXOGENOUS))
        s.gaps[i] = gap
    ahead(s, at.MARKS, at.EXOGENOUS)


@compiled
def next_time(s: Any) -> float:
    """Return the time of the next change."""
    return s.block_begun + s.gaps[s.next_change] / s.change_rate


@compiled
def take(c: Any, s: Any) -> tuple[int, float]:
    """Take the next change: its fluent and its mark."""
    which, mark = next_double((s, at.EXOGENOUS)), next_double((s, at.MARKS))
    # The first edge above `which`: the shares are often even, so it is near.
    i = int(which * c.changing)
    while i > 0 and which < c.edges[i - 1]:
        i -= 1
    while which >= c.edges[i]:
        i += 1
    s.next_change += 1
    if s.next_change == at.CHANGES:
        s.block_begun, s.next_change = s.block_begun + s.gaps[at.CHANGES - 1] / s.change_rate, 0
        s.high[at.EXOGENOUS], s.low[at.EXOGENOUS] = s.high[at.MARKS], s.low[at.MARKS]
        _block(s)
    return c.moving[i], mark
