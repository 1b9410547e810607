"""How classes appear in the reference: settings with their meaning, named tuples without field numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

from sphinx.application import Sphinx


def skip_places(_: Sphinx, __: str, ___: str, member: Any, *____: Any) -> bool | None:
    """Leave out the generated docstrings of a named tuple's fields; the class explains them."""
    doc = getattr(member, "__doc__", None) or ""
    return True if doc.startswith("Alias for field number") else None


def shorten(
    _: Sphinx, what: str, __: str, thing: Any, *arguments: Any
) -> tuple[str | None, str | None] | None:
    """Shorten the signature of a class of settings: the list below it says what arguments it takes."""
    return ("(**settings)", arguments[-1]) if what == "class" and _settings(thing) else None


def list_settings(_: Sphinx, what: str, __: str, thing: Any, ___: Any, lines: list[str]) -> None:
    """List each setting with its default, unit and meaning below its class."""
    found = _settings(thing) if what == "class" else []
    if not found:
        return
    lines += ["", "Settings:", ""]
    for field in found:
        meta = field.metadata["plandrift"]
        unit = f", {meta['unit']}" if meta["unit"] else ""
        lines.append(f"- **{field.name}** (``{field.default}``{unit}): {_plain(meta['meaning'])}")
    lines.append("")


def _settings(thing: Any) -> list[dataclasses.Field[Any]]:
    if not (isinstance(thing, type) and dataclasses.is_dataclass(thing)):
        return []
    return [field for field in dataclasses.fields(thing) if "plandrift" in field.metadata]


def _plain(text: str) -> str:
    return text.replace("*", r"\*")
