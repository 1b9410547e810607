"""The dependency graph of a plan in readable form, as a networkx graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plandrift.sim.terms.calls import Step, Value
from plandrift.sim.terms.dependencies import GOALS

if TYPE_CHECKING:
    import networkx as nx


def dependency_graph(steps: Sequence[Step], goals: Mapping[str, Value]) -> nx.DiGraph[Any]:
    """Return the dependency graph of a plan.

    Nodes are the indexes of the steps (0, 1, …), `GOALS`, and the fluents as ``("fluent", name)``. An edge
    fluent → step has the required ``value`` and, if an earlier step writes the fluent, that step as ``link``
    (a causal link; ``None`` marks an assumption about the world); an edge step → fluent has the written
    ``value``.

    >>> from plandrift import Call, Step
    >>> open_, enter = Call("open"), Call("enter")
    >>> graph = dependency_graph(
    ...     [Step(open_, {"key": "here"}, {"door": "open"}), Step(enter, {"door": "open"}, {"in": True})],
    ...     {"in": True})
    >>> graph.edges[("fluent", "key"), 0]["link"] is None, graph.edges[("fluent", "door"), 1]["link"]
    (True, 0)
    """
    # Networkx takes longer to load than most episodes take to run, and an episode needs only bit masks.
    import networkx as nx

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
    """Return the directly stale and the stale nodes of a graph, by reachability (docs/model/staleness.md).

    This is the readable form of what `plandrift.sim.terms.staleness` keeps as bit masks.

    Args:
        graph: a graph from `dependency_graph`.
        landed: the indexes of the steps that have reached the world.
        world: the current value of each fluent.

    Returns:
        Two sets: the nodes with a violated assumption of their own; and those together with every node that
        causal links lead to. Neither contains landed steps.

    >>> from plandrift import Call, Step
    >>> graph = dependency_graph([Step(Call("enter"), {"door": "open"}, {"in": True})], {"in": True})
    >>> direct, stale = stale_in_graph(graph, [], {"door": "shut", "in": False})
    >>> sorted(direct), sorted(stale, key=str)
    ([0], [0, 'goals'])
    """
    import networkx as nx

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
