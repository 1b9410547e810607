"""A world in which everything is written down: wires that change when the test says, and a step for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plandrift.sim import Call, Change, Episode, Scene, Streams, World


@dataclass(frozen=True)
class Wires(World):
    """Each step sends what its wire is believed to hold, and is right while the wire holds that.

    Attributes:
        steps: how many wires there are; each holds "a" at first and is to be sent once.
        moves: the exogenous changes.
        fails: how the world answers a call whose wire holds something else.
    """

    steps: int = 4
    moves: tuple[Change, ...] = ()
    fails: Any = "rejected"

    def begin(self, random: Streams, horizon: float) -> Scene:
        return WiresScene(self)

    def but(self, *moves: Change, **settings: Any) -> Wires:
        """The same world with these changes."""
        return replace(self, moves=moves, **settings)


class WiresScene(Scene):
    def __init__(self, world: Wires) -> None:
        self.world = world
        wires = range(world.steps)
        self.first = {f"wire-{i}": "a" for i in wires} | {f"sent-{i}": False for i in wires}
        self.goals = {f"sent-{i}": True for i in wires}

    def changes(self) -> Iterator[Change]:
        yield from self.world.moves

    def requires(self, call: Call) -> Mapping[str, Any]:
        return {f"wire-{call.arg('wire')}": call.arg("value")}

    def effects(self, call: Call) -> Mapping[str, Any]:
        return {f"sent-{call.arg('wire')}": True}

    def nature(self, call: Call, violated: Sequence[str]) -> Any:
        return self.world.fails

    def plan(self, belief: Mapping[str, Any]) -> Sequence[Call] | None:
        left = [i for i in range(self.world.steps) if not belief[f"sent-{i}"]]
        return [Call.of("send", wire=i, value=belief[f"wire-{i}"]) for i in left]


def events(episode: Episode, kind: str) -> list[Any]:
    """The events of one kind, by its name in a trace file."""
    return [event for event in episode.trace if event.kind == kind]


def times(episode: Episode, kind: str) -> list[float]:
    """When the events of one kind happened."""
    return [event.t for event in events(episode, kind)]


@dataclass(frozen=True)
class Corridor(Wires):
    """Each step walks through a door, and begins where the one before it ended: causal links all along."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return CorridorScene(self)


class CorridorScene(WiresScene):
    def __init__(self, world: Wires) -> None:
        super().__init__(world)
        self.first = {f"door-{i}": "open" for i in range(world.steps)} | {"place": 0}
        self.goals = {"place": world.steps}

    def requires(self, call: Call) -> Mapping[str, Any]:
        return {"place": call.arg("door"), f"door-{call.arg('door')}": "open"}

    def effects(self, call: Call) -> Mapping[str, Any]:
        return {"place": call.arg("door") + 1}

    def plan(self, belief: Mapping[str, Any]) -> Sequence[Call]:
        return [Call.of("walk", door=i) for i in range(belief["place"], self.world.steps)]
