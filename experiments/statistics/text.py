"""How a value is told to people: four digits, and a dash where there is none."""

from __future__ import annotations

import math
from typing import Any


def shown(value: Any) -> str:
    """A value for people."""
    if missing(value):
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def missing(value: Any) -> bool:
    """Whether there is no value: None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))
