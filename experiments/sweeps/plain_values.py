"""A setting's value as used in rows, tables, figures and pages: one type, one order and one text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

PlainValue: TypeAlias = bool | float | str
"""A truth value, a number, or a text."""

NONE = "none"
"""The text of a setting without a value, or that the condition's world or policy does not have."""


def plain_value(value: object) -> PlainValue:
    """Return the plain form of a setting's value; lists and numbers by action become text.

    >>> plain_value(2), plain_value(("f*", "g*")), plain_value({"read": 0.5}), plain_value(None)
    (2.0, 'f*, g*', 'read=0.5', 'none')
    """
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(value)
    if value is None:
        return NONE
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={value_text(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(value_text(one) for one in value)
    return str(value)


def value_text(value: object) -> str:
    """Return the text of a value: different values have different texts, and a text can be read back.

    >>> value_text(2.0), value_text(0.1 + 0.2), value_text(True), value_text("exponential(1)")
    ('2', '0.30000000000000004', 'true', 'exponential(1)')
    """
    plain = plain_value(value)
    if isinstance(plain, bool):
        return str(plain).lower()
    return repr(plain).removesuffix(".0") if isinstance(plain, float) else plain


def in_order(values: Iterable[object]) -> list[PlainValue]:
    """Return each value once: numbers by size, then the others in order of first appearance.

    >>> in_order(["exponential(1)", 2, 0.5, 2])
    [0.5, 2.0, 'exponential(1)']
    """
    found = {value_text(value): plain_value(value) for value in values}
    return sorted(found.values(), key=lambda value: (0, value) if _is_number(value) else (1, 0))


def column_of(values: Sequence[object]) -> Any:
    """Return values as one column: numbers if all are numbers, truth values if all are, else texts."""
    plain = [plain_value(value) for value in values]
    if all(isinstance(value, bool) for value in plain):
        return np.array(plain, np.bool_)
    if all(_is_number(value) for value in plain):
        return np.array(plain, np.float64)
    return np.array([value_text(value) for value in plain], object)


def _is_number(value: PlainValue) -> bool:
    return isinstance(value, float)
