"""The little town of the story: five residents who move, and a postman who follows a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plandrift.sim import Call, Change, Effect, Scene, Streams, Value, World, jumps, setting
from plandrift.sim.terms.effects import Nature

RESIDENTS = ("Ana", "Bo", "Chen", "Dita", "Emre")
"""One parcel for each; the doors are numbered from 0, and resident i begins at door i."""
NOBODY = -1
"""Where the dog is while it is at home."""


@dataclass(frozen=True)
class Deliveries(World):
    """A postman delivers five parcels by a list, while the five residents move from door to door.

    A parcel left at a door where its resident no longer lives is somebody else's (harmful), though it is
    reported as delivered; a door with a porter turns it away with an error. Since no door is special, this is
    the telegraph world with V = 5, k = 1 and M = 5, and its closed forms hold (docs/model/validation.md).
    """

    porters: int = setting(0, "doors with a porter: the last ones", unit="doors", low=0, high=5)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return the town with everybody at home."""
        return Town(self, random)


class Town(Scene):
    """One episode of `Deliveries`.

    The dog is the assumption that nobody wrote down: at a door where it is out, it eats the parcel. No step
    requires it to be at home, so no guard asks. Only the reader of the story moves it.
    """

    def __init__(self, world: Deliveries, random: Streams) -> None:
        self.world, self.random = world, random
        self.homes: dict[str, Value] = {f"resident-{i}": i for i in range(len(RESIDENTS))}
        done = {f"parcel-{i}": False for i in range(len(RESIDENTS))}
        self.first: dict[str, Value] = self.homes | done | {"dog": NOBODY}
        self.goals: dict[str, Value] = dict.fromkeys(done, True)

    def changes(self) -> Iterator[Change]:
        """Each resident moves at rate λ to one of the other doors."""
        doors = tuple(range(len(RESIDENTS)))
        options = dict.fromkeys(self.homes, doors)
        return jumps(self.random["exogenous"], options, self.homes, self.world.volatility)

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Require that the resident lives at the door."""
        (_, parcel), (_, door) = call.args
        return {f"resident-{parcel}": door}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """The parcel has arrived."""
        return {f"parcel-{call.arg('parcel')}": True}

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """A porter turns the parcel away; any other door takes it."""
        return "rejected" if call.arg("door") >= len(RESIDENTS) - self.world.porters else "harmful"

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """As usual, but where the dog is out it eats the parcel, unless a porter turned that away."""
        answer = super().answer(call, values)
        if values["dog"] == call.arg("door") and answer.outcome == "effective":
            return Effect("harmful", {}, ("dog",))
        return answer

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        """Bring each parcel that is not believed delivered to where its resident is believed to live."""
        return [
            Call("deliver", (("parcel", i), ("door", belief[f"resident-{i}"])))
            for i in range(len(RESIDENTS))
            if not belief[f"parcel-{i}"]
        ]
