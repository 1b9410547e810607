"""The JSON Schema of what `plandrift run --json` prints, derived from its classes."""

from __future__ import annotations

from dataclasses import fields
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from plandrift.sim import METRICS, StepRecord
from plandrift.sim.measure.metrics import COUNTS

NUMBER: dict[str, Any] = {"type": ["number", "null"], "description": "null where it has no meaning"}
AS_TEXT = {
    "call": "string",
    "planned": "string",
    "failure": ["string", "null"],
    "reported": ["string", "null"],
}
"""Fields of a step that its row contains as text."""


def json_schema() -> dict[str, Any]:
    """The schema of the object that is printed."""
    words = {name: {"type": "string"} for name in ("world", "policy", "end", "reason")}
    metrics = {m: {"type": "integer"} if m in COUNTS else NUMBER for m in METRICS}
    properties: dict[str, Any] = words | {
        "seed": {"type": "integer", "minimum": 0},
        "settings": {"type": "object", "description": "every setting by its dotted name"},
        "metrics": _object(metrics),
        "steps": {"type": "array", "items": _object(_step())},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "plandrift run --json",
    } | _object(properties)


def _step() -> dict[str, Any]:
    hints = get_type_hints(StepRecord)
    found: dict[str, Any] = {}
    for field in fields(StepRecord):
        kind = AS_TEXT.get(field.name)
        found[field.name] = {"type": kind} if kind else _type(hints[field.name])
    since = _object({"fluent": {"type": "string"}, "since": {"type": "number"}})
    found["violated"] = {"type": "array", "items": since}
    return found | {"mismatch": {"type": "boolean"}, "mast": {"type": "array", "items": {"type": "string"}}}


def _type(hint: Any) -> dict[str, Any]:
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0])}
    if get_origin(hint) in (Union, UnionType):
        kinds = [_type(part) for part in get_args(hint)]
        return {"anyOf": kinds}
    names = {int: "integer", float: "number", str: "string", bool: "boolean", type(None): "null"}
    return {"type": names[hint]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
