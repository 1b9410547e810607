"""What any tool reads and writes, declared in TOML: `[tools.NAME]` with `reads`, `writes` and `version`.

A fluent is a text with places in braces, which are filled in from the call's arguments and result:

    [tools.get_ticket]
    reads = "ticket/{input.id}"
    seen = "output.ticket"
    version = "output.etag"

    [tools.close_ticket]
    writes = "ticket/{input.id}"
    version = "input.if_match"

`reads` and `writes` may be lists. `seen`, `before`, `after` and `version` are places without braces.
`[fields]` says where a span or a JSON line that is not OpenTelemetry holds name, id, times, session,
arguments and result.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.operation import OperationKind
from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest

_KEYS = ("reads", "writes", "seen", "before", "after", "version")
_FIELDS = ("tool", "id", "start", "end", "session", "agent", "arguments", "result", "error")
_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class ToolMapping:
    """What one tool reads and writes; see the module."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    seen: str = ""
    before: str = ""
    after: str = ""
    version: str = ""


@dataclass(frozen=True)
class Mapping:
    """What tools read and write.

    Attributes:
        tools: the tools by name; a name may end in ``*``.
        fields: where a line holds each item, as dotted places.

    >>> tools = {"get": ToolMapping(reads=("ticket/{input.id}",), seen="output")}
    >>> touch, = Mapping(tools).touches("get", {"id": 7}, "open")
    >>> touch.kind, touch.fluent, touch.text
    ('read', 'ticket/7', 'open')
    """

    tools: dict[str, ToolMapping] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def of(self, tool: str) -> ToolMapping | None:
        """Return a tool's table, by its name or the longest ``*`` that fits; None if it has none."""
        if tool in self.tools:
            return self.tools[tool]
        named = [n for n in self.tools if n.endswith("*") and tool.startswith(n[:-1])]
        return self.tools[max(named, key=len)] if named else None

    def touches(self, tool: str, given: Any, result: Any) -> list[Touch] | None:
        """Return what a call touched, with contents; None for a tool that is not mapped."""
        found = self.of(tool)
        if found is None:
            return None
        held = {"input": given, "output": result}
        version = _text(at_place(held, found.version)) if found.version else None
        touches = []
        for kind, names in (("read", found.reads), ("write", found.writes)):
            for name in names:
                fluent = _filled(name, held)
                if fluent is not None:
                    touches.append(_made(kind, fluent, found, held, version))  # type: ignore[arg-type]
        return touches or [Touch("opaque")]


def _made(
    kind: OperationKind, fluent: str, tool: ToolMapping, held: dict[str, Any], version: str | None
) -> Touch:
    if kind == "read":
        text = _text(at_place(held, tool.seen)) if tool.seen else None
        return Touch("read", fluent, text, whole=text is not None, version=version)
    before, after = (_text(at_place(held, place)) if place else None for place in (tool.before, tool.after))
    return Touch(
        "write",
        fluent,
        before=before,
        before_known=before is not None,
        after=after,
        after_known=after is not None,
        version=version,
    )


def read_mapping(path: Path | None) -> Mapping:
    """Read the mapping in a file; None gives an empty one.

    Raises:
        SettingError: the file does not exist, is not TOML, or contains an unknown key.
    """
    if path is None:
        return Mapping()
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"--mapping {path}: {error.strerror}: give a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"--mapping {path}: {error}") from None
    return mapping_of(f"--mapping {path}", held)


def mapping_of(place: str, held: dict[str, Any]) -> Mapping:
    """Return the mapping in a file's contents, with the name of the file for errors.

    Raises:
        SettingError: an unknown key.
    """
    for name in held:
        if name not in ("tools", "fields"):
            raise SettingError(f"{place}: [{name}]: {nearest(name, ('tools', 'fields'))}")
    fields = held.get("fields", {})
    for name in fields:
        if name not in _FIELDS:
            raise SettingError(f"{place}: fields.{name}: {nearest(name, _FIELDS)}")
    tools = {name: _tool(place, name, said) for name, said in held.get("tools", {}).items()}
    return Mapping(tools, {name: str(at) for name, at in fields.items()})


def _tool(place: str, name: str, said: object) -> ToolMapping:
    if not isinstance(said, dict):
        raise SettingError(f"{place}: tools.{name}: give reads, writes or version")
    for key in said:
        if key not in _KEYS:
            raise SettingError(f"{place}: tools.{name}.{key}: {nearest(key, _KEYS)}")
    lists = {}
    for key in ("reads", "writes"):
        given = said.get(key, [])
        lists[key] = tuple([given] if isinstance(given, str) else given)
        if not all(isinstance(one, str) for one in lists[key]):
            raise SettingError(f"{place}: tools.{name}.{key}: give a text or a list of texts")
    places = {key: str(said[key]) for key in ("seen", "before", "after", "version") if key in said}
    return ToolMapping(reads=lists["reads"], writes=lists["writes"], **places)


def _filled(text: str, held: dict[str, Any]) -> str | None:
    """Fill in the places in a text; None if one of them does not exist."""
    places = {place: _text(at_place(held, place)) for place in _PLACE.findall(text)}
    if None in places.values():
        return None
    return _PLACE.sub(lambda found: str(places[found[1]]), text)


def at_place(held: Any, place: str) -> Any:
    """Return the value at a dotted place, or None."""
    for name in place.split("."):
        if isinstance(held, str) and held[:1] in "{[":
            try:
                held = json.loads(held)
            except ValueError:
                return None
        if isinstance(held, list) and name.isdigit() and int(name) < len(held):
            held = held[int(name)]
        elif isinstance(held, dict):
            held = held.get(name)
        else:
            return None
    return held


def _text(held: Any) -> str | None:
    if held is None:
        return None
    return held if isinstance(held, str) else json.dumps(held, sort_keys=True, ensure_ascii=False)
