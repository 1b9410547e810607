"""The random streams and numpy's generators behind them: `sim.terms.streams` in compiled code.

A stream is `(s, i)`: its state is at position i of the episode. The distributions are numba's translations of
numpy's, with these streams in place of numpy's bit generators. `sample` and `expected` compare both.
"""

from __future__ import annotations

import math
from types import FunctionType
from typing import Any
from zlib import crc32

import numpy as np
from numba.np.random import distributions

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.memory import scaled
from plandrift.sim import Streams

NAMES = {
    at.SLIP: "agent.slip",
    at.LOST_ACK: "agent.lost_ack",
    at.SILENT: "agent.silent_success",
    at.SIDE: "agent.side_effects",
    at.ERROR: "agent.planner_error",
    at.HANDOFF: "handoff",
    at.DECLARES: "policy.declares",
    at.LOSS: "channel.loss",
    at.LATENCY: "channel.latency",
    at.THINK: "agent.thinking_time",
    at.DURATION: "agent.step_duration",
    at.ACTION: "agent.action_latency",
    at.PREPARE: "agent.prepare_time",
    at.READ: "agent.read_latency",
    at.TIMEOUT: "agent.ack_timeout",
    at.DELAY: "handoff.delay",
    at.SCENE_DRAWN: "world",
    at.SPREAD: "world.spread",
    at.EXOGENOUS: "exogenous",
}
"""The engine's names for the streams."""
_KEYS = np.array([crc32(NAMES[i].encode()) for i in range(len(NAMES))], dtype=np.uint64)

_WORD = np.uint64(0xFFFFFFFF)
_A, _TIMES_A = np.uint64(0x43B0D7E5), np.uint64(0x931E8875)
_B, _TIMES_B = np.uint64(0x8B51F9DD), np.uint64(0x58F38DED)
_LEFT, _RIGHT = np.uint64(0xCA01F9DD), np.uint64(0x4973F715)
_U11, _U16, _U32, _U58, _U63, _U64 = [np.uint64(n) for n in (11, 16, 32, 58, 63, 64)]
_ONE, _NOTHING = np.uint64(1), np.uint64(0)
_PCG = 0x2360ED051FC65DA44385DF649FCCF645


def _halves(number: int) -> tuple[np.uint64, np.uint64]:
    return np.uint64(number >> 64 & (1 << 64) - 1), np.uint64(number & (1 << 64) - 1)


_TIMES_HIGH, _TIMES_LOW = _halves(_PCG)
_FAR_HIGH, _FAR_LOW = _halves(pow(_PCG, at.CHANGES, 1 << 128))
_SUM_HIGH, _SUM_LOW = _halves(sum(pow(_PCG, i, 1 << 128) for i in range(at.CHANGES)))


@compiled
def _hashed(value: Any, by: Any, times: Any) -> Any:
    value ^= by
    by = by * times & _WORD
    value = value * by & _WORD
    return value ^ value >> _U16, by


@compiled
def _mixed(one: Any, other: Any) -> Any:
    found = (one * _LEFT - other * _RIGHT) & _WORD
    return found ^ found >> _U16


@compiled
def open_stream(s: Any, i: int) -> None:
    """Seed a stream as `SeedSequence(seed, spawn_key=(key,))` seeds a `PCG64`."""
    pool, words, by = s.pool, s.words, _A
    pool[0], by = _hashed(s.seed & _WORD, by, _TIMES_A)
    pool[1], by = _hashed(s.seed >> _U32, by, _TIMES_A)
    for j in range(2, 4):
        pool[j], by = _hashed(_NOTHING, by, _TIMES_A)
    for j in range(5):
        for k in range(4):
            if j != k:
                found, by = _hashed(pool[j] if j < 4 else _KEYS[i], by, _TIMES_A)
                pool[k] = _mixed(pool[k], found)
    by = _B
    for j in range(8):
        words[j], by = _hashed(pool[j % 4], by, _TIMES_B)
    for j in range(4):
        words[j] = words[2 * j] | words[2 * j + 1] << _U32
    more_high, more_low = words[2] << _ONE | words[3] >> _U63, words[3] << _ONE | _ONE
    low = more_low + words[1]
    high = more_high + words[0] + (_ONE if low < more_low else _NOTHING)
    s.more_high[i], s.more_low[i], s.half[i], s.opened[i] = more_high, more_low, -1, 1
    s.high[i], s.low[i] = scaled(high, low, _TIMES_HIGH, _TIMES_LOW, more_high, more_low)


@compiled
def ahead(s: Any, i: int, of: int) -> None:
    """Set a stream to where another one will be `CHANGES` numbers later."""
    high, low, zero = s.more_high[of], s.more_low[of], _NOTHING
    s.more_high[i], s.more_low[i] = high, low
    high, low = scaled(high, low, _SUM_HIGH, _SUM_LOW, zero, zero)
    s.high[i], s.low[i] = scaled(s.high[of], s.low[of], _FAR_HIGH, _FAR_LOW, high, low)


@compiled
def next_uint64(g: Any) -> Any:
    """Return the next 64 random bits."""
    s, i = g
    high, low = scaled(s.high[i], s.low[i], _TIMES_HIGH, _TIMES_LOW, s.more_high[i], s.more_low[i])
    s.high[i], s.low[i] = high, low
    bits, turn = high ^ low, high >> _U58
    return bits >> turn | bits << (_U64 - turn & _U63)


@compiled
def next_double(g: Any) -> float:
    """Return the next number on [0, 1)."""
    return (next_uint64(g) >> _U11) * (1.0 / 9007199254740992.0)


@compiled
def _next_uint32(g: Any) -> Any:
    s, i = g
    if s.half[i] >= 0:
        found = np.uint64(s.half[i])
        s.half[i] = -1
        return found
    both = next_uint64(g)
    s.half[i] = np.int64(both >> _U32)
    return both & _WORD


@compiled
def below(g: Any, values: int) -> Any:
    """Return a whole number from 0 to below `values`, as `Generator.integers` does (Lemire 2019)."""
    if values == 1:
        return 0
    span = np.uint64(values)
    found = _next_uint32(g) * span
    if found & _WORD < span:
        while found & _WORD < (_WORD - span + _ONE) % span:
            found = _next_uint32(g) * span
    return np.int64(found >> _U32)


_KNOWN: dict[str, Any] = vars(distributions) | {"next_uint64": next_uint64, "next_double": next_double}
for _name in ("random_standard_exponential", "random_standard_normal", "random_standard_gamma"):
    _KNOWN[_name] = compiled(FunctionType(getattr(distributions, _name).__code__, _KNOWN))
exponential = _KNOWN["random_standard_exponential"]
normal = _KNOWN["random_standard_normal"]
gamma = _KNOWN["random_standard_gamma"]

FORMS = ("constant", "uniform", "exponential", "gamma", "lognormal", "empirical")
"""The forms of times, by their numbers."""


@compiled
def draw(s: Any, i: int) -> float:
    """Return the next number of a stream of numbers on [0, 1)."""
    if not s.opened[i]:
        open_stream(s, i)
    return next_double((s, i))


@compiled
def time_of(r: Any, s: Any, i: int) -> float:
    """Return the next time of a stream, or its constant: `Distribution.block` in numbers."""
    form, first, second = r.form[i], r.first[i], r.second[i]
    if form == 0:
        return first
    if not s.opened[i]:
        open_stream(s, i)
    if form == 1:
        return first + second * next_double((s, i))
    if form == 2:
        return first * exponential((s, i))
    if form == 3:
        return first * gamma((s, i), second)
    if form == 4:
        return math.exp(first + second * normal((s, i)))
    return s.times[int(first) + below((s, i), int(second))]


@compiled
def sample(s: Any, out: Any) -> None:
    """Draw something of everything, for `agrees`."""
    for i in range(out.shape[1]):
        out[0, i] = draw(s, 0)
    for i in range(4):
        open_stream(s, i)
    for i in range(out.shape[1]):
        out[1, i] = below((s, 0), 3 + i)
        out[2, i] = exponential((s, 1))
        out[3, i] = normal((s, 2))
        out[4, i] = gamma((s, 3), 0.5 if i % 2 else 2.5)


def expected(seed: int, count: int) -> list[list[float]]:
    """Return what `sample` returns, from numpy itself."""
    uniform, streams = Streams(seed), Streams(seed)
    whole, times, normals, shares = [streams[NAMES[i]] for i in range(4)]
    return [
        uniform[NAMES[0]].random(count).tolist(),
        [int(whole.integers(3 + i, size=1)[0]) for i in range(count)],
        times.standard_exponential(count).tolist(),
        normals.standard_normal(count).tolist(),
        [shares.standard_gamma(0.5 if i % 2 else 2.5) for i in range(count)],
    ]
