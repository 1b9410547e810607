"""The rows of an episode's fluents and steps: related fluents share a row, with the steps beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plandrift.sim import Call, Description, Scene, Step, Value

_FACT = re.compile(r"^([^()]+)\((.*)\)$")
_NUMBERED = re.compile(r"^(.*\D)(\d+)$")


@dataclass(frozen=True)
class Place:
    """The place of a fluent in the rows.

    Attributes:
        row: the entity it is a property of: ``record-3``, an object of a planning problem, a number.
        kind: the property, used as the cell's label; empty if the entity has only its value.
    """

    row: str
    kind: str


def place_of(fluent: str) -> Place:
    """Return a fluent's place, derived from its name.

    >>> place_of("record-3.endpoint"), place_of("parked(car1, landing2)")
    (Place(row='record-3', kind='endpoint'), Place(row='car1', kind='parked landing2'))
    >>> place_of("wire-3"), place_of("module")
    (Place(row='3', kind='wire'), Place(row='module', kind=''))
    """
    head, dot, kind = fluent.partition(".")
    if dot and "(" not in head:
        return Place(head, kind)
    fact = _FACT.match(fluent)
    if fact is not None:
        first, *more = (word.strip() for word in fact[2].split(","))
        return Place(first, " ".join([fact[1], *more]))
    numbered = _NUMBERED.match(fluent)
    if numbered is not None:
        return Place(numbered[2], numbered[1].rstrip("-_ "))
    return Place(fluent, "")


def row_of(step: Step) -> str:
    """Return the row beside which a step is shown: that of most fluents that it needs or writes."""
    counts: dict[str, int] = {}
    for fluent in [*step.writes, *step.requires]:
        row = place_of(fluent).row
        counts[row] = counts.get(row, 0) + 1
    return max(counts, key=lambda row: counts[row]) if counts else ""


def segments(call: Call, needs: Mapping[str, Value], scene: Scene) -> list[tuple[str, str]]:
    """Cut the description of a call so that each argument based on a fluent is a piece of its own.

    Returns:
        The texts, each with the fluent that it was read from, or an empty text.

    >>> from plandrift import Streams
    >>> from plandrift.policies import plan_once
    >>> from plandrift.worlds import Records
    >>> scene = Records(records=1).begin(Streams(7), 60.0)
    >>> call = scene.plan(scene.first)[0]
    >>> segments(call, scene.requires(call), scene)[1]
    ('production-3', 'record-0.endpoint')
    """
    text, sources = Description.of(scene).call(call), scene.sources(call)
    found: list[tuple[int, int, str]] = []
    # An argument named in the words is the one meant: "schema 1" comes before the 1 of "record 1".
    for named in (True, False):
        for argument, value in call.args:
            fluent = sources.get(argument, "")
            if any(f == (fluent or argument) for _, _, f in found):
                continue
            name = rf"{re.escape(argument)}\W+" if named else ""
            for match in re.finditer(rf"(?<![\w-]){name}({re.escape(str(value))})(?![\w-])", text):
                start, end = match.span(1)
                if all(end <= first or start >= last for first, last, _ in found):
                    found.append((start, end, fluent or argument))
                    break
    found = [part for part in found if part[2] in needs]
    cut: list[tuple[str, str]] = []
    at = 0
    for start, end, fluent in sorted(found):
        cut += [(text[at:start], ""), (text[start:end], fluent)]
        at = end
    return [part for part in [*cut, (text[at:], "")] if part[0]]


def in_order(steps: Iterable[Step], fluents: Iterable[str]) -> list[str]:
    """Return the rows: first those of the steps in the order given, then those of the other fluents."""
    rows = dict.fromkeys(row for step in steps if (row := row_of(step)))
    rows.update(dict.fromkeys(place_of(fluent).row for fluent in fluents))
    return list(rows)


def as_tree(rows: Iterable[str], on: Mapping[str, str]) -> tuple[list[str], list[int]]:
    """Return the rows with each below the row it depends on, and the depth of each.

    >>> as_tree(["orders", "module", "carts", "tax"], {"orders": "module", "tax": "orders"})
    (['module', 'orders', 'tax', 'carts'], [0, 1, 2, 0])
    """
    known = list(rows)
    below: dict[str, list[str]] = {row: [] for row in known}
    tops: list[str] = []
    for row in known:
        below.get(on.get(row, ""), tops).append(row)
    placed: list[tuple[str, int]] = []
    waiting = [(row, 0) for row in reversed(tops)]
    while waiting:
        row, depth = waiting.pop()
        placed.append((row, depth))
        waiting += [(under, depth + 1) for under in reversed(below[row])]
    # A row that indirectly depends on itself goes to the top level.
    there = {row for row, _ in placed}
    placed += [(row, 0) for row in known if row not in there]
    return [row for row, _ in placed], [depth for _, depth in placed]
