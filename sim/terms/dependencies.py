"""The dependencies of a plan's steps as bit masks, for fast measurement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from plandrift.sim.terms.calls import Step, Value

GOALS = "goals"
"""The last node of a dependency graph: it requires the goal values."""


Read = Callable[[Mapping[str, Any]], tuple[Any, ...]]
"""A function that returns the entries of certain fluents in a mapping, in a fixed order."""

SEVERAL = object()
"""Stands for a wanted value when the nodes that assume the fluent want different ones."""


def reader(names: Sequence[str]) -> Read:
    """Return a function that reads the entries with these names from a mapping in one go.

    >>> reader(["a", "b"])({"a": 1, "b": 2, "c": 3}), reader([])({})
    ((1, 2), ())
    """
    if len(names) > 1:
        return itemgetter(*names)
    return lambda held: tuple([held[name] for name in names])


class Dependencies:
    """The dependency graph of one plan as bit masks; bit i is step i, bit n is the goals node.

    Attributes:
        steps: the plan's steps.
        count: n, the number of steps.
        names: the fluents that any node requires, in the order in which the plan first needs them.
        read: returns the entries of `names` in a mapping.
        needs: for each fluent and each required value of it, the mask of the nodes that require it.
        assumed: for each fluent, the mask of the nodes that take it from the world.
        read_assumed: returns the entries of `assumed` in a mapping.
        wanted: the value that each fluent in `assumed` must hold, `SEVERAL` if its nodes want different ones.
        fitting: the values of `wanted` as a tuple, to compare with what `read_assumed` returns.
        links: for each step and each fluent, the mask of the nodes that take the fluent from that step.
        requires: for each node, the fluents that it requires, with their values.
        sources: for each node, the step that each of those fluents comes from, None for the world.
        closure: for each step with causal links to later steps, the mask of itself and of every step that
            those links lead to.
        linked: the mask of the steps that have a closure.
        contradicted: for each step, the linked nodes that require a different value from the one it writes.
    """

    __slots__ = (
        "assumed",
        "closure",
        "contradicted",
        "count",
        "fitting",
        "linked",
        "links",
        "names",
        "needs",
        "read",
        "read_assumed",
        "requires",
        "sources",
        "steps",
        "wanted",
    )

    def __init__(self, steps: Sequence[Step], goals: Mapping[str, Value]) -> None:
        self.steps = steps
        self.count = len(steps)
        self.needs: dict[str, dict[Value, int]] = {}
        self.assumed: dict[str, int] = {}
        self.links: dict[int, dict[str, int]] = {}
        self.contradicted: dict[int, int] = {}
        self.requires: list[Mapping[str, Value]] = [step.requires for step in steps]
        self.requires.append(goals)
        self.sources: list[dict[str, int | None]] = []
        self.wanted: dict[str, Value] = {}
        writer: dict[str, int] = {}
        bit = 1
        for place, requires in enumerate(self.requires):
            sources: dict[str, int | None] = {}
            for fluent, value in requires.items():
                need = self.needs.get(fluent)
                if need is None:
                    self.needs[fluent] = {value: bit}
                else:
                    need[value] = need.get(value, 0) | bit
                source = sources[fluent] = writer.get(fluent)
                if source is None:
                    self.assumed[fluent] = self.assumed.get(fluent, 0) | bit
                    if self.wanted.setdefault(fluent, value) != value:
                        self.wanted[fluent] = SEVERAL
                else:
                    links = self.links.setdefault(source, {})
                    links[fluent] = links.get(fluent, 0) | bit
                    if steps[source].writes[fluent] != value:
                        self.contradicted[source] = self.contradicted.get(source, 0) | bit
            self.sources.append(sources)
            if place < self.count:
                for fluent in steps[place].writes:
                    writer[fluent] = place
            bit <<= 1
        self.names = tuple(self.needs)
        self.read = reader(self.names)
        self.read_assumed = reader(tuple(self.assumed))
        self.fitting = tuple(self.wanted.values())
        self.closure: dict[int, int] = {}
        self.linked = 0
        # A step's links come from earlier steps, so going backwards each closure is complete when used.
        # The goals are left out: nearly every step leads to them, and no figure needs to know it.
        for place in range(self.count - 1, -1, -1):
            whole = self.closure.get(place, 1 << place)
            for source in self.sources[place].values():
                if source is None:
                    continue
                self.closure[source] = self.closure.get(source, 1 << source) | whole
                self.linked |= 1 << source

    def exchanged(self, steps: Sequence[Step]) -> Dependencies | None:
        """Return the dependencies of other steps, by changing only the masks of the steps that differ.

        Consecutive plans mostly differ in an argument or two, so the shape of the graph stays the same.

        Returns:
            The dependencies, or None if a step that differs has links, or writes or requires other fluents:
            the shape of the graph may then be different.
        """
        mine = self.steps
        if len(steps) != self.count:
            return None
        places = [i for i, (one, other) in enumerate(zip(mine, steps, strict=True)) if one is not other]
        for place in places:
            one, other = mine[place], steps[place]
            if (
                one.writes != other.writes
                or tuple(one.requires) != tuple(other.requires)
                or any(
                    source is not None and one.requires[fluent] != other.requires[fluent]
                    for fluent, source in self.sources[place].items()
                )
            ):
                return None
        made = Dependencies.__new__(Dependencies)
        made.steps, made.count, made.names, made.read = steps, self.count, self.names, self.read
        made.assumed, made.read_assumed, made.links = self.assumed, self.read_assumed, self.links
        made.contradicted, made.sources = self.contradicted, self.sources
        made.closure, made.linked = self.closure, self.linked
        made.needs = needs = dict(self.needs)
        made.requires = requires = list(self.requires)
        made.wanted = wanted = dict(self.wanted)
        for place in places:
            bit, before = 1 << place, requires[place]
            requires[place] = after = steps[place].requires
            for fluent, value in after.items():
                if value != before[fluent]:
                    kept = {v: mask & ~bit for v, mask in needs[fluent].items() if mask != bit}
                    need = needs[fluent] = kept
                    need[value] = need.get(value, 0) | bit
                    if fluent in wanted:
                        wanting = [v for v, mask in need.items() if mask & self.assumed[fluent]]
                        wanted[fluent] = wanting[0] if len(wanting) == 1 else SEVERAL
        made.fitting = tuple(wanted.values())
        return made
