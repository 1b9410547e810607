"""The line of one episode: the observation channel at work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import simpy

from plandrift.sim.engine.setup import Setup
from plandrift.sim.settings.channel import Message
from plandrift.sim.terms.clock import NEWS, Alarm, call_later
from plandrift.sim.terms.fluents import FluentState, Reading


class Line:
    """Stamps, loses, delays and delivers messages.

    Attributes:
        pushes: whether each change is sent.
    """

    __slots__ = (
        "_alarm",
        "_clock",
        "_deliver",
        "_latency",
        "_loss",
        "_poll",
        "_queue",
        "_random",
        "_sent",
        "_settings",
        "_trace",
        "_truth",
        "_visible",
        "pushes",
    )

    def __init__(self, setup: Setup, truth: FluentState, deliver: Callable[[Message], None]) -> None:
        self._clock, self._settings, self._truth = setup.clock, setup.channel, truth
        self._deliver, self._trace = deliver, setup.trace
        self._random = random = setup.random
        self._latency = setup.channel.latency.sampler(lambda: random["channel.latency"])
        self._loss = setup.channel.loss
        self._sent = 0
        self._queue: deque[tuple[float, Message]] = deque()
        self._alarm = Alarm(setup.clock, self._arrive, NEWS)
        self.pushes = setup.channel.sampling == "push"
        visible = setup.channel.visible(truth.values)
        self._visible = truth.values if visible is None else dict.fromkeys(visible)
        if setup.channel.sampling == "poll":
            self._poll = Alarm(setup.clock, self._poll_now, NEWS)
            self._poll.set(setup.channel.poll_every)

    def push(self, readings: tuple[Reading, ...], own: bool) -> None:
        """Send a change that the world has just made, if it can be seen."""
        if self._visible is not self._truth.values:
            readings = tuple(r for r in readings if r.fluent in self._visible)
            if not readings:
                return
        self.send(self._message(readings, "push", own))

    def acted(self) -> None:
        """An answer has come: with on-action sampling, a snapshot is taken with it."""
        if self._settings.sampling == "on-action":
            self._snapshot("on-action")

    def read(self, fluents: Iterable[str]) -> Message:
        """Take a fresh reading of those of the fluents that can be seen; the caller brings it home."""
        message = self._message(self._truth.read(f for f in fluents if f in self._visible), "read", False)
        self._record_sent(message)
        return message

    def acknowledge(self, readings: tuple[Reading, ...], landed: float) -> Message:
        """An acknowledgment as a message: what the agent is told that its call has written."""
        self._sent += 1
        return Message(self._sent, landed, readings, "acknowledgment", True)

    def send(self, message: Message) -> None:
        """Send a message: it is lost, or arrives after the latency."""
        self._record_sent(message)
        if self._loss and self._random["channel.loss"].random() < self._loss:
            return
        delay = self._latency()
        if delay == 0:
            self._deliver(message)
        elif self._settings.latency.fixed is None:
            call_later(self._clock, delay, self._overtaking, message, NEWS)
        else:
            # With a constant latency messages arrive in the order sent: one reused event is enough.
            if not self._queue:
                self._alarm.set(delay)
            self._queue.append((self._clock.now + delay, message))

    def _record_sent(self, message: Message) -> None:
        if self._trace is not None:
            self._trace.add(message.sent(self._clock.now))

    def _message(self, readings: tuple[Reading, ...], by: str, own: bool) -> Message:
        self._sent += 1
        return Message(self._sent, self._clock.now, readings, by, own)

    def _overtaking(self, event: simpy.Event) -> None:
        message = event.value
        assert isinstance(message, Message)
        self._deliver(message)

    def _arrive(self, _: simpy.Event) -> None:
        message = self._queue.popleft()[1]
        if self._queue:
            self._alarm.set(self._queue[0][0] - self._clock.now)
        self._deliver(message)

    def _poll_now(self, _: simpy.Event) -> None:
        self._poll.set(self._settings.poll_every)
        self._snapshot("poll")

    def _snapshot(self, by: str) -> None:
        self.send(self._message(self._truth.read(self._visible), by, False))
