"""What each step of a plan depends on: as a networkx graph to read, and as bit masks to measure with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import networkx as nx

from sim.plan import Step, Value

GOALS = "goals"
"""The last node of a dependency graph: it requires the goal values."""


def dependency_graph(steps: Sequence[Step], goals: Mapping[str, Value]) -> nx.DiGraph[Any]:
    """The dependency graph of a plan.

    Nodes are the places of the steps (0, 1, …), `GOALS`, and the names of the fluents as
    ``("fluent", name)``. An edge fluent → step has the required ``value`` and, where an earlier step
    writes the fluent, that step as ``link`` (a causal link; ``None`` marks an assumption about the
    world); an edge step → fluent has the ``value`` that is written.

    >>> from sim.plan import Call
    >>> open_, enter = Call("open"), Call("enter")
    >>> graph = dependency_graph(
    ...     [Step(open_, {"key": "here"}, {"door": "open"}), Step(enter, {"door": "open"}, {"in": True})],
    ...     {"in": True})
    >>> graph.edges[("fluent", "key"), 0]["link"] is None, graph.edges[("fluent", "door"), 1]["link"]
    (True, 0)
    """
    graph: nx.DiGraph[Any] = nx.DiGraph()
    writer: dict[str, int] = {}
    for place, step in enumerate(steps):
        graph.add_node(place, call=step.call)
        _require(graph, place, step.requires, writer)
        for fluent, value in step.writes.items():
            graph.add_edge(place, ("fluent", fluent), value=value)
            writer[fluent] = place
    graph.add_node(GOALS)
    _require(graph, GOALS, goals, writer)
    return graph


def _require(
    graph: nx.DiGraph[Any], node: int | str, requires: Mapping[str, Value], writer: Mapping[str, int]
) -> None:
    for fluent, value in requires.items():
        graph.add_edge(("fluent", fluent), node, value=value, link=writer.get(fluent))


def stale_in_graph(
    graph: nx.DiGraph[Any],
    landed: Collection[int],
    world: Mapping[str, Value],
) -> tuple[set[int | str], set[int | str]]:
    """The directly stale and the stale nodes of a dependency graph, by reachability (design.md, 1).

    This is the readable form of what `sim.staleness` keeps as bit masks.

    Args:
        graph: from `dependency_graph`.
        landed: the places of the steps that have reached the world.
        world: the value of each fluent now.

    Returns:
        The nodes with a violated assumption of their own, and those together with every node that
        causal links lead to from them. Landed steps are in neither.
    """
    links: nx.DiGraph[Any] = nx.DiGraph()
    nodes = [n for n in graph if not isinstance(n, tuple) and n not in landed]
    links.add_nodes_from(nodes)
    direct: set[int | str] = set()
    for node in nodes:
        for source, _, edge in graph.in_edges(node, data=True):
            link = edge["link"]
            if link is None or link in landed:
                if world[source[1]] != edge["value"]:
                    direct.add(node)
            else:
                links.add_edge(link, node)
                if graph.edges[link, source]["value"] != edge["value"]:
                    direct.add(node)
    stale = set(direct)
    for node in direct:
        stale |= set(nx.descendants(links, node))
    return direct, stale


class Dependencies:
    """The dependency graph of one plan as bit masks; bit i is step i, bit n the goals.

    Attributes:
        count: n, how many steps there are.
        needs: for each fluent, the mask of the nodes that require each value of it.
        assumed: for each fluent, the mask of the nodes that take it from the world.
        links: for each step, the mask of the nodes that take each fluent from that step.
        requires: for each node, the fluents that it requires.
        sources: for each node, the step that each of those is taken from, None for the world.
        writes: for each step, the fluents that it writes.
        closure: for each step with causal links to later steps, itself and all steps they lead to.
        linked: the steps that have a closure.
        contradicted: for each step, the nodes linked to it that require another value than it writes.
    """

    __slots__ = (
        "assumed", "closure", "contradicted", "count", "linked", "links", "needs", "requires",
        "sources", "writes",
    )  # fmt: skip

    def __init__(self, steps: Sequence[Step], goals: Mapping[str, Value]) -> None:
        self.count = len(steps)
        self.needs: dict[str, dict[Value, int]] = {}
        self.assumed: dict[str, int] = {}
        self.links: dict[int, dict[str, int]] = {}
        self.contradicted: dict[int, int] = {}
        self.requires: list[Mapping[str, Value]] = [step.requires for step in steps]
        self.requires.append(goals)
        self.writes: list[Mapping[str, Value]] = [step.writes for step in steps]
        self.sources: list[dict[str, int | None]] = []
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
        self.closure: dict[int, int] = {}
        self.linked = 0
        # A step's links come from earlier steps, so going backwards each closure is whole when used.
        # The goals are left out: nearly every step leads there, and nothing is asked of it.
        for place in range(self.count - 1, -1, -1):
            whole = self.closure.get(place, 1 << place)
            for source in self.sources[place].values():
                if source is None:
                    continue
                self.closure[source] = self.closure.get(source, 1 << source) | whole
                self.linked |= 1 << source
