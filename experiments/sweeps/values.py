"""The types of settings' values, described for people, and how a user's value is read as one."""

from __future__ import annotations

import dataclasses
import math
import types
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from plandrift.sim import Distribution, SettingError
from plandrift.sim.settings.fields import check_value
from plandrift.sim.settings.real_time import RATE_USAGE, USAGE, per_second, seconds
from plandrift.sim.terms.errors import nearest

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_PLAIN: dict[Any, str] = {int: "whole number", float: "number", bool: "true | false", str: "text"}


@dataclasses.dataclass(frozen=True)
class ValueType:
    """The type of a setting's value.

    Attributes:
        hint: the type annotation.
        kinds: the allowed types, without None.
        optional: whether None is allowed.
        choices: the only allowed words, if the type has such.
    """

    hint: Any
    kinds: tuple[Any, ...]
    optional: bool
    choices: tuple[str, ...] | None

    @property
    def listed(self) -> bool:
        """Say whether the value is a list of texts."""
        return any(get_origin(kind) is tuple for kind in self.kinds)

    @property
    def by_action(self) -> bool:
        """Say whether the value may be one number per action."""
        return any(get_origin(kind) is dict for kind in self.kinds)

    def __str__(self) -> str:
        return " | ".join(self.choices) if self.choices else self.unlimited

    @property
    def unlimited(self) -> str:
        """Return the type's name where its choices are not listed."""
        if Distribution in self.kinds:
            return "time or distribution"
        if self.by_action:
            return "number, or action=number,…"
        if self.listed:
            return "text,…"
        return _PLAIN.get(self.kinds[0], getattr(self.hint, "__name__", str(self.hint)))


def value_type(owner: type, field: str) -> ValueType:
    """Return the type of a dataclass field that is a setting."""
    return _types(owner)[field]


@lru_cache(maxsize=256)
def _types(owner: type) -> dict[str, ValueType]:
    hints = get_type_hints(owner)
    return {
        field.name: _type_of(hints[field.name], field.metadata["plandrift"]["choices"])
        for field in dataclasses.fields(owner)
        if "plandrift" in field.metadata
    }


def _type_of(hint: Any, choices: tuple[str, ...] | None) -> ValueType:
    union = get_origin(hint) in (Union, types.UnionType)
    parts = get_args(hint) if union else (hint,)
    kinds = tuple(part for part in parts if part is not types.NoneType)
    return ValueType(hint, kinds, len(kinds) < len(parts), choices)


def read_value(owner: type, field: str, value: Any, name: str) -> Any:
    """Convert what the user gave to a value of the field's type.

    Args:
        owner: the dataclass that has the field.
        field: the field's name.
        value: what the user gave; a text is parsed as the type.
        name: the setting's dotted name, for messages.

    Raises:
        SettingError: the value cannot be read as that type.
    """
    wanted = value_type(owner, field)
    if Distribution in wanted.kinds:
        try:
            return Distribution.parse(value)
        except SettingError as error:
            raise SettingError(f"{name}: {error}", name=name) from None
    meta = next(f.metadata for f in dataclasses.fields(owner) if f.name == field)["plandrift"]
    if isinstance(value, str):
        value = _from_text(value, wanted, meta["unit"])
    if isinstance(value, bool) and wanted.kinds != (bool,):
        raise SettingError(name=name, problem=f"= {value!r}", fix=f"give a {wanted}")
    # Pydantic takes longer to load than most episodes take to run; it is not needed if nothing is given.
    from pydantic import ValidationError

    try:
        read = _adapter(wanted.hint).validate_python(value)
    except ValidationError:
        fix = nearest(str(value), wanted.choices) if wanted.choices else f"give a {wanted.unlimited}"
        fix += {"time": f", or {USAGE}", "1/time": f", or {RATE_USAGE}"}.get(meta["unit"], "")
        raise SettingError(name=name, problem=f"= {value!r}", fix=fix) from None
    check_value(name, read, meta)
    return read


def _from_text(text: str, wanted: ValueType, unit: str) -> Any:
    real = seconds(text) if unit == "time" else per_second(text) if unit == "1/time" else None
    if real is not None:
        return real
    if wanted.listed:
        return tuple(part.strip() for part in text.split(","))
    if wanted.by_action and "=" in text:
        return dict(part.strip().split("=", 1) for part in text.split(","))
    return None if wanted.optional and text in ("none", "") else text


@lru_cache(maxsize=64)
def _adapter(hint: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(hint)


def positive(value: Any, name: str) -> float:
    """Convert what the user gave to a finite number above 0.

    Raises:
        SettingError: it is not such a number.
    """
    real = seconds(value) if isinstance(value, str) else None
    try:
        number = float(value) if real is None else real
    except (TypeError, ValueError):
        raise SettingError(name=name, problem=f"= {value!r}", fix=f"give a number, or {USAGE}") from None
    if not math.isfinite(number) or number <= 0:
        raise SettingError(name=name, problem=f"= {value}", fix="give a finite number above 0")
    return number
