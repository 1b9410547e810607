"""How classes are shown in the reference: settings with their meaning, tuples without their places."""

from __future__ import annotations

import dataclasses
from typing import Any

from sphinx.application import Sphinx


def skip_places(_: Sphinx, __: str, ___: str, member: Any, *____: Any) -> bool | None:
    """Leave out what a named tuple says of its fields by itself; the docstring says what they are."""
    doc = getattr(member, "__doc__", None) or ""
    return True if doc.startswith("Alias for field number") else None


def shorten(
    _: Sphinx, what: str, __: str, thing: Any, *arguments: Any
) -> tuple[str | None, str | None] | None:
    """A class of settings takes them by name: their list stands beneath it."""
    return ("(**settings)", arguments[-1]) if what == "class" and _settings(thing) else None


def list_settings(_: Sphinx, what: str, __: str, thing: Any, ___: Any, lines: list[str]) -> None:
    """Write each setting with its default, unit and meaning under the class that has it."""
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
