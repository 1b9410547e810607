"""Routes: a van collects parcels over roads that close, open and slow down by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heapreplace, merge
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from plandrift.sim import (
    EVENT,
    Argument,
    Call,
    CallForm,
    Change,
    Description,
    Effect,
    Introduction,
    Landscape,
    Mark,
    Scene,
    Streams,
    Value,
    World,
    setting,
)
from plandrift.sim.settings.exogenous import BLOCK, arrivals
from plandrift.sim.terms.effects import Nature
from plandrift.worlds.road_graph import WEIGHT, drawn_graph, read_graph, where

if TYPE_CHECKING:
    import networkx as nx

VAN = "van.place"
"""The fluent with the position of the van."""

Place = Any
"""A place of the road graph: a number in a random graph, a string in one read from a file."""


@dataclass(frozen=True)
class Routes(World):
    """A van collects parcels and brings them to the depot, over roads that close, open and slow down.

    The plan is a tour along shortest paths. Driving into a closed road is rejected, a slow road costs extra
    time, and collecting a parcel that somebody else has collected is void. Driving along a road takes the
    duration of a step plus `pace` times the road's length, measured in mean road lengths.

    >>> scene = Routes(parcels=1, places=6).begin(Streams(7), horizon=60.0)
    >>> [call.action for call in scene.plan(scene.first)]
    ['drive', 'drive', 'drive', 'collect', 'drive', 'drive', 'drive']
    """

    alone: ClassVar[str] = "it has one van"

    places: int = setting(30, "places of a random graph", unit="places", low=2, high=300)
    parcels: int = setting(6, "parcels to collect", unit="parcels", low=1, high=100)
    graph: str | None = setting(None, "a GraphML file of roads; if not given, each seed has a random graph")
    closed: float = setting(0.1, "share of the time that a road is closed", low=0, high=0.9)
    slow: float = setting(0.2, "share of the time that a road is slow", low=0, high=0.9)
    slowness: float = setting(3.0, "how many times as long a slow road takes", low=1)
    pace: float = setting(
        1.0, "how long a road of mean length takes, in addition to the step's duration", unit="time", low=0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.graph is not None:
            _read_once(self.graph, _written(self.graph))

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a scene with random places for depot and parcels, and random roads unless given."""
        return Roads(self, random)


@lru_cache(maxsize=8)
def _read_once(path: str, _stamp: int) -> nx.DiGraph[Any]:
    """Return the graph of a file at a given modification time, shared by the episodes of a sweep."""
    return read_graph(path)


def _written(path: str) -> int:
    """Return when a file was last written; 0 if it does not exist."""
    file = Path(path)
    return file.stat().st_mtime_ns if file.exists() else 0


class RoutesDescription(Description):
    """The description of `Routes`."""

    scene: Roads

    def introduction(self) -> Introduction:
        """Return what an agent is told."""
        depot, places = self.scene.depot, tuple(self.scene.graph)
        kind: Literal["integer", "any"] = (
            "integer" if all(isinstance(place, int) for place in places) else "any"
        )
        start = Argument("start", "where the van is", kind, places)
        end = Argument("end", "the place at the road's other end", kind, places)
        parcel = Argument("parcel", "which parcel", "string", tuple(self.scene.places))
        roads = "; ".join(
            f"{place}: {', '.join(str(n) for n in self.scene.graph[place])}" for place in places
        )
        where = ", ".join(f"{parcel} at {place}" for parcel, place in self.scene.places.items())
        return Introduction(
            f"Collect the parcels ({where}) with a van and bring it back to the depot at {depot}: "
            f"NAME.waiting must be false for each parcel, and {VAN} must be {depot}. Meanwhile roads close "
            "and open, traffic slows down and flows again, couriers collect parcels and customers leave new "
            "ones, so what you know may be out of date when the van arrives. A closed road is refused "
            "with an error, a slow one takes longer. Collecting a parcel that is gone is reported as a "
            f"success and does nothing. Roads lead from each place to these: {roads}.",
            (
                CallForm("drive", "Drive along one road.", (start, end)),
                CallForm("collect", "Collect a parcel at the place where the van is.", (parcel,)),
            ),
            {
                VAN: "where the van is",
                "road * to *.open": "whether the road can be driven, both ways where it goes both ways",
                "road * to *.slow": "whether traffic on it is slow",
                "parcel-*.waiting": "whether the parcel waits to be collected",
                "parcel-*.carrier": "who has it: 'the van', 'a courier', or null",
            },
        )

    def landscape(self) -> Landscape:
        """The roads, the parcels that wait, and the van."""
        at = where(self.scene.graph)
        ways = {name: way for way, name in reversed(self.scene.roads.items())}
        places = tuple(Mark(*at[p], "place", str(p)) for p in self.scene.graph)
        lines = tuple(Mark(*at[a], "way", to=at[b]) for a, b in ways.values())

        def drawn(fluent: str, value: Value) -> Mark | None:
            name, _, kind = fluent.rpartition(".")
            if fluent == VAN:
                return Mark(*at[value], "agent")
            if name in ways and (value if kind == "slow" else not value):
                start, end = ways[name]
                return Mark(*at[start], "slow" if kind == "slow" else "shut", to=at[end])
            if kind == "waiting" and value:
                x, y = at[self.scene.places[name]]
                return Mark(x, y - 0.6, "thing", name.rpartition("-")[2])
            return None

        def made(call: Call) -> Mark:
            if call.action == "collect":
                return Mark(*at[self.scene.places[call.arg("parcel")]], "thing")
            return Mark(*at[call.arg("start")], "way", to=at[call.arg("end")])

        return Landscape(lines + places, drawn, made)

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """What happened on the roads and to the parcels, in a sentence."""
        name, _, kind = fluent.rpartition(".")
        what = (
            name.replace("-", " ")
            if name in self.scene.places
            else f"the {name.replace('road', 'road from', 1)}"
        )
        if kind == "open":
            return f"{what} was {'opened again' if after else 'closed'}"
        if kind == "slow":
            return f"traffic on {what} {'slowed down' if after else 'flows again'}"
        if kind == "waiting":
            return f"somebody left a new {what}" if after else f"somebody else collected {what}"
        return f"{after} has {what}" if after else f"nobody has {what} now"

    def call(self, call: Call) -> str:
        """Describe a drive or a stop."""
        if call.action == "drive":
            return f"drives from {call.arg('start')} to {call.arg('end')}"
        return f"collects {call.arg('parcel').replace('-', ' ')}"


class Roads(Scene):
    """One episode of `Routes`.

    A two-way road is open, closed or slow in both directions. The van starts at the depot.
    """

    companions = (RoutesDescription,)

    def __init__(self, world: Routes, random: Streams) -> None:
        self._world, self._random = world, random
        draw = random["world"]
        graph = (
            drawn_graph(world.places, draw)
            if world.graph is None
            else _read_once(world.graph, _written(world.graph))
        )
        self.graph = graph
        places = list(graph)
        drawn = draw.permutation(len(places)).tolist()
        self.depot: Place = places[drawn[0]]
        self.places = {f"parcel-{i}": places[drawn[1 + i % (len(places) - 1)]] for i in range(world.parcels)}
        self.roads: dict[tuple[Place, Place], str] = {}
        for start, end in graph.edges:
            back = self.roads.get((end, start))
            self.roads[start, end] = back or f"road {start} to {end}"
        mean = float(np.mean([data[WEIGHT] for _, _, data in graph.edges(data=True)]))
        self._times: dict[tuple[Place, Place], float] = {
            (start, end): data[WEIGHT] / mean * world.pace for start, end, data in graph.edges(data=True)
        }
        self._open = {way: f"{road}.open" for way, road in self.roads.items()}
        self._slow = {way: f"{road}.slow" for way, road in self.roads.items()}
        self._names = list(dict.fromkeys(self.roads.values()))
        self.first: dict[str, Value] = {VAN: self.depot}
        # Roads start in their stationary state, so that the volatility only determines how fast they change.
        weather = random["world.roads"].random((len(self._names), 2)).tolist()
        for road, (shut, slow) in zip(self._names, weather, strict=True):
            self.first |= {f"{road}.open": shut >= world.closed, f"{road}.slow": slow < world.slow}
        for parcel in self.places:
            self.first |= {f"{parcel}.waiting": True, f"{parcel}.carrier": None}
        self.goals: dict[str, Value] = {f"{parcel}.waiting": False for parcel in self.places}
        self.goals[VAN] = self.depot

    def changes(self) -> Iterator[Change]:
        """Roads close and open, slow down and clear; couriers collect parcels, customers leave new ones."""
        world, random = self._world, self._random
        if not world.volatility:
            return iter(())
        roads = random["exogenous.roads"]
        shares = {f"{road}.open": world.closed for road in self._names}
        shares |= {f"{road}.slow": world.slow for road in self._names}
        away = {f: (s, not f.endswith(".open")) for f, s in shares.items() if s}
        weather = _switches(roads, away, self.first, world.volatility)
        people = arrivals(random["exogenous.parcels"], dict.fromkeys(self.places, 1.0), world.volatility)
        parcels: Iterator[Change] = ((time, EVENT, parcel) for time, parcel, _ in people)
        return merge(weather, parcels, key=lambda change: change[0])

    def happen(self, event: Value, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """A courier collects a waiting parcel; if it is not waiting, a customer leaves a new one."""
        waiting = values[f"{event}.waiting"]
        return {f"{event}.waiting": not waiting, f"{event}.carrier": "a courier" if waiting else None}

    def requires(self, call: Call) -> Mapping[str, Value]:
        """The van where the call begins; the road open, or the parcel waiting."""
        if call.action == "drive":
            start, end = call.args[0][1], call.args[1][1]
            road = self._open.get((start, end))
            # A road that does not exist cannot be driven from anywhere.
            return {VAN: None} if road is None else {VAN: start, road: True}
        parcel = call.arg("parcel")
        return {VAN: self.places[parcel], f"{parcel}.waiting": True}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """The van is at the road's end, or the parcel is in it."""
        if call.action == "drive":
            return {VAN: call.args[1][1]}
        parcel = call.arg("parcel")
        return {f"{parcel}.waiting": False, f"{parcel}.carrier": "the van"}

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """Collecting a parcel that is gone is void; driving along a closed road is rejected."""
        return "void" if call.action == "collect" and VAN not in violated else "rejected"

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """As usual, but a road takes extra time according to its length, and more if it is slow."""
        answer = super().answer(call, values)
        if call.action != "drive" or answer.outcome != "effective":
            return answer
        return answer._replace(extra=self._time((call.args[0][1], call.args[1][1]), values))

    def _time(self, way: tuple[Place, Place], values: Mapping[str, Value]) -> float:
        """Return how long a road takes in addition to the step's duration."""
        return self._times[way] * (self._world.slowness if values[self._slow[way]] else 1.0)

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Plan a tour that always goes to the nearest reachable parcel, and back to the depot.

        Parcels cut off by closed roads are left for later; None if nothing at all can be reached.
        """
        left = [parcel for parcel in self.places if belief[f"{parcel}.waiting"]]
        place, calls = belief[VAN], list[Call]()
        if not left and place == self.depot:
            return ()
        ways = self._ways(place, belief)
        while reachable := [parcel for parcel in left if self.places[parcel] in ways[0]]:
            parcel = min(reachable, key=lambda p: ways[0][self.places[p]])
            left.remove(parcel)
            if self.places[parcel] != place:
                calls += _drives(ways[1][self.places[parcel]])
                place = self.places[parcel]
                ways = self._ways(place, belief)
            calls.append(Call("collect", (("parcel", parcel),)))
        if self.depot in ways[0]:
            calls += _drives(ways[1][self.depot])
        return calls or None

    def _ways(
        self, place: Place, belief: Mapping[str, Value]
    ) -> tuple[dict[Place, float], dict[Place, list[Place]]]:
        """Return the believed distance of every reachable place, and the way there."""
        import networkx as nx

        def cost(start: Place, end: Place, _: Mapping[str, Any]) -> float | None:
            way = start, end
            return 1.0 + self._time(way, belief) if belief[self._open[way]] else None

        found: Any = nx.single_source_dijkstra(self.graph, place, weight=cost)
        return found[0], found[1]

    def confusable(self, call: Call) -> Sequence[Call]:
        """Another road from the same place, or another parcel."""
        if call.action == "collect":
            return [call.but(parcel=parcel) for parcel in self.places if parcel != call.arg("parcel")]
        start, end = call.arg("start"), call.arg("end")
        return [call.but(end=other) for other in self.graph[start] if other != end]

    def sources(self, call: Call) -> Mapping[str, str]:
        """A drive begins where the van is."""
        return {"start": VAN} if call.action == "drive" else {}


def _drives(way: Sequence[Place]) -> list[Call]:
    """Return the drives along a way through these places."""
    return [Call("drive", (("start", a), ("end", b))) for a, b in pairwise(way)]


def _switches(
    random: np.random.Generator,
    shares: Mapping[str, tuple[float, bool]],
    first: Mapping[str, Value],
    rate: float,
) -> Iterator[Change]:
    """Let fluents switch between True and False, each holding a given value for a share s of the time.

    A fluent holds that value for 2s/rate on average, and the other for 2(1 − s)/rate, with exponential
    durations, so it changes at the given rate. It does so from time 0
    if the first values are drawn by the shares.

    Args:
        random: a stream used for nothing else.
        shares: for each fluent a share s of the time, above 0, and the value held for that share.
        first: the first value of each fluent.
        rate: mean changes per fluent and unit of time.

    Yields:
        (time, fluent, value) in order of time, endlessly; nothing if there is no fluent.
    """
    names = list(shares)
    if not names:
        return
    held = {name: first[name] for name in names}

    def mean(name: str) -> float:
        share, value = shares[name]
        return 2 * (share if held[name] == value else 1 - share) / rate

    spans = random.standard_exponential(len(names)).tolist()
    due = [(span * mean(name), i) for i, (name, span) in enumerate(zip(names, spans, strict=True))]
    heapify(due)
    while True:
        for span in random.standard_exponential(BLOCK).tolist():
            time, place = due[0]
            name = names[place]
            held[name] = not held[name]
            heapreplace(due, (time + span * mean(name), place))
            yield time, name, held[name]
