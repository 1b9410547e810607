"""What each step of a plan depends on: as a networkx graph to read, and as bit masks to measure with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from plandrift.sim.terms.calls import Step, Value

if TYPE_CHECKING:
    import networkx as nx

GOALS = "goals"
"""The last node of a dependency graph: it requires the goal values."""


def dependency_graph(steps: Sequence[Step], goals: Mapping[str, Value]) -> nx.DiGraph[Any]:
    """The dependency graph of a plan.

    Nodes are the places of the steps (0, 1, …), `GOALS`, and the names of the fluents as
    ``("fluent", name)``. An edge fluent → step has the required ``value`` and, where an earlier step
    writes the fluent, that step as ``link`` (a causal link; ``None`` marks an assumption about the
    world); an edge step → fluent has the ``value`` that is written.

    >>> from plandrift import Call, Step
    >>> open_, enter = Call("open"), Call("enter")
    >>> graph = dependency_graph(
    ...     [Step(open_, {"key": "here"}, {"door": "open"}), Step(enter, {"door": "open"}, {"in": True})],
    ...     {"in": True})
    >>> graph.edges[("fluent", "key"), 0]["link"] is None, graph.edges[("fluent", "door"), 1]["link"]
    (True, 0)
    """
    # Networkx takes longer to load than most episodes to run, and an episode needs bit masks alone.
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
    """The directly stale and the stale nodes of a graph, by reachability (docs/model/staleness.md).

    This is the readable form of what `plandrift.sim.terms.staleness` keeps as bit masks.

    Args:
        graph: from `dependency_graph`.
        landed: the places of the steps that have reached the world.
        world: the value of each fluent now.

    Returns:
        The nodes with a violated assumption of their own, and those together with every node that
        causal links lead to from them. Landed steps are in neither.

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


Read = Callable[[Mapping[str, Any]], tuple[Any, ...]]
"""What takes the entries of some fluents out of a mapping, in order."""

SEVERAL = object()
"""In place of a wanted value: the nodes that assume the fluent want several, so none is right for all."""


def reader(names: Sequence[str]) -> Read:
    """A function that reads the entries of these names out of a mapping at once.

    >>> reader(["a", "b"])({"a": 1, "b": 2, "c": 3}), reader([])({})
    ((1, 2), ())
    """
    if len(names) > 1:
        return itemgetter(*names)
    return lambda held: tuple([held[name] for name in names])


class Dependencies:
    """The dependency graph of one plan as bit masks; bit i is step i, bit n the goals.

    Attributes:
        steps: of the plan.
        count: n, how many there are.
        names: the fluents that any node requires, in the order in which the plan first needs them.
        read: reads the entries of `names` out of a mapping.
        needs: for each fluent, the mask of the nodes that require each value of it.
        assumed: for each fluent, the mask of the nodes that take it from the world.
        read_assumed: reads the entries of `assumed` out of a mapping.
        wanted: what each of those must hold, `SEVERAL` where its nodes want different values.
        fitting: the same as `read_assumed` reads it.
        links: for each step, the mask of the nodes that take each fluent from that step.
        requires: for each node, the fluents that it requires.
        sources: for each node, the step that each of those is taken from, None for the world.
        closure: for each step with causal links to later steps, itself and all steps they lead to.
        linked: the steps that have a closure.
        contradicted: for each step, the nodes linked to it that require another value than it writes.
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
        # A step's links come from earlier steps, so going backwards each closure is whole when used.
        # The goals are left out: nearly every step leads there, and nothing is asked of it.
        for place in range(self.count - 1, -1, -1):
            whole = self.closure.get(place, 1 << place)
            for source in self.sources[place].values():
                if source is None:
                    continue
                self.closure[source] = self.closure.get(source, 1 << source) | whole
                self.linked |= 1 << source

    def exchanged(self, steps: Sequence[Step]) -> Dependencies | None:
        """The dependencies of other steps in place of these, by changing the masks where steps differ.

        Most plans that follow one another differ in an argument or two: the shape of the graph is the same.

        Returns:
            None where a step that differs has links, or writes or requires other fluents: the shape
            may be another then.
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
