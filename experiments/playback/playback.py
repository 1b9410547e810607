"""What an onlooker of an episode knows: the world, the belief, the plan in hand, what of it is stale."""

from __future__ import annotations

from typing import Any

import networkx as nx

from sim import Episode, Streams
from sim.dependencies import dependency_graph, stale_in_graph
from sim.plan import Call, Step, Value


class Onlooker:
    """Follows a trace, event by event.

    Attributes:
        scene: the scene of the episode.
        world: the value of each fluent.
        belief: value, version and time of each fluent, as the agent believes.
        plan: the event of the plan in hand.
        graph: its dependency graph.
        left: the places of its steps not yet fired.
        landed: of those whose call has reached the world.
        heard: of those whose effects the agent has heard of.
        flying: of the one between fire and answer.
    """

    def __init__(self, episode: Episode) -> None:
        self.scene = episode.world.begin(Streams(episode.seed), episode.horizon)
        self.world: dict[str, Value] = dict(self.scene.first)
        self.belief: dict[str, tuple[Value, int, float]] = {
            f: (value, 0, 0.0) for f, value in self.scene.first.items()
        }
        self.plan: dict[str, Any] | None = None
        self.graph: nx.DiGraph[Any] = nx.DiGraph()
        self.left: set[int] = set()
        self.landed: set[int] = set()
        self.heard: set[int] = set()
        self.flying: int | None = None

    def see(self, event: dict[str, Any]) -> dict[str, Value]:
        """Take in one event. Returns what it wrote in the world, or what the agent newly believes."""
        handler = getattr(self, "_" + event["event"].replace("-", "_"), None)
        changed: dict[str, Value] = handler(event) if handler is not None else {}
        return changed

    def stale(self) -> tuple[set[int], set[int]]:
        """The places of the steps left that are stale in truth, and of those stale in the belief."""
        if self.plan is None or not self.left:
            return set(), set()
        believed = {f: held[0] for f, held in self.belief.items()}
        _, stale = stale_in_graph(self.graph, self.landed, self.world)
        _, seen = stale_in_graph(self.graph, self.heard, believed)
        return {i for i in self.left if i in stale}, {i for i in self.left if i in seen}

    def _exogenous(self, event: dict[str, Any]) -> dict[str, Value]:
        self.world[event["fluent"]] = event["value"]
        return {event["fluent"]: event["value"]}

    def _observation_delivered(self, event: dict[str, Any]) -> dict[str, Value]:
        news = {}
        for fluent, value, version in event["fluents"]:
            held = self.belief[fluent]
            if (event["taken"], version) >= (held[2], held[1]):
                if value != held[0]:
                    news[fluent] = value
                self.belief[fluent] = (value, version, event["taken"])
        if self.plan is not None and self.flying is not None:
            writes = self.plan["steps"][self.flying]["writes"]
            own = event["own"] and any(fluent in writes for fluent, _, _ in event["fluents"])
            if own or event["by"] == "acknowledgment":
                self.heard.add(self.flying)
            if event["by"] == "acknowledgment":
                self.flying = None
        return news

    def _plan(self, event: dict[str, Any]) -> dict[str, Value]:
        if event["steps"] is not None:
            steps = [Step(Call(s["call"]), s["requires"], s["writes"]) for s in event["steps"]]
            self.plan, self.graph = event, dependency_graph(steps, event["goals"])
            self.landed, self.heard = set(event["done"]), set(event["done"])
            self.flying = event["in_flight"]
            self.left = set(range(len(steps))) - self.landed - {self.flying}
        return {}

    def _fire(self, event: dict[str, Any]) -> dict[str, Value]:
        self.left.discard(event["step"])
        self.flying = event["step"]
        return {}

    def _outcome(self, event: dict[str, Any]) -> dict[str, Value]:
        written = {f: value for f, (value, _) in event["writes"].items()}
        self.world.update(written)
        if self.flying is not None:
            self.landed.add(self.flying)
        return written
