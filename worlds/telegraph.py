"""Telegraph: fluents that jump at random and steps that need them; exact formulas are known for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from plandrift.sim import (
    Argument,
    ArrayForm,
    ArrayScene,
    Call,
    CallForm,
    Change,
    Description,
    Introduction,
    Scene,
    SettingError,
    Streams,
    Value,
    jumps,
    setting,
)
from plandrift.sim.companions.array_scene import JUMP, NONE, VOID, first_values
from plandrift.sim.terms.effects import Nature
from plandrift.worlds.uneven import UnevenWorld


@dataclass(frozen=True)
class Telegraph(UnevenWorld):
    """Fluents jump between values at rate λ = volatility; each step needs some of them as planned.

    The closed forms in docs/model/validation.md apply to this world. A step whose requirement does not hold
    does nothing but looks like success, so each step is fired once.

    Each step of a plan names the values that were read for it:

    >>> scene = Telegraph(steps=2, requires=1).begin(Streams(7), horizon=60.0)
    >>> [str(call) for call in scene.plan(scene.first)]
    ['step(number=0, reads=(1,))', 'step(number=1, reads=(0,))']
    """

    values: int = setting(
        2, "values that each fluent jumps between (V)", unit="values", low=2, high=1_000_000
    )
    steps: int = setting(10, "steps of the task (M)", unit="steps", low=1, high=1000)
    requires: int = setting(1, "fluents that each step needs (k)", unit="fluents", low=1, high=100)
    fluents: int | None = setting(
        None,
        "total number of fluents; steps × requires if not given, so that the steps are independent",
        unit="fluents",
        low=1,
        high=10_000,
    )
    chain: int = setting(
        1, "length of chains of steps that each need the one before", unit="steps", low=1, high=1000
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fluents is not None and self.fluents < self.requires:
            raise SettingError(
                name="world.fluents",
                problem=f"= {self.fluents}: a step needs {self.requires} different fluents",
                fix=f"give at least {self.requires}",
            )

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a scene with random first values."""
        return Wires(self, random)


class TelegraphDescription(Description):
    """The description of `Telegraph`."""

    scene: Wires

    def introduction(self) -> Introduction:
        """Return what an agent is told."""
        world = self.scene.world
        number = Argument("number", "which step", "integer", tuple(range(world.steps)))
        reads = Argument("reads", "the values of the step's wires as you know them, in order", "list")
        needs = "; ".join(f"step {i}: {', '.join(wires)}" for i, wires in enumerate(self.scene.needs))
        chain = world.chain
        in_turn = (
            f" Steps come in chains of {chain}: each but the first of a chain needs the one before it done."
            if chain > 1
            else ""
        )
        return Introduction(
            f"Take the steps 0 to {world.steps - 1}: done-0 and so on must all be true at the end. A "
            "step names the values of the wires that it needs. Wires jump between the values 0 to "
            f"{world.values - 1} by themselves, so what you have read may be out of date when your call "
            "arrives; a step with a wrong value is reported as a success and does nothing. Each step needs "
            f"these wires: {needs}.{in_turn}",
            (CallForm("step", "Take one step.", (number, reads)),),
            {"wire-*": "a number that changes by itself", "done-*": "whether the step has been done"},
        )

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """A wire jumps."""
        return f"{fluent} jumped from {before} to {after}"

    def call(self, call: Call) -> str:
        """Describe the agent's call in words."""
        return f"takes step {call.arg('number')}, planned with {call.arg('reads')}"


class TelegraphArrays(ArrayForm):
    """The form of `Telegraph` for the compiled engine."""

    scene: Wires

    def array_scene(self) -> ArrayScene:
        """Wires jump; each step reads its own and writes that it is done."""
        world, wires = self.scene.world, len(self.scene.wires)
        shape = _shape(world.steps, world.requires, world.chain, wires, world.values)
        return ArrayScene(
            fluents=tuple(self.scene.first),
            linked=0.0,
            weights=(1.0,) * wires,
            spread=world.spread,
            rate=world.volatility,
            siblings=world.values,
            next_sibling=True,
            call=lambda job, reads: Call(
                "step", (("number", job), ("reads", tuple(reads[: world.requires])))
            ),
            action="step",
            **shape,
        )


class Wires(Scene):
    """One episode of `Telegraph`."""

    companions = (TelegraphDescription, TelegraphArrays)

    def __init__(self, world: Telegraph, random: Streams) -> None:
        count = world.fluents if world.fluents is not None else world.steps * world.requires
        (drawn,) = first_values(
            _shape(world.steps, world.requires, world.chain, count, world.values)["drawn"], random["world"]
        )
        names, self._done, self.needs = _named(count, world.steps, world.requires)
        self.world, self.random = world, random
        self.wires: dict[str, Value] = dict(zip(names, drawn, strict=True))
        self.first: dict[str, Value] = self.wires | dict.fromkeys(self._done, False)
        self.goals: dict[str, Value] = dict.fromkeys(self._done, True)

    def changes(self) -> Iterator[Change]:
        """Each wire jumps at rate λ to one of its other values."""
        options = dict.fromkeys(self.wires, tuple(range(self.world.values)))
        rates = self.world.rates(self.random, dict.fromkeys(self.wires, 1.0))
        return jumps(self.random["exogenous"], options, self.wires, self.world.volatility, rates)

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Require the wires' planned values and, within a chain, that the step before is done."""
        (_, number), (_, reads) = call.args
        needs = dict(zip(self.needs[number], reads, strict=True))
        if number % self.world.chain:
            needs[self._done[number - 1]] = True
        return needs

    def effects(self, call: Call) -> Mapping[str, Value]:
        """The step is done."""
        return {self._done[call.args[0][1]]: True}

    def side_effects(self, call: Call, values: Mapping[str, Value], mark: float) -> Mapping[str, Value]:
        """Let one of the wires jump to another value."""
        place = mark * len(self.wires)
        wire = list(self.wires)[int(place)]
        jump = 1 + int(place % 1 * (self.world.values - 1))
        return {wire: (values[wire] + jump) % self.world.values}

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """A step that no longer fits does nothing but looks like success."""
        return "void"

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        """Take every step that is not believed done, with the believed values of its wires."""
        return [
            Call("step", (("number", i), ("reads", tuple([belief[w] for w in self.needs[i]]))))
            for i, done in enumerate(self._done)
            if not belief[done]
        ]

    def confusable(self, call: Call) -> Sequence[Call]:
        """The same step with one wire's value off by one."""
        reads: list[int] = list(call.arg("reads"))
        reads[0] = (reads[0] + 1) % self.world.values
        return [call.but(reads=tuple(reads))]


@lru_cache(maxsize=64)
def _named(count: int, steps: int, requires: int) -> tuple[list[str], list[str], list[list[str]]]:
    """Return the wires, the fluents that say a step is done, and the wires that each step needs."""
    names = [f"wire-{i}" for i in range(count)]
    needs = [[names[(i * requires + j) % count] for j in range(requires)] for i in range(steps)]
    return names, [f"done-{i}" for i in range(steps)], needs


@lru_cache(maxsize=64)
def _shape(steps: int, requires: int, chain: int, wires: int, values: int) -> dict[str, Any]:
    """Return the parts of an array scene that are the same for every seed."""
    places = np.arange(steps)
    reads = (places[:, None] * requires + np.arange(requires)) % wires
    before = np.where(places % chain > 0, wires + places - 1, NONE)[:, None]
    moving = np.arange(wires)
    return {
        "first": np.zeros(wires + steps, dtype=np.int64),
        "drawn": [(moving, values)],
        "writes": wires + places,
        "done": np.ones(steps, dtype=np.int64),
        "needs": np.hstack([reads, before]),
        "values": np.hstack([np.full_like(reads, NONE), np.ones_like(before)]),
        "natures": np.full((steps, requires + 1), VOID),
        "lossy": np.zeros((steps, requires + 1), dtype=np.int64),
        "moving": moving,
        "rules": np.tile([JUMP, values, 0], (wires, 1)),
        "sides": np.column_stack([moving, np.full(wires, values)]),
    }
