"""Scaffold: describe in one line what this world is about.

plandrift run scaffold_module:Scaffold --policy gated --narrate
plandrift check scaffold_module:Scaffold
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plandrift import Call, Change, Description, Nature, Scene, Streams, Value, World, jumps, setting

PLACES = ("left", "middle", "right")
"""The places where a thing may be. Other people move things between them."""


@dataclass(frozen=True)
class Scaffold(World):
    """An agent paints things where it believes them to be, while others move them around.

    `plandrift list worlds` prints the first line of this docstring. Each field declared with `setting` can be
    set with `--set world.things=8`, be swept over, and is checked against its limits. Every world already has
    the setting `volatility`: the mean number of changes per changing fluent and unit of time.
    """

    things: int = setting(6, "things to paint", unit="things", low=1)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return the scene of one episode; draw all random numbers from the streams in `random`."""
        return ScaffoldScene(self, random)


class ScaffoldDescription(Description):
    """The world's texts, attached by the scene below; every method that you leave out has a default."""

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """Describe a change in a sentence, without a full stop."""
        return f"somebody moved {fluent.partition('.')[0]} from {before} to {after}"

    def call(self, call: Call) -> str:
        """Describe a call in a clause that continues "the agent"."""
        return f"paints thing {call.arg('thing')} on the {call.arg('place')}"


class ScaffoldScene(Scene):
    """One episode. It keeps no changing state: whatever a call or a change modifies is a fluent."""

    companions = (ScaffoldDescription,)

    def __init__(self, world: Scaffold, random: Streams) -> None:
        self._world, self._random = world, random
        names = [f"thing-{i}" for i in range(world.things)]
        drawn = random["world"].integers(len(PLACES), size=world.things).tolist()
        self._places: dict[str, Value] = {
            f"{name}.place": PLACES[n] for name, n in zip(names, drawn, strict=True)
        }
        # The value that each goal fluent should hold in the end.
        self.goals: dict[str, Value] = {f"{name}.painted": True for name in names}
        # Every fluent with its first value; what does not exist yet holds None.
        self.first: dict[str, Value] = self._places | dict.fromkeys(self.goals, False)

    def changes(self) -> Iterator[Change]:
        """Yield what others do: (time, fluent, new value), in order of time.

        Draw it from `random["exogenous"]` and never from what the agent did, so that every policy meets the
        same changes. `jumps` moves fluents between values; `arrivals` yields only times, for other changes.
        """
        options = dict.fromkeys(self._places, PLACES)
        return jumps(self._random["exogenous"], options, self._places, self._world.volatility)

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Return what must hold when the call lands: here, that the thing is where it was seen."""
        return {f"thing-{call.arg('thing')}.place": call.arg("place")}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """Return what holds after the call has done its work."""
        return {f"thing-{call.arg('thing')}.painted": True}

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """Return what happens to a call with a violated requirement: rejected, harmful or void."""
        return "harmful"

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        """Return the calls that reach the goals if the belief is right; return None if there is no way."""
        return [
            Call.of("paint", thing=i, place=belief[f"thing-{i}.place"])
            for i in range(self._world.things)
            if not belief[f"thing-{i}.painted"]
        ]

    def confusable(self, call: Call) -> Sequence[Call]:
        """Return the calls that an executor may fire by mistake for this one; used by `agent.slip`."""
        return [call.but(place=place) for place in PLACES if place != call.arg("place")]

    def sources(self, call: Call) -> Mapping[str, str]:
        """Return where to look up an argument lost in a hand-off (`handoff.mode = summary`)."""
        return {"place": f"thing-{call.arg('thing')}.place"}
