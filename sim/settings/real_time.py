"""Times and rates with units: ``5s``, ``20 ms``, ``3 per hour``, ``2/day``, ``every 10 min``.

One unit of simulated time is then one second. Sweeps keep the words as they were given, so that tables and
figures can show them.
"""

from __future__ import annotations

import math
import re

SECONDS = {
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "week": 604800.0,
}
"""The length of each unit in seconds; all but the shortest names may end in an s."""

USAGE = "a time such as 5s, 20 ms or 2 hours"
RATE_USAGE = "a rate such as 3 per hour, 2/day or every 10 min"

_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?"
_TIME = re.compile(rf"\s*({_NUMBER})?\s*([a-zµ]+)\s*", re.IGNORECASE)
_RATE = re.compile(
    rf"\s*({_NUMBER}|once|twice)\s*(?:changes?\s+)?(?:per|an?|/)\s*({_NUMBER})?\s*([a-zµ]+)"
    r"(?:\s+(?:per|an?|/|each)\s+[a-z-]+)?\s*",
    re.IGNORECASE,
)
_COUNTS = {"once": 1.0, "twice": 2.0}


def seconds(text: str) -> float | None:
    """Return a time with a unit in seconds, or None if the text is not one.

    >>> seconds("20 ms"), seconds("2h"), seconds("1.5"), seconds("5 bananas")
    (0.02, 7200.0, None, None)
    """
    found = _TIME.fullmatch(text)
    if found is None or found[1] is None:
        return None
    unit = _unit(found[2])
    return None if unit is None else float(found[1]) * unit


def per_second(text: str) -> float | None:
    """Return a rate in words per second, or None if the text is not one; "per file" and the like may follow.

    >>> per_second("7200 per hour"), per_second("1 / 2s per file"), per_second("every 4 s"), per_second("3")
    (2.0, 0.5, 0.25, None)
    """
    if text.strip().lower().startswith("every "):
        found = _TIME.fullmatch(text.strip()[len("every ") :])
        unit = None if found is None else _unit(found[2])
        if found is None or unit is None:
            return None
        span = float(found[1] or 1.0) * unit
        return 1 / span if span else None
    match = _RATE.fullmatch(text)
    if match is None:
        return None
    unit = _unit(match[3])
    span = 0.0 if unit is None else float(match[2] or 1.0) * unit
    if not span:
        return None
    return (_COUNTS.get(match[1].lower()) or float(match[1])) / span


def unit_of(text: str) -> tuple[str, float] | None:
    """Return the unit of a time or rate and its length in seconds; None if the text is neither.

    >>> unit_of("20 ms"), unit_of("3 per hour per file")
    (('ms', 0.001), ('hour', 3600.0))
    """
    if seconds(text) is None and per_second(text) is None:
        return None
    words = text.strip()
    if words.lower().startswith("every "):
        words = words[len("every ") :]
    found = _TIME.fullmatch(words) or _RATE.fullmatch(words)
    assert found is not None
    name = found[found.re.groups]
    unit = _unit(name)
    assert unit is not None
    return _name(name), unit


def number_of(value: object) -> object:
    """Return the number that a time or rate in words stands for; return anything else unchanged.

    >>> number_of("20 ms"), number_of("2 per s"), number_of(3.0), number_of("gated")
    (0.02, 2.0, 3.0, 'gated')
    """
    if not isinstance(value, str):
        return value
    real = seconds(value)
    if real is None:
        real = per_second(value)
    return value if real is None else real


class InUnit(float):
    """A value on an axis, converted from a time or rate that was given with a unit.

    Attributes:
        unit: the unit.
        factor: what to multiply a time in seconds, or a rate per second, by to get it in this unit.

    >>> InUnit.of("20 ms", "ms"), InUnit.of("1s", "ms").unit
    (20.0, 'ms')
    """

    unit: str = ""
    factor: float = 1.0

    @classmethod
    def of(cls, words: str, unit: str) -> InUnit:
        """Convert a time or rate in words to the given unit, which may differ from the one in the words."""
        time = seconds(words)
        factor = SECONDS[unit] if time is None else 1 / SECONDS[unit]
        found = cls(((per_second(words) or 0.0) if time is None else time) * factor)
        found.unit, found.factor = unit, factor
        return found


def time_words(value: float) -> str:
    """Format a time in seconds for people, in the unit that fits it best.

    >>> time_words(0.02), time_words(5), time_words(5400), time_words(0)
    ('20 ms', '5 s', '1.5 h', '0 s')
    """
    if not math.isfinite(value) or value == 0:
        return f"{value:g} s"
    for name, unit in (("days", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if abs(value) >= (2 * unit if name == "days" else unit):
            return f"{value / unit:.3g} {name}"
    return f"{value / 1e-6:.3g} µs"


def rate_words(value: float) -> str:
    """Format a rate per second for people, in the shortest unit in which it is at least 1.

    >>> rate_words(3 / 3600), rate_words(5.0), rate_words(0)
    ('3 per hour', '5 per second', '0 per day')
    """
    unit = next((name for name in ("second", "minute", "hour") if value * SECONDS[name] >= 1), "day")
    return f"{value * SECONDS[unit]:.3g} per {unit}"


def _unit(name: str) -> float | None:
    return SECONDS.get(_name(name))


def _name(name: str) -> str:
    low = name.lower()
    return low[:-1] if low not in SECONDS and low.endswith("s") and len(low) > 3 else low
