"""Worlds and policies that break each promise on purpose, and what is whole for comparison."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plandrift.sim import (
    Argument,
    Call,
    CallForm,
    Change,
    Decision,
    Description,
    Introduction,
    Observation,
    Policy,
    Scene,
    Step,
    Streams,
    Value,
    Verdict,
    View,
    World,
)
from plandrift.sim.interfaces.policy import FIRE, KEEP
from plandrift.sim.settings.exogenous import jumps

DOORS = tuple(f"door-{i}" for i in range(5))


class Corridor(Scene):
    """Five doors that people open and shut; the agent locks each, which must be shut for it."""

    def __init__(self, volatility: float, random: Streams) -> None:
        self.volatility, self.random = volatility, random
        self.first: dict[str, Value] = dict.fromkeys(DOORS, "shut") | dict.fromkeys(
            (f"lock-{i}" for i in range(5)), False
        )
        self.goals: dict[str, Value] = {f"lock-{i}": True for i in range(5)}

    def changes(self) -> Iterator[Change]:
        options = dict.fromkeys(DOORS, ("open", "shut"))
        return jumps(self.random["exogenous"], options, self.first, rate=self.volatility)

    def requires(self, call: Call) -> Mapping[str, Value]:
        return {f"door-{call.arg('door')}": call.arg("seen")}

    def effects(self, call: Call) -> Mapping[str, Value]:
        return {f"lock-{call.arg('door')}": True}

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        return [
            Call.of("lock", door=i, seen=belief[f"door-{i}"]) for i in range(5) if not belief[f"lock-{i}"]
        ]


@dataclass(frozen=True)
class Doors(World):
    """A corridor of doors that people open and shut."""

    scene: type[Corridor] = Corridor

    def begin(self, random: Streams, horizon: float) -> Scene:
        return self.scene(self.volatility, random)


class CurtDescription(Description):
    """Tells of its call, and not of all that it takes."""

    def introduction(self) -> Introduction:
        return Introduction(
            "Lock the doors.", (CallForm("lock", "Lock it.", (Argument("door", "which"),)),), {}
        )


class Curt(Corridor):
    """Is described by halves."""

    companions = (CurtDescription,)


class Clocked(Corridor):
    """Begins by a dice of its own."""

    def __init__(self, volatility: float, streams: Streams) -> None:
        super().__init__(volatility, streams)
        self.first["door-0"] = random.choice(["open", "shut"])  # as nobody should


class Backwards(Corridor):
    """Goes back in time."""

    def changes(self) -> Iterator[Change]:
        for time, fluent, value in super().changes():
            yield max(0.0, 20.0 - time), fluent, value


class Unnamed(Corridor):
    """Changes a fluent that it does not have."""

    def changes(self) -> Iterator[Change]:
        for time, _, value in super().changes():
            yield time, "window", value


class Restless(Corridor):
    """Moves at volatility 0."""

    def changes(self) -> Iterator[Change]:
        return jumps(self.random["exogenous"], {"door-4": ("shut", "open")}, self.first, rate=0.3)


class Remembering(Corridor):
    """Plans another thing when asked again."""

    def __init__(self, volatility: float, random: Streams) -> None:
        super().__init__(volatility, random)
        self.asked = itertools.count()

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        calls = list(super().plan(belief) or ())
        return calls if next(self.asked) % 2 else calls[::-1]


class Hasty(Corridor):
    """Plans without looking at the doors."""

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        return [call.but(seen="open") for call in super().plan(belief) or ()]


class Halfway(Corridor):
    """Leaves a goal undone."""

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        return [call for call in super().plan(belief) or () if call.arg("door") < 4]


LOCKED: list[int] = []


class Spiteful(Corridor):
    """What others do depends on what the agent has done."""

    def __init__(self, volatility: float, random: Streams) -> None:
        super().__init__(volatility, random)
        self.volatility *= 10
        LOCKED.clear()

    def effects(self, call: Call) -> Mapping[str, Value]:
        LOCKED.append(1)
        return super().effects(call)

    def changes(self) -> Iterator[Change]:
        for time, fluent, value in super().changes():
            yield time + 0.001 * len(LOCKED), fluent, value


class Calming(Corridor):
    """Moves less the more volatile it is."""

    def changes(self) -> Iterator[Change]:
        rate = 0.002 / self.volatility if self.volatility else 0.0
        options = dict.fromkeys(DOORS, ("open", "shut"))
        return jumps(self.random["exogenous"], options, self.first, rate=rate)


class Twin(Corridor):
    """A call that is confusable with itself."""

    def confusable(self, call: Call) -> Sequence[Call]:
        return [call]


class SecondTwin(Corridor):
    """A planned call sees its door shut: its sibling, which does not, is confusable with itself."""

    def confusable(self, call: Call) -> Sequence[Call]:
        return [call.but(seen="open")]


class Sourceless(Corridor):
    """A source that is no fluent."""

    def sources(self, call: Call) -> Mapping[str, str]:
        return {"seen": "window"}


class WordyDescription(Description):
    """Ends its clauses with a full stop."""

    def change(self, fluent: str, before: Value, after: Value) -> str:
        return f"Somebody turned {fluent}."


class Wordy(Corridor):
    """Is described with full stops."""

    companions = (WordyDescription,)


class Outdated(Corridor):
    """Answers itself what a description is asked."""

    def narrate(self, fluent: str, before: Value, after: Value) -> str:
        return f"somebody turned {fluent}"


class Timeless(Corridor):
    """Lets no time go on."""

    def changes(self) -> Iterator[Change]:
        while self.volatility:
            yield 1.0, "door-0", "open"


@dataclass(frozen=True)
class Peeping(Policy):
    """Looks at the truth behind the view."""

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        behind: Any = view._tracked
        held = behind.measured
        return Verdict("block", "it is stale") if held.direct and view.counts.blocks < 50 else FIRE


ASKED = itertools.count()


@dataclass(frozen=True)
class Counting(Policy):
    """Keeps count between questions, outside the view."""

    def observed(self, view: View, observation: Observation) -> Decision:
        return Decision("replan", "the third") if next(ASKED) % 3 == 0 else KEEP


@dataclass(frozen=True)
class Babbling(Policy):
    """Answers with what is no answer."""

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        return Verdict("perhaps")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Insatiable(Policy):
    """Reads fresh for ever."""

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        return Verdict("read")


@dataclass(frozen=True)
class Unsendable(Policy):
    """Holds what cannot be sent to another process."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "opened", lambda: None)
