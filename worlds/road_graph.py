"""Road graphs, either random planar ones or read from a GraphML file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plandrift.sim import SettingError

if TYPE_CHECKING:
    import networkx as nx

WEIGHT = "weight"
"""The edge attribute with the length of a road."""


def drawn_graph(places: int, random: np.random.Generator) -> nx.DiGraph[Any]:
    """Return a random planar road graph: the Gabriel graph of random points in the unit square.

    Two places are joined by a road if no third place lies in the circle that has them as the ends of a
    diameter (Gabriel and Sokal 1969). The graph is planar, and it is connected because it contains the
    minimum spanning tree.

    Args:
        places: the number of places, at least 2.
        random: the stream from which the points are drawn.

    Returns:
        A graph with two edges per road, one each way; their length is the distance between the places.

    >>> import networkx as nx
    >>> roads = drawn_graph(6, np.random.default_rng(7))
    >>> nx.is_strongly_connected(roads), all(roads.has_edge(b, a) for a, b in roads.edges)
    (True, True)
    """
    # Networkx takes longer to load than most episodes take to run, and other worlds do not need it.
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
    """Read a road graph from a GraphML file, in which the attribute ``weight`` is the length of an edge.

    Of several parallel edges the shortest is taken; undirected edges can be driven both ways; loops from a
    place to itself are ignored.

    Raises:
        SettingError: the file does not exist or is not GraphML, an edge has no weight or one that is not a
            finite number above 0, or some place cannot be reached from another.

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
            f"{where}: the graph has {len(parts)} parts that are not connected both ways: "
            "give one in which every place can be reached from every other"
        )
    return graph


def where(graph: nx.DiGraph[Any]) -> dict[Any, tuple[float, float]]:
    """Return where to draw each place, far enough apart for a mark of size 1 to fit between neighbours.

    Positions come from the attributes ``x`` and ``y`` if all places have them, otherwise from the layout
    algorithm of Kamada and Kawai (1989).

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
    """Return the length of a road from its attribute."""
    if weight is None:
        raise SettingError(f"{edge} has no weight: give each edge its length as the attribute 'weight'")
    try:
        length = float(str(weight))
    except ValueError:
        length = math.nan
    if not (0 < length < math.inf):
        raise SettingError(f"{edge} has the weight {weight!r}: give a finite number above 0")
    return length
