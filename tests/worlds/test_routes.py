"""Routes: road graphs drawn and read, and what roads and parcels answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plandrift.experiments.sweeps.condition import condition
from plandrift.policies import gated
from plandrift.sim import Call, SettingError, Streams, run
from plandrift.worlds import Routes
from plandrift.worlds.road_graph import drawn_graph
from plandrift.worlds.routes import Roads


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), places=st.integers(2, 60))
def test_a_drawn_graph_is_planar_and_connected_and_goes_both_ways(seed: int, places: int) -> None:
    graph = drawn_graph(places, Streams(seed)["world"])
    assert len(graph) == places
    assert nx.check_planarity(graph.to_undirected())[0]
    assert nx.is_strongly_connected(graph)
    assert all(graph[b][a]["weight"] == data["weight"] > 0 for a, b, data in graph.edges(data=True))


def roads(**given: object) -> Roads:
    return Roads(Routes(**given), Streams(3))  # type: ignore[arg-type]


def test_a_road_that_is_closed_is_rejected_and_a_slow_one_takes_longer() -> None:
    scene = roads(slowness=3.0, pace=2.0)
    drive = next(call for call in scene.plan(scene.first) or () if call.action == "drive")
    road = f"road {drive.arg('start')} to {drive.arg('end')}"
    road = road if f"{road}.open" in scene.first else f"road {drive.arg('end')} to {drive.arg('start')}"
    quick = scene.answer(drive, scene.first)
    slow = scene.answer(drive, {**scene.first, f"{road}.slow": True})
    closed = scene.answer(drive, {**scene.first, f"{road}.open": False})
    assert quick.outcome == slow.outcome == "effective"
    assert slow.extra == pytest.approx(3 * quick.extra)
    assert quick.extra > 0
    assert (closed.outcome, closed.extra, closed.writes) == ("rejected", 0.0, {})


def test_a_parcel_that_somebody_else_collected_is_void_and_one_in_the_van_a_repeat() -> None:
    scene = roads()
    collect = next(call for call in scene.plan(scene.first) or () if call.action == "collect")
    parcel = collect.arg("parcel")
    there = {**scene.first, "van.place": scene.places[parcel]}
    assert scene.answer(collect, there).outcome == "effective"
    assert scene.answer(collect, scene.first).outcome == "rejected"
    gone = {**there, **scene.happen(parcel, there)}
    assert gone[f"{parcel}.carrier"] == "a courier"
    assert scene.answer(collect, gone).outcome == "void"
    assert scene.answer(collect, {**there, **scene.effects(collect)}).outcome == "repeat"


def test_a_new_parcel_comes_where_none_is_waiting() -> None:
    scene = roads()
    in_van = {**scene.first, "parcel-0.waiting": False, "parcel-0.carrier": "the van"}
    assert scene.happen("parcel-0", in_van) == {"parcel-0.waiting": True, "parcel-0.carrier": None}


def test_the_tour_goes_by_the_believed_shortest_way(tmp_path: Path) -> None:
    """A square with one long side: the way round is taken until it is closed or slow."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 1), ("b", "c", 1), ("c", "d", 1), ("a", "d", 12)])
    scene = _scene(graph, tmp_path, places=("d",))
    order = [call.args[1][1] for call in scene.plan(scene.first) or () if call.action == "drive"]
    assert order == ["b", "c", "d", "c", "b", "a"]
    for change in ({"road b to c.open": False}, {"road b to c.slow": True, "road c to d.slow": True}):
        order = [
            call.args[1][1] for call in scene.plan({**scene.first, **change}) or () if call.action == "drive"
        ]
        assert order == ["d", "a"]


def test_what_is_cut_off_waits_and_with_everything_cut_off_there_is_no_plan(tmp_path: Path) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 1), ("b", "c", 1)])
    scene = _scene(graph, tmp_path, places=("b", "c"))
    cut = {**scene.first, "road b to c.open": False}
    plan = scene.plan({**cut, "van.place": "a"}) or ()
    assert [call.action for call in plan] == ["drive", "collect", "drive"]
    assert scene.plan({**cut, "road a to b.open": False, "van.place": "a"}) is None
    met = {**scene.first, "van.place": "a", "parcel-0.waiting": False, "parcel-1.waiting": False}
    assert scene.plan(met) == ()


def _scene(graph: nx.Graph[str], folder: Path, places: tuple[str, ...]) -> Roads:
    """A scene over this graph with the depot at ``a`` and a parcel at each of these places."""
    path = folder / "roads.graphml"
    nx.write_graphml(graph, path)
    world = Routes(graph=str(path), parcels=len(places), closed=0.0, slow=0.0)
    for seed in range(200):
        scene = Roads(world, Streams(seed))
        if scene.depot == "a" and set(scene.places.values()) == set(places):
            return scene
    raise AssertionError("no seed places depot and parcels so")


def test_an_episode_runs_over_a_graph_of_the_users(tmp_path: Path) -> None:
    path = tmp_path / "city.graphml"
    graph = nx.grid_2d_graph(3, 3)
    nx.set_edge_attributes(graph, dict.fromkeys(graph.edges, 120.5), "weight")
    nx.write_graphml(graph, path)
    episode = run(Routes(graph=str(path), parcels=3, volatility=0.005), gated(), seed=2)
    assert episode.end == "done"
    assert episode.metrics.goals_met == 1
    drives = [step.call for step in episode.steps if step.call.action == "drive"]
    assert drives
    assert all(isinstance(call.arg("end"), str) for call in drives)


def test_one_way_streets_are_driven_one_way(tmp_path: Path) -> None:
    path = tmp_path / "ring.graphml"
    ring = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a")])
    nx.set_edge_attributes(ring, dict.fromkeys(ring.edges, 1.0), "weight")
    nx.write_graphml(ring, path)
    scene = Roads(Routes(graph=str(path), parcels=1), Streams(1))
    ways = [call.args for call in scene.plan(scene.first) or () if call.action == "drive"]
    assert len(ways) == 3
    assert {(start, end) for (_, start), (_, end) in ways} == {("a", "b"), ("b", "c"), ("c", "a")}
    wrong = Call.of("drive", start=scene.depot, end=ways[-1][0][1])
    assert scene.answer(wrong, scene.first).outcome == "rejected"


def _no_weights(path: Path) -> None:
    nx.write_graphml(nx.path_graph(3), path)


def _text_weight(path: Path) -> None:
    nx.write_graphml(nx.Graph([("a", "b", {"weight": "far"})]), path)


def _negative_weight(path: Path) -> None:
    nx.write_graphml(nx.Graph([("a", "b", {"weight": -1.0})]), path)


def _apart(path: Path) -> None:
    nx.write_graphml(nx.Graph([("a", "b", {"weight": 1.0}), ("c", "d", {"weight": 1.0})]), path)


def _empty(path: Path) -> None:
    nx.write_graphml(nx.Graph(), path)


def _not_xml(path: Path) -> None:
    path.write_text("time,fluent,value\n1,2,3\n")


def _missing(path: Path) -> None:
    """Write nothing at all."""


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (_no_weights, "the edge from 0 to 1 has no weight: give each edge its length"),
        (_text_weight, "the edge from a to b has the weight 'far': give a finite number above 0"),
        (_negative_weight, "has the weight -1.0: give a finite number above 0"),
        (_apart, "2 parts that are not connected"),
        (_empty, "0 places: give at least 2"),
        (_not_xml, "not GraphML"),
        (_missing, "No such file or directory: give a GraphML file that can be read"),
    ],
)
def test_a_bad_graph_is_one_clear_line(write: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.graphml"
    write(path)
    with pytest.raises(SettingError) as caught:
        condition("routes", "gated", {"world.graph": str(path)})
    line = str(caught.value)
    assert words in line
    assert line.startswith(f"world.graph = {path}")
    assert "\n" not in line


def test_a_graph_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "roads.graphml"
    for places in (3, 5):
        graph = nx.path_graph(places)
        nx.set_edge_attributes(graph, dict.fromkeys(graph.edges, 1.0), "weight")
        nx.write_graphml(graph, path)
        scene = Roads(Routes(graph=str(path), parcels=1), Streams(1))
        assert len(scene._names) == places - 1


def test_with_a_share_of_zero_no_road_ever_closes_or_slows_down() -> None:
    scene = roads(closed=0.0, slow=0.0, volatility=1.0)
    changes = scene.changes()
    assert all(next(changes)[1] == "" for _ in range(200))


def test_roads_are_closed_for_the_share_of_the_time_that_is_asked_for() -> None:
    scene = Roads(Routes(closed=0.25, slow=0.0, volatility=1.0), Streams(4))
    roads = [fluent for fluent in scene.first if fluent.endswith(".open")]
    shut = dict.fromkeys(roads, 0.0)
    since = {fluent: 0.0 for fluent in roads if not scene.first[fluent]}
    assert len(since) / len(roads) == pytest.approx(0.25, abs=0.15)
    for time, fluent, value in scene.changes():
        if time > 300:
            break
        if fluent in shut and value is False:
            since[fluent] = time
        elif fluent in shut:
            shut[fluent] += time - since.pop(fluent)
    assert sum(shut.values()) / 300 / len(roads) == pytest.approx(0.25, abs=0.015)


def test_whatever_the_volatility_roads_begin_and_go_on_as_often_closed_and_slow() -> None:
    """Over 40 seeds and 60 units of time: a standard error of about 0.004 of the share at the start."""
    for volatility in (0.01, 0.3):
        first: list[tuple[bool, bool]] = []
        last: list[tuple[bool, bool]] = []
        for seed in range(40):
            scene = Roads(Routes(volatility=volatility), Streams(seed))
            values = dict(scene.first)
            for time, fluent, value in scene.changes():
                if time > 60:
                    break
                if fluent:
                    values[fluent] = value
            roads = [fluent.removesuffix(".open") for fluent in values if fluent.endswith(".open")]
            for found, held in ((first, scene.first), (last, values)):
                found += [(not held[f"{road}.open"], bool(held[f"{road}.slow"])) for road in roads]
        for found in (first, last):
            assert fmean(shut for shut, _ in found) == pytest.approx(0.1, abs=0.02)
            assert fmean(slow for _, slow in found) == pytest.approx(0.2, abs=0.025)
