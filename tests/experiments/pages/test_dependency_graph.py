"""The dependency graph at a moment: its nodes and edges are the plan's, its stale parts the engine's."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from plandrift.experiments.pages.dependency_graph import graph_svg
from plandrift.experiments.playback.playback import Playback
from plandrift.policies import gated, plan_once
from plandrift.sim import PlandriftError, World, run
from plandrift.worlds import Files, Records, Telegraph, Tickets
from tests.command import plandrift, refused

SVG = "{http://www.w3.org/2000/svg}"


def test_it_shows_each_step_fluent_and_use() -> None:
    episode = run(Records(volatility=0.1), plan_once(), seed=7, latency=1.0, trace=True)
    tree = ElementTree.fromstring(graph_svg(episode, 4.8, "records"))
    titles = [title.text or "" for title in tree.iter(f"{SVG}title")]
    assert sum(title.startswith("step ") and " needs " in title and ":" in title for title in titles) == 10
    playback = Playback(event for event in episode.trace if event.t <= 4.8).to_the_end()
    uses = sum(len(step.requires) for step in playback.steps) + len(playback.start.goals)
    makes = sum(len(step.writes) for step in playback.steps)
    edges = [t for t in titles if t.startswith("step needs") or re.match(r"step \d+ writes", t)]
    assert len(edges) == uses + makes
    stale, _ = playback.stale()
    said = [text.text or "" for text in tree.iter(f"{SVG}text")]
    assert any(f"{len(stale)} of {len(playback.left)} steps left are stale" in line for line in said)
    assert float(tree.get("width", "inf")) <= 1600  # ten steps fit a screen


def test_staleness_is_marked_along_the_way_that_it_spread() -> None:
    """In a chain the last steps are stale because the first is: each link between them is marked."""
    for seed in range(40):
        episode = run(Telegraph(volatility=0.1, steps=4, chain=4), plan_once(), seed=seed, trace=True)
        playback = Playback(event for event in episode.trace if event.t <= 0.9).to_the_end()
        stale, _ = playback.stale()
        if stale == {1, 2, 3}:
            break
    drawn = graph_svg(episode, 0.9, "telegraph")
    edge = r'stroke="#b84300" stroke-width="3.2"[^>]*/><path[^>]*/><title>([^<]*)</title>'
    marked = re.findall(edge, drawn)
    assert any(title.startswith("step 2 writes") for title in marked)
    assert any(title.startswith("step 3 writes") for title in marked)
    assert not any(title.startswith("step 4 writes") for title in marked)


def test_no_two_nodes_lie_on_each_other() -> None:
    episode = run(Records(volatility=0.1), gated(), seed=3, latency=1.0, trace=True)
    tree = ElementTree.fromstring(graph_svg(episode, 2.0, "records"))
    boxes = [
        tuple(float(rect.get(key, "0")) for key in ("x", "y", "width", "height"))
        for rect in tree.iter(f"{SVG}rect")
        if rect.get("rx")
    ]
    for i, (x, y, width, height) in enumerate(boxes):
        for left, top, w, h in boxes[i + 1 :]:
            assert x + width <= left or left + w <= x or y + height <= top or top + h <= y


def points(path: str) -> list[tuple[float, float]]:
    """Points along a path of M, C and L commands."""
    found: list[tuple[float, float]] = []
    for command, text in re.findall(r"([MCL])([^MCL]*)", path):
        numbers = [float(n) for n in text.split()]
        ends = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            found.append(ends[0])
            continue
        bends = [found[-1], *ends] if command == "C" else [found[-1], found[-1], ends[0], ends[0]]
        for i in range(1, 51):
            t = i / 50
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            found.append(
                (
                    sum(w * p[0] for w, p in zip(weights, bends, strict=True)),
                    sum(w * p[1] for w, p in zip(weights, bends, strict=True)),
                )
            )
    return found


@pytest.mark.parametrize("world", [Records(volatility=0.1), Files(volatility=0.1), Tickets(volatility=0.1)])
def test_no_edge_runs_behind_a_node(world: World) -> None:
    episode = run(world, gated(), seed=3, latency=1.0, trace=True)
    tree = ElementTree.fromstring(graph_svg(episode, 1.5, "world"))
    nodes = [
        [float(rect.get(key, "0")) for key in ("x", "y", "width", "height")]
        for rect in tree.iter(f"{SVG}rect")
        if rect.get("rx")
    ]
    edges = [path.get("d", "") for path in tree.iter(f"{SVG}path") if path.get("fill") == "none"]
    assert len(edges) > 10
    for edge in edges:
        for x, y in points(edge):
            assert not any(
                left + 1 < x < left + wide - 1 and top + 1 < y < top + tall - 1
                for left, top, wide, tall in nodes
            ), edge


def test_the_command_and_its_wrong_inputs(tmp_path: Path) -> None:
    plandrift("graph", "records", "--seed", "7", "--at", "2.5", "--out", "graph.svg", cwd=tmp_path)
    assert (tmp_path / "graph.svg").read_text().startswith("<svg")
    assert "end its name in .svg" in refused("graph", "records", "--out", "g.png", cwd=tmp_path)
    assert "lasts from 0 to" in refused("graph", "records", "--at", "1e9", cwd=tmp_path)
    assert "lasts from 0 to" in refused("graph", "records", "--at", "nan", cwd=tmp_path)


def test_where_no_plan_is_in_hand_it_says_so() -> None:
    episode = run(Records(), plan_once(), thinking_time=5.0, trace=True)
    with pytest.raises(PlandriftError, match="no plan with steps"):
        graph_svg(episode, 1.0, "records")
