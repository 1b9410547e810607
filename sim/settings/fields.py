"""Settings: fields of frozen dataclasses with a meaning, unit and range, checked on construction."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from plandrift.sim.settings.distribution import LARGEST, Distribution
from plandrift.sim.terms.errors import SettingError, nearest


def setting(
    default: Any,
    meaning: str,
    *,
    unit: str = "",
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
    choices: Sequence[str] | None = None,
) -> Any:
    """Declare a dataclass field that carries its own documentation and limits.

    Args:
        default: the default value.
        meaning: one line of help, shown by `plandrift list worlds` and `plandrift list policies`.
        unit: the unit, e.g. ``"time"`` or ``"records"``; empty for none.
        low: the smallest value allowed; for a distribution it limits the mean.
        above: the value must be greater than this.
        high: the greatest value allowed; 1e12 if not given.
        choices: the words allowed, if it takes a word.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Door(Settings):
    ...     width: float = setting(1.0, "how wide it is", unit="metres", above=0)
    >>> Door(width=0)
    Traceback (most recent call last):
    plandrift.sim.terms.errors.SettingError: width = 0: give a number above 0
    """
    meta = {
        "meaning": meaning,
        "unit": unit,
        "low": low,
        "above": above,
        "high": high,
        "choices": tuple(choices) if choices else None,
    }
    return dataclasses.field(default=default, metadata={"plandrift": meta})


@dataclasses.dataclass(frozen=True)
class Settings:
    """Base class of frozen dataclasses whose fields are settings; it checks their ranges on construction.

    Raises:
        SettingError: a value is out of range; the message names it and what is allowed.
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            meta = field.metadata.get("plandrift")
            if meta is not None:
                check_value(field.name, getattr(self, field.name), meta)


def check_value(name: str, value: object, meta: dict[str, Any]) -> None:
    """Check one value against the limits of its setting: `low`, `above`, `high`, `choices`, where given.

    Raises:
        SettingError: the value is out of range, infinite, NaN, or not a number although one is needed.
    """
    if value is None:
        return
    choices = meta.get("choices")
    if choices is not None:
        if value not in choices:
            raise SettingError(name=name, problem=f"= {value!r}", fix=nearest(str(value), choices))
        return
    if isinstance(value, dict):
        for key, part in value.items():
            check_value(f"{name}[{key!r}]", part, meta)
        return
    number = value.mean if isinstance(value, Distribution) else value
    low, above, high = meta.get("low"), meta.get("above"), meta.get("high")
    if high is None and isinstance(number, int | float) and number > LARGEST:
        shown = f"{value:.6g}" if isinstance(value, float) else "too large" if number > 1e300 else value
        raise SettingError(name=name, problem=f"= {shown}", fix=f"give a number of at most {LARGEST:g}")
    if low is None and above is None and high is None:
        return
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise SettingError(name=name, problem=f"= {value!r}", fix="give a number")
    if not math.isfinite(number):
        raise SettingError(name=name, problem=f"= {value!r}", fix="give a finite number")
    if low is not None and number < low:
        raise SettingError(name=name, problem=f"= {value}", fix=f"give a number of at least {low:g}")
    if above is not None and number <= above:
        raise SettingError(name=name, problem=f"= {value}", fix=f"give a number above {above:g}")
    if high is not None and number > high:
        raise SettingError(name=name, problem=f"= {value}", fix=f"give a number of at most {high:g}")
