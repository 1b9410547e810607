"""The environment: the world at work, its exogenous changes as they come and its answers to calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import simpy

from plandrift.sim.descriptions.description import Description
from plandrift.sim.engine.channel_process import Line
from plandrift.sim.engine.setup import Setup
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.terms.clock import WORLD, Alarm
from plandrift.sim.terms.effects import EVENT, Effect
from plandrift.sim.terms.errors import WorldError, nearest
from plandrift.sim.terms.fluents import Reading

Declared = Mapping[str, tuple[Value, int | None]]
"""What a call carries for the world to check: for a fluent the value, or the version, that it must have."""


class Environment:
    """The scene of one episode as it moves.

    Attributes:
        changes: how many exogenous changes there have been.
    """

    __slots__ = (
        "_alarm",
        "_changes",
        "_clock",
        "_in_words",
        "_line",
        "_next",
        "_scene",
        "_tracked",
        "_truth",
        "changes",
    )

    def __init__(self, setup: Setup, tracked: TrackedPlan, line: Line) -> None:
        self._clock, self._scene = setup.clock, setup.scene
        self._tracked, self._truth = tracked, tracked.truth
        self._in_words = Description.of(setup.scene).change if setup.trace is not None else None
        self._line = line if line.pushes else None
        self.changes = 0
        self._changes = iter(setup.scene.changes())
        self._alarm = Alarm(setup.clock, self._change, WORLD)
        self._next: tuple[float, str, Value] | None = None
        self._await_next()

    def answer(self, call: Call, silent: bool, declared: Declared) -> Effect:
        """Let a call reach the world.

        Args:
            call: the call.
            silent: nothing is done, whatever it asks for, and ok is reported.
            declared: what the call carries; where one of these does not hold it is refused at the door.

        Raises:
            WorldError: it wrote what is no fluent.
        """
        effect = self._refusal(declared)
        if effect is None:
            effect = self._scene.answer(call, self._truth.values)
            for fluent in effect.writes:
                if fluent not in self._truth.versions:
                    raise self._unknown(fluent)
            if silent:
                effect = Effect("void", {}, effect.violated, effect.extra)
        written = self._tracked.landed(call, effect, silent and effect.outcome != "refused")
        if written and self._line is not None:
            self._line.push(written, True)
        return effect

    def add_side_effects(self, call: Call, mark: float) -> None:
        """Let a call that has done its work change besides what nobody planned, as it has reached the world.

        Raises:
            WorldError: it wrote what is no fluent.
        """
        caused = self._scene.side_effects(call, self._truth.values, mark)
        written = tuple(
            [self._write(name, after, self._tracked.side_effect) for name, after in caused.items()]
        )
        if written and self._line is not None:
            self._line.push(written, False)

    def _refusal(self, declared: Declared) -> Effect | None:
        values, versions = self._truth.values, self._truth.versions
        wrong = tuple(
            fluent
            for fluent, (value, version) in declared.items()
            if (values[fluent] != value if version is None else versions[fluent] != version)
        )
        return Effect("refused", {}, wrong) if wrong else None

    def _await_next(self) -> None:
        self._next = change = next(self._changes, None)
        if change is None:
            return
        delay = change[0] - self._clock.now
        if not delay >= 0:
            raise WorldError(
                f"{type(self._scene).__name__}.changes gave time {change[0]!r} at {self._clock.now:g}: "
                "yield changes in order of time"
            )
        if delay != float("inf"):
            self._alarm.set(delay)

    def _change(self, _: simpy.Event) -> None:
        assert self._next is not None
        _time, fluent, value = self._next
        told = True
        if fluent != EVENT:
            written: tuple[Reading, ...] = (self._write(fluent, value, self._tracked.world_wrote),)
        else:
            caused = self._scene.happen(value, self._truth.values)
            written = tuple(
                [self._write(name, after, self._tracked.world_wrote) for name, after in caused.items()]
            )
            told = self._scene.announced(value)
        self.changes += len(written)
        if written and told and self._line is not None:
            self._line.push(written, False)
        self._await_next()

    def _write(self, fluent: str, value: Value, verb: Callable[[str, Value, str], Reading]) -> Reading:
        if fluent not in self._truth.versions:
            raise self._unknown(fluent)
        told = self._in_words(fluent, self._truth.values[fluent], value) if self._in_words else ""
        return verb(fluent, value, told)

    def _unknown(self, fluent: str) -> WorldError:
        return WorldError(
            f"{type(self._scene).__name__} changed {fluent!r}, which is no fluent: add it to `first`, or "
            f"name one that is there: {nearest(str(fluent), map(str, self._truth.versions))}"
        )
