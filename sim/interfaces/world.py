"""The world interface: fluents that change by themselves, answers to calls, goals, and a planner."""

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
    """A world and its settings: the first of the two classes to write for your own world.

    Attributes:
        alone: why only one agent can act in this world; empty if several can.
        by_task: whether even an agent alone does the tasks of `Sharing` one at a time. Otherwise it plans for
            all goals at once.

    Make it a frozen dataclass whose fields are declared with `plandrift.setting`. The method to write,
    `begin`, returns the `Scene` of one episode. `plandrift list worlds` prints the docstring's first line.

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

    alone: ClassVar[str] = ""
    by_task: ClassVar[bool] = False

    volatility: float = setting(
        0.05, "mean exogenous changes per changing fluent and unit of time", unit="1/time", low=0
    )

    def check(self) -> None:
        """Check what the settings refer to, such as files, before running many episodes.

        Raises:
            SettingError: something is missing, or not what it should be.
        """

    def programs(self) -> Mapping[str, str]:
        """Return the version of each program that its planner runs, for manifests and traces; none here."""
        return {}

    def expected_changes(self, fluents: int, time: float) -> float:
        """Return the total expected changes of this many fluents in this time, to judge an episode's size.

        Override it in a world in which most fluents never change, or which replays recorded changes.
        """
        return self.volatility * fluents * time

    @abstractmethod
    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return the scene of one episode.

        Args:
            random: the episode's named streams; draw only from streams named for their purpose, such
                as ``random["exogenous"]``.
            horizon: the latest time at which the episode ends.
        """


class Scene(ABC):
    """One episode of a world: the second class to write for your own world.

    Attributes that `__init__` must set:
        first: every fluent of the episode with its first value. No other fluent may appear later;
            what does not exist yet has the value ``None``.
        goals: the value that each goal fluent should hold. Empty if the world has scores instead;
            such an episode runs until its horizon.

    A scene must not keep state that calls or changes modify: whatever changes is a fluent. Optional extras,
    such as descriptions of its changes, are the job of its `companions`; see `Companion`. The example of
    `World` contains a complete scene; this one changes by itself only twice:

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
    """Its companions: subclasses of `Description`, `Planning` or `ArrayForm`, at most one of each."""
    reacts: bool = False
    """Whether exogenous events depend on what the agent has done; if so, only their times are independent."""
    watched: bool = False
    """Whether the planner is asked at each change what it would now choose (for `opportunity_staleness`)."""

    @abstractmethod
    def changes(self) -> Iterator[Change]:
        """Yield the exogenous changes: (time, fluent, value), in order of time, possibly endlessly.

        Draw them from their own streams, never from what the agent does. If the consequence depends on the
        state, yield (time, `EVENT`, event) and let `happen` return the consequence.
        """

    def happen(self, event: Value, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return the changes that an event from `changes` makes in a world with these values.

        They all happen at one instant and are sent as one message. By default the event is itself a
        sequence of (fluent, value) pairs.
        """
        return dict(event)

    def announced(self, event: Value) -> bool:
        """Return whether the channel pushes what an event changes; snapshots show it in any case."""
        return True

    @abstractmethod
    def requires(self, call: Call) -> Mapping[str, Value]:
        """Return the values that fluents must hold for the call to do its work."""

    @abstractmethod
    def effects(self, call: Call) -> Mapping[str, Value]:
        """Return the values that fluents hold after the call has done its work."""

    @abstractmethod
    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Return the calls that reach the goals from this belief, in order; correct if the belief is correct.

        Return ``None`` if no plan exists: the agent then waits for the next observation. An empty plan
        means that nothing is left to do. The plan may depend on nothing but the belief and the scene.
        """

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """Return how the world answers a call with a violated requirement; `rejected` by default."""
        return "rejected"

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """Return what the call does to a world with these values; seldom overridden.

        By default a call whose work is already done is a `repeat`; one with a violated requirement is
        answered according to its `nature` and changes nothing; any other call is `effective`.
        """
        violated = tuple([f for f, value in self.requires(call).items() if values[f] != value])
        effects = self.effects(call)
        if effects and not [f for f, value in effects.items() if values[f] != value]:
            return Effect("repeat", {}, violated)
        if violated:
            return Effect(self.nature(call, violated), {}, violated)
        return Effect("effective", effects)

    def side_effects(self, call: Call, values: Mapping[str, Value], mark: float) -> Mapping[str, Value]:
        """Return what an effective call also changes without anybody planning it, as a formatter does.

        It is called if `agent.side_effects` is above 0. To the belief, side effects look like writes by
        somebody else: no acknowledgment reports them. The default is that calls have none.

        Args:
            call: the call.
            values: the values in the world after the call's work.
            mark: a random number, uniform on [0, 1), to choose with.
        """
        return {}

    def confusable(self, call: Call) -> Sequence[Call]:
        """Return the siblings that an executor may fire by mistake for this call, not including it."""
        return ()

    def sources(self, call: Call) -> Mapping[str, str]:
        """Return, for each argument that a hand-off may lose, the fluent from which it can be filled in."""
        return {}

    def score(self, values: Mapping[str, Value]) -> tuple[float, float]:
        """Return the score reached and the score reachable; by default each goal counts one."""
        met = sum(values[fluent] == wanted for fluent, wanted in self.goals.items())
        return float(met), float(len(self.goals))


def check_scene(world: World, scene: Scene) -> None:
    """Check that the scene's goals name fluents that it has.

    Raises:
        SettingError: a goal is not a fluent of the scene.
    """
    for fluent in scene.goals:
        if fluent not in scene.first:
            raise SettingError(
                f"{type(world).__name__}: goal {fluent!r} is not a fluent of the scene: add it to `first`, "
                f"or name one that is in it: {nearest(str(fluent), map(str, scene.first))}"
            )
