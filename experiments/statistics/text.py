"""Values and intervals as text for people: few digits, and a dash for a missing value."""

from __future__ import annotations

import math
import re
from typing import Any

from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.visible import on_one_line


def shown(value: Any) -> str:
    """Format a value for people."""
    if missing(value):
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else on_one_line(str(value))


def short_ids(text: str) -> str:
    """Shorten git's long ids in a text to their first eight digits.

    >>> short_ids("change(to='29d98a6793d49c4c218cfbf12ee71bc39c397529')")
    "change(to='29d98a67')"
    """
    return re.sub(r"\b([0-9a-f]{8})(?:[0-9a-f]{32}|[0-9a-f]{56})\b", r"\1", text)


def missing(value: Any) -> bool:
    """Say whether a value is missing: None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def share_text(share: Interval) -> str:
    """Format a share and its interval in percent, to three digits.

    >>> share_text(Interval(0.0123, 0.001, 0.2, 80))
    '1.23% [0.1, 20]'
    """
    if share.mean != share.mean:
        return "–"
    return f"{100 * share.mean:.3g}% [{100 * share.low:.3g}, {100 * share.high:.3g}]"


def interval_text(interval: Interval, digits: int = 2) -> str:
    """Format an interval for people."""
    if interval.mean != interval.mean:
        return "–"
    # Rounded before formatting, so that a zero has no sign.
    mean, low, high = (
        f"{round(x, digits) + 0.0:.{digits}f}" for x in (interval.mean, interval.low, interval.high)
    )
    return mean if interval.low != interval.low else f"{mean} [{low}, {high}]"
