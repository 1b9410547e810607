"""What a world is: fluents that move by themselves, calls that it answers, goals, and a way to plan."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from plandrift.sim.companions.companion import Companion
from plandrift.sim.settings.fields import Settings, setting
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.terms.effects import Change, Effect, Nature
from plandrift.sim.terms.errors import SettingError, nearest
from plandrift.sim.terms.streams import Streams


@dataclass(frozen=True)
class World(Settings, ABC):
    """A world and its settings: the first of two classes to write for a world of one's own.

    It is a frozen dataclass whose fields are made by `plandrift.setting`. The method to write, `begin`,
    makes the `Scene` of one episode. The first line of its docstring is what `plandrift list worlds` prints.

    Example (a corridor of doors that people open and shut):

    >>> from plandrift import jumps
    >>> @dataclass(frozen=True)
    ... class Doors(World):
    ...     '''A corridor of doors that people open and shut.'''
    ...     doors: int = setting(5, "how many doors the agent goes through", unit="doors", low=1)
    ...     def begin(self, random, horizon):
    ...         return Corridor(self, random)
    >>> class Corridor(Scene):
    ...     def __init__(self, world, random):
    ...         self.doors = [f"door-{i}" for i in range(world.doors)]
    ...         self.first = dict.fromkeys(self.doors, "open") | {"place": 0}
    ...         self.goals = {"place": world.doors}
    ...         self.volatility, self.random = world.volatility, random
    ...     def changes(self):
    ...         options = dict.fromkeys(self.doors, ("open", "shut"))
    ...         return jumps(self.random["exogenous"], options, self.first, rate=self.volatility)
    ...     def requires(self, call):
    ...         return {"place": call.arg("door"), f"door-{call.arg('door')}": "open"}
    ...     def effects(self, call):
    ...         return {"place": call.arg("door") + 1}
    ...     def plan(self, belief):
    ...         return [Call.of("walk", door=i) for i in range(belief["place"], len(self.doors))]
    """

    volatility: float = setting(
        0.05, "mean exogenous changes of a changing fluent per unit of time", unit="1/time", low=0
    )

    def check(self) -> None:
        """Look at what the settings name, such as files, before many episodes are begun.

        Raises:
            SettingError: something is not there, or not what it should be.
        """

    def expected_changes(self, fluents: int, time: float) -> float:
        """How often so many fluents change together in this time: what an episode's size is judged by.

        A world in which most fluents never change, or which replays what is there, says less.
        """
        return self.volatility * fluents * time

    @abstractmethod
    def begin(self, random: Streams, horizon: float) -> Scene:
        """The scene of one episode.

        Args:
            random: the episode's named streams; draw only from streams named for a purpose, such
                as ``random["exogenous"]``.
            horizon: when the episode ends at the latest, in units of time.
        """


class Scene(ABC):
    """One episode of a world: the second class to write for a world of one's own.

    Attributes that `__init__` must set:
        first: every fluent of the episode with its first value. No other may be named later;
            what does not exist yet has the value ``None``.
        goals: the value that each goal fluent is to hold. Empty where the world has scores instead;
            such an episode goes on to its horizon.

    A scene holds nothing that a call or a change moves: whatever moves is a fluent. What is said beside
    it, such as its changes in words, is said by its `companions`; see `Companion`. The example of `World`
    has one whole; here one that moves by itself only twice:

    >>> from plandrift import EVENT
    >>> class Door(Scene):
    ...     first, goals = {"door": "open", "in": False}, {"in": True}
    ...     def changes(self):
    ...         yield 2.0, "door", "shut"
    ...         yield 5.0, EVENT, (("door", "open"), ("in", False))
    ...     def requires(self, call):
    ...         return {"door": "open"}
    ...     def effects(self, call):
    ...         return {"in": True}
    ...     def plan(self, belief):
    ...         return [] if belief["in"] else [Call("enter")]
    >>> Door().answer(Call("enter"), {"door": "shut", "in": False}).outcome
    'rejected'
    """

    first: Mapping[str, Value]
    goals: Mapping[str, Value]
    companions: ClassVar[Sequence[type[Companion]]] = ()
    """What is said beside it: subclasses of `Description`, `Planning` or `ArrayForm`, of each at most one."""
    reacts: bool = False
    """Whether what others do depends on what the agent has done: then only their times are its own."""
    watched: bool = False
    """Whether the planner is asked at each change what it would choose (`opportunity_staleness`)."""

    @abstractmethod
    def changes(self) -> Iterator[Change]:
        """The exogenous changes: (time, fluent, value), in order of time, possibly without end.

        Drawn from streams of their own and never from what the agent does. Where the consequence
        depends on the state, yield (time, `EVENT`, event) and let `happen` tell the consequence.
        """

    def happen(self, event: Value, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """The changes that an event of `changes` makes in a world that holds these values.

        All come at one instant and are sent as one message. By default the event is itself a
        sequence of (fluent, value) pairs.
        """
        return dict(event)

    def announced(self, event: Value) -> bool:
        """Whether the channel pushes what an event changes; a snapshot shows it all the same."""
        return True

    @abstractmethod
    def requires(self, call: Call) -> Mapping[str, Value]:
        """The value that each fluent must hold for the call to do its work."""

    @abstractmethod
    def effects(self, call: Call) -> Mapping[str, Value]:
        """The value that each fluent holds after the call has done its work."""

    @abstractmethod
    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """The calls that reach the goals from this belief, in order, right if the belief is right.

        ``None`` where no plan exists: the agent then waits for the next observation. An empty plan
        says that nothing is left to do. It may depend on nothing but the belief and the scene.
        """

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """How the world answers a call with a violated requirement (`rejected` if not overridden)."""
        return "rejected"

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """What the call does to a world that holds these values; seldom overridden.

        A call whose work is already done is a `repeat`; one with a violated requirement is answered
        by its `nature` and changes nothing; any other is `effective`.
        """
        violated = tuple([f for f, value in self.requires(call).items() if values[f] != value])
        effects = self.effects(call)
        if effects and not [f for f, value in effects.items() if values[f] != value]:
            return Effect("repeat", {}, violated)
        if violated:
            return Effect(self.nature(call, violated), {}, violated)
        return Effect("effective", effects)

    def side_effects(self, call: Call, values: Mapping[str, Value], mark: float) -> Mapping[str, Value]:
        """What a call that has done its work changes besides, though nobody planned it: a formatter, a hook.

        Asked where `agent.side_effects` says that there are some. They are another hand's for the belief:
        no acknowledgment tells of them. Empty, as here, where no call has any.

        Args:
            call: the call.
            values: what the world holds after its work.
            mark: uniform on [0, 1), for what is left to chance.
        """
        return {}

    def confusable(self, call: Call) -> Sequence[Call]:
        """Siblings that an executor may fire by mistake for this call, never itself; empty for none."""
        return ()

    def sources(self, call: Call) -> Mapping[str, str]:
        """For each argument that a hand-off may lose, the fluent from which it can be filled in."""
        return {}

    def score(self, values: Mapping[str, Value]) -> tuple[float, float]:
        """The score reached and the score reachable; by default a goal counts one."""
        met = sum(values[fluent] == wanted for fluent, wanted in self.goals.items())
        return float(met), float(len(self.goals))


def check_scene(world: World, scene: Scene) -> None:
    """Refuse a scene whose goals name fluents that it does not have.

    Raises:
        SettingError: a goal is no fluent of the scene.
    """
    for fluent in scene.goals:
        if fluent not in scene.first:
            raise SettingError(
                f"{type(world).__name__}: goal {fluent!r} is no fluent of the scene: add it to `first`, or "
                f"name one that is there: {nearest(str(fluent), map(str, scene.first))}"
            )
