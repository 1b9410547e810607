"""How an episode's fluents and steps stand in rows: what belongs together in one, the steps beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plandrift.sim import Call, Description, Scene, Step, Value

_FACT = re.compile(r"^([^()]+)\((.*)\)$")
_NUMBERED = re.compile(r"^(.*\D)(\d+)$")


@dataclass(frozen=True)
class Place:
    """Where a fluent stands.

    Attributes:
        row: of what it is a property: ``record-3``, an object of a planning problem, a number.
        kind: which property, as its cell is labelled; empty where it has no more than its value.
    """

    row: str
    kind: str


def place_of(fluent: str) -> Place:
    """Where a fluent stands, by its name.

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
    """The row beside which a step stands: the one of most of the fluents that it needs and writes."""
    counts: dict[str, int] = {}
    for fluent in [*step.writes, *step.requires]:
        row = place_of(fluent).row
        counts[row] = counts.get(row, 0) + 1
    return max(counts, key=lambda row: counts[row]) if counts else ""


def segments(call: Call, needs: Mapping[str, Value], scene: Scene) -> list[tuple[str, str]]:
    """A call in the world's words, cut so that each argument that rests on a fluent stands alone.

    Returns:
        Texts, each with the fluent that it was read from, empty for none.

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
    # An argument that the words name is the one meant: "schema 1" before the 1 of "record 1".
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
    """The rows: those of the steps in the order in which these come, then those of the other fluents."""
    rows = dict.fromkeys(row for step in steps if (row := row_of(step)))
    rows.update(dict.fromkeys(place_of(fluent).row for fluent in fluents))
    return list(rows)


def as_tree(rows: Iterable[str], on: Mapping[str, str]) -> tuple[list[str], list[int]]:
    """The rows with each below the one on which it hangs, and how deep each hangs.

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
    # What hangs on itself by a detour stands alone.
    there = {row for row, _ in placed}
    placed += [(row, 0) for row in known if row not in there]
    return [row for row, _ in placed], [depth for _, depth in placed]
