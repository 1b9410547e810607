"""The environment: the running world, with its exogenous changes and its answers to calls."""

from __future__ import annotations

from collections.abc import Mapping

import simpy

from plandrift.sim.engine.channel_process import ChannelProcess
from plandrift.sim.engine.keys import Keys
from plandrift.sim.engine.setup import Setup
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.terms.clock import WORLD, Alarm
from plandrift.sim.terms.effects import EVENT, Effect
from plandrift.sim.terms.errors import WorldError, nearest
from plandrift.sim.terms.fluents import EXOGENOUS, Reading
from plandrift.sim.trace.events import Exogenous, SideEffect

Declared = Mapping[str, tuple[Value, int | None]]
"""What a call carries for the world to check: the value or the version that each fluent must have."""


class Environment:
    """The running scene of one episode.

    Attributes:
        keys: the idempotency keys that calls have carried.
    """

    __slots__ = (
        "_alarm",
        "_changes",
        "_clock",
        "_next",
        "_pushing",
        "_scene",
        "_setup",
        "_trace",
        "_truth",
        "keys",
    )

    def __init__(self, setup: Setup) -> None:
        self._setup, self._clock, self._scene = setup, setup.clock, setup.scene
        self._truth, self._trace = setup.truth, setup.trace
        self.keys = Keys()
        self._pushing: list[tuple[ChannelProcess, TrackedPlan]] = []
        self._changes = iter(setup.scene.changes())
        self._alarm = Alarm(setup.clock, self._change, WORLD)
        self._next: tuple[float, str, Value] | None = None
        self._await_next()

    def push_to(self, channel: ChannelProcess, plan: TrackedPlan) -> None:
        """Send each change to the channel of the agent with this plan from now on, if it pushes."""
        if channel.pushes:
            self._pushing.append((channel, plan))

    def answer(
        self,
        plan: TrackedPlan,
        call: Call,
        faults: tuple[str, ...],
        declared: Declared,
        key: int | None = None,
    ) -> Effect:
        """Let a call reach the world, and return its effect.

        Args:
            plan: the tracked plan of the agent that makes the call.
            call: the call.
            faults: the causes of the faults that struck it; with ``silent_success`` nothing is done and ok is
                reported.
            declared: the assumptions that the call carries; if one does not hold, the call is refused.
            key: the key that it carries; if a call with this key has done its work, nothing more is done.

        Raises:
            WorldError: the call wrote something that is not a fluent.
        """
        known = self.keys.answer(key) is not None
        effect = Effect("recognized", {}) if known else self._refused(plan, declared)
        if effect is None:
            effect = self._scene.answer(call, plan.reached.values)
            for fluent in effect.writes:
                if fluent not in self._truth.versions:
                    raise self._unknown(fluent)
            if "silent_success" in faults:
                effect = Effect("void", {}, effect.violated, effect.extra)
        else:
            faults = tuple([name for name in faults if name != "silent_success"])
        written = plan.landed(call, effect, faults)
        if written:
            self._tell(plan, written)
        return effect

    def add_side_effects(self, plan: TrackedPlan, call: Call, mark: float) -> None:
        """Apply the side effects of an effective call that has just reached the world.

        Raises:
            WorldError: the call wrote something that is not a fluent.
        """
        written = []
        for fluent, value in self._scene.side_effects(call, self._truth.values, mark).items():
            if fluent not in self._truth.versions:
                raise self._unknown(fluent)
            if self._trace is not None:
                self._note(SideEffect, fluent, value)
            written.append(plan.side_effect(fluent, value))
        self._announce(tuple(written))

    def _tell(self, plan: TrackedPlan, written: tuple[Reading, ...]) -> None:
        """Push what an agent has written to everybody."""
        for channel, other in self._pushing:
            channel.push(written, other is plan)

    def _refused(self, plan: TrackedPlan, declared: Declared) -> Effect | None:
        """Return the refusal of a call, or None if it may do its work."""
        if not declared:
            return None
        values, versions = plan.reached.values, plan.reached.versions
        wrong = tuple(
            [
                fluent
                for fluent, (value, version) in declared.items()
                if (values[fluent] != value if version is None else versions[fluent] != version)
            ]
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
        if fluent != EVENT:
            written: tuple[Reading, ...] = (self._write(fluent, value),)
            for channel, _plan in self._pushing:
                channel.push(written, False)
        else:
            caused = self._scene.happen(value, self._truth.values)
            written = tuple([self._write(name, after) for name, after in caused.items()])
            if self._scene.announced(value):
                self._announce(written)
        self._await_next()

    def _announce(self, written: tuple[Reading, ...]) -> None:
        if written:
            for channel, _ in self._pushing:
                channel.push(written, False)

    def _write(self, fluent: str, value: Value) -> Reading:
        if fluent not in self._truth.versions:
            raise self._unknown(fluent)
        if self._trace is not None:
            self._note(Exogenous, fluent, value)
        return self._truth.write(fluent, value, self._clock.now, EXOGENOUS)

    def _note(self, kind: type[Exogenous | SideEffect], fluent: str, value: Value) -> None:
        """Add the event of a write that is about to be made to the trace."""
        assert self._trace is not None
        said = self._setup.description.change(fluent, self._truth.values[fluent], value)
        version = self._truth.versions[fluent] + 1
        self._trace.add(kind(self._clock.now, fluent, value, version, said))

    def _unknown(self, fluent: str) -> WorldError:
        return WorldError(
            f"{type(self._scene).__name__} changed {fluent!r}, which is not a fluent: add it to `first`, or "
            f"name one that is in it: {nearest(str(fluent), map(str, self._truth.versions))}"
        )
