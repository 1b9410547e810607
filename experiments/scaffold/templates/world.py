"""Scaffold: say in a line what this world is about.

plandrift run scaffold_module:Scaffold --policy gated --narrate
plandrift check scaffold_module:Scaffold
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plandrift import Call, Change, Description, Nature, Scene, Streams, Value, World, jumps, setting

PLACES = ("left", "middle", "right")
"""What a thing's place may be. Others move things between them."""


@dataclass(frozen=True)
class Scaffold(World):
    """An agent paints things where it believes them to be, while others move them about.

    The first line is what `plandrift list worlds` prints. Each field made by `setting` can be given as
    `--set world.things=8`, swept over, and is checked against its limits. The volatility is there
    already: the mean number of changes of a changing fluent per unit of time.
    """

    things: int = setting(6, "things to paint", unit="things", low=1)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Begin one episode; whatever is drawn for it comes from the streams in `random`."""
        return ScaffoldScene(self, random)


class ScaffoldDescription(Description):
    """What the world says of itself, named by the scene below; whatever it leaves out has a default."""

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """A change as a sentence, without a full stop."""
        return f"somebody moved {fluent.partition('.')[0]} from {before} to {after}"

    def call(self, call: Call) -> str:
        """A call as what goes on from "the agent"."""
        return f"paints thing {call.arg('thing')} on the {call.arg('place')}"


class ScaffoldScene(Scene):
    """One episode. It holds nothing that moves: whatever a call or a change moves is a fluent."""

    companions = (ScaffoldDescription,)

    def __init__(self, world: Scaffold, random: Streams) -> None:
        self._world, self._random = world, random
        names = [f"thing-{i}" for i in range(world.things)]
        drawn = random["world"].integers(len(PLACES), size=world.things).tolist()
        self._places: dict[str, Value] = {
            f"{name}.place": PLACES[n] for name, n in zip(names, drawn, strict=True)
        }
        # The value that each goal fluent is to hold in the end.
        self.goals: dict[str, Value] = {f"{name}.painted": True for name in names}
        # Every fluent with its first value; what does not exist yet holds None.
        self.first: dict[str, Value] = self._places | dict.fromkeys(self.goals, False)

    def changes(self) -> Iterator[Change]:
        """What others do: (time, fluent, new value), in order of time.

        Draw it from `random["exogenous"]` and never from what the agent did, so that every policy meets
        the same. `jumps` moves fluents between values; `arrivals` gives bare times, for changes of your own.
        """
        options = dict.fromkeys(self._places, PLACES)
        return jumps(self._random["exogenous"], options, self._places, self._world.volatility)

    def requires(self, call: Call) -> Mapping[str, Value]:
        """What must hold in the world when the call reaches it: here, the thing where it was seen."""
        return {f"thing-{call.arg('thing')}.place": call.arg("place")}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """What holds after the call has done its work."""
        return {f"thing-{call.arg('thing')}.painted": True}

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """What becomes of a call whose requirement does not hold: rejected, harmful or void."""
        return "harmful"

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        """The calls that reach the goals if the belief is right; None where there is no way."""
        return [
            Call.of("paint", thing=i, place=belief[f"thing-{i}.place"])
            for i in range(self._world.things)
            if not belief[f"thing-{i}.painted"]
        ]

    def confusable(self, call: Call) -> Sequence[Call]:
        """The calls that an executor may make by mistake for this one, for `agent.slip`."""
        return [call.but(place=place) for place in PLACES if place != call.arg("place")]

    def sources(self, call: Call) -> Mapping[str, str]:
        """Where an argument that the hand-off lost can be looked up, for `handoff.mode = summary`."""
        return {"place": f"thing-{call.arg('thing')}.place"}
