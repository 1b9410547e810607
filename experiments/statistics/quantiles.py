"""The quantiles that intervals need, without SciPy, which takes longer to load than most commands to run.

Each is the root of a tail probability that falls and is convex, to which Newton's steps from 0 climb.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

MANY = 1000
"""From this many degrees of freedom on, Fisher's expansion leaves out less than a double can hold."""
STEPS, CLOSE = 100, 1e-9
"""The most steps of Newton's, and the last one relative to the root: the next would be below 1e-16 of it."""


@lru_cache(maxsize=256)
def normal(level: float) -> float:
    """Return how far a standard normal value lies from 0 at most, with a probability of `level`.

    >>> round(normal(0.95), 6)
    1.959964
    """
    return _root(
        lambda z: math.erfc(z / math.sqrt(2)) - (1 - level),
        lambda z: math.sqrt(2 / math.pi) * math.exp(-z * z / 2),
    )


@lru_cache(maxsize=4096)
def student(level: float, freedom: int) -> float:
    """Return how far a value of Student's t lies from 0 at most, with a probability of `level`.

    Its tail is the finite series for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and
    26.7.4); for many of them, the quantile is Fisher's expansion around the normal one (ibid., 26.7.5).

    >>> round(student(0.95, 9), 6)
    2.262157
    """
    if freedom >= MANY:
        return _expanded(normal(level), freedom)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    density = 2 * scale / math.sqrt(freedom * math.pi)
    return _root(
        lambda t: level - _within(t, freedom),
        lambda t: density * (1 + t * t / freedom) ** (-(freedom + 1) / 2),
    )


def _within(t: float, freedom: int) -> float:
    """Return the probability that a value of Student's t lies between -t and t."""
    angle = math.atan(t / math.sqrt(freedom))
    square, odd = math.cos(angle) ** 2, freedom % 2
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for i in range(1 + odd, freedom, 2):
        total += term
        term *= square * i / (i + 1)
    inside = math.sin(angle) * total
    return 2 / math.pi * (angle + inside) if odd else inside


def _expanded(z: float, freedom: int) -> float:
    terms = (
        z * (z**2 + 1) / 4,
        z * (5 * z**4 + 16 * z**2 + 3) / 96,
        z * (3 * z**6 + 19 * z**4 + 17 * z**2 - 15) / 384,
        z * (79 * z**8 + 776 * z**6 + 1482 * z**4 - 1920 * z**2 - 945) / 92160,
    )
    return z + sum(term / float(freedom) ** power for power, term in enumerate(terms, 1))


def _root(excess: Callable[[float], float], density: Callable[[float], float]) -> float:
    """Return where `excess`, which is positive at 0 and whose slope is -`density`, is 0."""
    at = 0.0
    for _ in range(STEPS):
        step = excess(at) / density(at)
        at += step
        if step <= CLOSE * at:
            break
    return at
