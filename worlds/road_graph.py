"""Road graphs: drawn at random in the plane, or read from a user's GraphML file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plandrift.sim import SettingError

if TYPE_CHECKING:
    import networkx as nx

WEIGHT = "weight"
"""The edge attribute that holds how long a road is."""


def drawn_graph(places: int, random: np.random.Generator) -> nx.DiGraph[Any]:
    """A planar road graph: the Gabriel graph of points drawn in the unit square.

    Two places have a road between them if no third lies in the circle on whose diameter they stand
    (Gabriel and Sokal 1969). It is planar, and connected, as it holds the shortest spanning tree.

    Args:
        places: how many, 2 or more.
        random: where the points are drawn from.

    Returns:
        Each road as an edge both ways, as long as the distance between its places.

    >>> import networkx as nx
    >>> roads = drawn_graph(6, np.random.default_rng(7))
    >>> nx.is_strongly_connected(roads), all(roads.has_edge(b, a) for a, b in roads.edges)
    (True, True)
    """
    # Networkx takes longer to load than most episodes to run, and the other worlds do without.
    import networkx as nx

    points = random.random((places, 2))
    squares = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from((i, {"x": x, "y": y}) for i, (x, y) in enumerate(points.tolist()))
    for i in range(places):
        for j in range(i + 1, places):
            between = squares[i] + squares[j] < squares[i, j]
            if not between.any():
                length = math.sqrt(squares[i, j])
                graph.add_edge(i, j, weight=length)
                graph.add_edge(j, i, weight=length)
    return graph


def read_graph(path: str) -> nx.DiGraph[Any]:
    """The road graph in a GraphML file; each edge has its length as the attribute ``weight``.

    Of several edges from one place to another the shortest is taken; without directions each goes
    both ways; a road from a place to itself is left out.

    Raises:
        SettingError: there is no such file, it is no GraphML, an edge has no weight or one that is
            not a finite number above 0, or some place cannot be reached from another.

    >>> import networkx as nx
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "roads.graphml"
    ...     nx.write_graphml(nx.Graph([("depot", "mill", {"weight": 2.5})]), path)
    ...     roads = read_graph(str(path))
    >>> roads.edges["mill", "depot"]["weight"]
    2.5
    """
    import networkx as nx

    where = f"world.graph = {path}"
    try:
        read = nx.read_graphml(Path(path))
    except OSError as error:
        raise SettingError(f"{where}: {error.strerror}: give a GraphML file that can be read") from None
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SettingError(
            f"{where}: not GraphML ({reason}): write one with networkx.write_graphml"
        ) from None
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from(read.nodes(data=True))
    for start, end, data in read.edges(data=True):
        length = _length(data.get(WEIGHT), f"{where}: the edge from {start} to {end}")
        ways = ((start, end),) if read.is_directed() else ((start, end), (end, start))
        for way in ways:
            if start != end and length < graph.get_edge_data(*way, {WEIGHT: math.inf})[WEIGHT]:
                graph.add_edge(*way, weight=length)
    if graph.number_of_nodes() < 2:
        raise SettingError(f"{where}: {graph.number_of_nodes()} places: give at least 2, with roads between")
    parts = list(nx.strongly_connected_components(graph))
    if len(parts) > 1:
        raise SettingError(
            f"{where}: falls into {len(parts)} parts with no way from each to each: "
            "give one in which every place can be reached from every other"
        )
    return graph


def where(graph: nx.DiGraph[Any]) -> dict[Any, tuple[float, float]]:
    """Where each place is drawn, so far apart that a mark of size 1 fits between neighbours.

    By the attributes ``x`` and ``y`` where all places have them, else so that near places stand near
    (Kamada and Kawai 1989).

    >>> roads = drawn_graph(2, np.random.default_rng(7))
    >>> (ax, ay), (bx, by) = where(roads).values()
    >>> max(abs(ax - bx), abs(ay - by))
    2.8
    """
    import networkx as nx

    try:
        spots = {place: (float(data["x"]), float(data["y"])) for place, data in graph.nodes(data=True)}
        known = all(math.isfinite(x) for spot in spots.values() for x in spot)
    except (KeyError, TypeError, ValueError):
        known = False
    if not known:
        laid = nx.kamada_kawai_layout(graph.to_undirected(), weight=WEIGHT)
        spots = {place: (float(x), float(y)) for place, (x, y) in laid.items()}
    least = [min(spot[axis] for spot in spots.values()) for axis in (0, 1)]
    most = [max(spot[axis] for spot in spots.values()) for axis in (0, 1)]
    wide = 2 * math.sqrt(len(spots)) / (max(b - a for a, b in zip(least, most, strict=True)) or 1)
    return {
        place: (round((x - least[0]) * wide, 1), round((y - least[1]) * wide, 1))
        for place, (x, y) in spots.items()
    }


def _length(weight: object, edge: str) -> float:
    """A road's length from its attribute."""
    if weight is None:
        raise SettingError(f"{edge} has no weight: give each edge its length as the attribute 'weight'")
    try:
        length = float(str(weight))
    except ValueError:
        length = math.nan
    if not (0 < length < math.inf):
        raise SettingError(f"{edge} has the weight {weight!r}: give a finite number above 0")
    return length
