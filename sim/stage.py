"""The world at work: its truth, its exogenous changes as they come, and its answers to calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import simpy

from sim.channel import Line
from sim.clock import WORLD, Alarm
from sim.errors import WorldError
from sim.picture import Picture, Reading
from sim.plan import Call, Value
from sim.trace import Trace
from sim.world import EVENT, Answer, Scene

Written = Callable[[str, Value], None]


class Stage:
    """The scene of one episode as it moves. It alone holds and writes the truth.

    Attributes:
        truth: what every fluent really holds.
        changes: how many exogenous changes there have been.
    """

    __slots__ = (
        "_alarm", "_changes", "_env", "_line", "_next", "_scene", "_trace", "_written", "changes",
        "truth",
    )  # fmt: skip

    def __init__(
        self,
        env: simpy.Environment,
        scene: Scene,
        truth: Picture,
        written: Written,
        trace: Trace | None,
    ) -> None:
        self._env, self._scene, self._trace = env, scene, trace
        self._written = written
        self.truth = truth
        self.changes = 0
        self._line: Line | None = None
        self._changes = iter(scene.changes())
        self._alarm = Alarm(env, self._move, WORLD)
        self._next: tuple[float, str, Value] | None = None
        self._await_next()

    def connect(self, line: Line) -> None:
        """Push every change into this channel from now on."""
        self._line = line if line.pushes else None

    def _await_next(self) -> None:
        self._next = change = next(self._changes, None)
        if change is None:
            return
        delay = change[0] - self._env.now
        if not delay >= 0:
            raise WorldError(
                f"{type(self._scene).__name__}.changes gave time {change[0]!r} at {self._env.now:g}: "
                "yield changes in order of time"
            )
        if delay != float("inf"):
            self._alarm.set(delay)

    def _move(self, _: simpy.Event) -> None:
        assert self._next is not None
        _time, fluent, value = self._next
        if fluent == EVENT:
            writes = self._scene.happen(value, self.truth.values)
            if writes:
                self._write(writes, own=False, told=self._scene.announced(value))
        else:
            # The commonest case, kept apart: one change of one fluent.
            truth = self.truth
            if fluent not in truth.versions:
                raise self._unknown(fluent)
            version = truth.versions[fluent] + 1
            if self._trace is not None:
                self._record(fluent, value, version)
            truth.hold(fluent, value, version, self._env.now)
            self.changes += 1
            self._written(fluent, value)
            if self._line is not None:
                self._line.push((Reading(fluent, value, version),), False)
        self._await_next()

    def answer(self, call: Call, silent: bool) -> Answer:
        """Let a call reach the world; with `silent` nothing is done, whatever it asks for."""
        answer = self._scene.answer(call, self.truth.values)
        if silent:
            answer = Answer("void", {}, answer.violated, answer.extra)
        elif answer.writes:
            self._write(answer.writes, own=True)
        return answer

    def _write(self, writes: Mapping[str, Value], own: bool, told: bool = True) -> None:
        truth, now = self.truth, self._env.now
        readings = []
        for fluent, value in writes.items():
            if fluent not in truth.versions:
                raise self._unknown(fluent)
            version = truth.versions[fluent] + 1
            if self._trace is not None and not own:
                self._record(fluent, value, version)
            truth.hold(fluent, value, version, now)
            readings.append(Reading(fluent, value, version))
        if not own:
            self.changes += len(readings)
            for reading in readings:
                self._written(reading.fluent, reading.value)
        if self._line is not None and told:
            self._line.push(tuple(readings), own)

    def _record(self, fluent: str, value: Value, version: int) -> None:
        assert self._trace is not None
        before = self.truth.values[fluent]
        self._trace.add(
            self._env.now,
            "exogenous",
            fluent=fluent,
            value=value,
            version=version,
            told=self._scene.narrate(fluent, before, value),
        )

    def _unknown(self, fluent: str) -> WorldError:
        return WorldError(
            f"{type(self._scene).__name__} changed {fluent!r}, which is no fluent: add it to `first`"
        )
