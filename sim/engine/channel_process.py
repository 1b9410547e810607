"""The channel process: the running observation channel of one agent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import simpy

from plandrift.sim.engine.setup import Setup
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.sampling import SAMPLING
from plandrift.sim.terms.clock import NEWS, Alarm, call_later
from plandrift.sim.terms.fluents import Message, Reading
from plandrift.sim.trace.events import Sent


class ChannelProcess:
    """Stamps, loses, delays and delivers messages.

    Attributes:
        pushes: whether each change is sent.
        poll_every: the interval between snapshots.
    """

    __slots__ = (
        "_alarm",
        "_clock",
        "_delay",
        "_deliver",
        "_in_order",
        "_loss",
        "_mode",
        "_polls",
        "_queue",
        "_random",
        "_sent",
        "_trace",
        "_truth",
        "_visible",
        "poll_every",
        "pushes",
    )

    def __init__(self, setup: Setup, channel: Channel, deliver: Callable[[Message], None]) -> None:
        self._clock, self._truth, self._trace = setup.clock, setup.truth, setup.trace
        self._deliver = deliver
        self._random = random = setup.random
        self._delay = channel.latency.sampler(lambda: random["channel.latency"])
        # With constant latency, messages arrive in the order in which they were sent: one event is enough.
        self._in_order = channel.latency.fixed is not None
        self._loss = channel.loss
        self._sent = 0
        self._queue: deque[tuple[float, Message]] = deque()
        self._alarm = Alarm(setup.clock, self._arrive, NEWS)
        visible = channel.visible(setup.truth.values)
        self._visible = setup.truth.values if visible is None else dict.fromkeys(visible)
        self.poll_every = channel.poll_every
        self._mode = SAMPLING[channel.sampling]
        self.pushes = self._mode.pushes
        self._mode.begin(self)

    def push(self, readings: tuple[Reading, ...], own: bool) -> None:
        """Send a change that the world has just made, if it can be seen."""
        if self._visible is not self._truth.values:
            readings = tuple(r for r in readings if r.fluent in self._visible)
            if not readings:
                return
        self._send(self._message(readings, "push", own))

    def answered(self) -> None:
        """Act on the arrival of an answer to one of the agent's calls."""
        self._mode.answered(self)

    def snapshot(self, by: str) -> None:
        """Send everything that can be seen, as it is now."""
        self._send(self._message(self._truth.read(self._visible), by, False))

    def repeat(self, interval: float, take: Callable[[], None]) -> None:
        """Call `take` at this interval from now on."""

        def ring(_: simpy.Event) -> None:
            self._polls.set(interval)
            take()

        self._polls = Alarm(self._clock, ring, NEWS)
        self._polls.set(interval)

    def read(self, fluents: Iterable[str]) -> Message:
        """Take a fresh reading of those fluents that can be seen; the caller delivers it later."""
        message = self._message(self._truth.read([f for f in fluents if f in self._visible]), "read", False)
        self._record_sent(message)
        return message

    def acknowledge(self, readings: tuple[Reading, ...], landed: float) -> Message:
        """Return an acknowledgment as a message with the writes that it reports to the agent."""
        self._sent += 1
        return Message(self._sent, landed, readings, "acknowledgment", True)

    def _send(self, message: Message) -> None:
        """Send a message; it is lost, or arrives after the latency."""
        self._record_sent(message)
        if self._loss and self._random["channel.loss"].random() < self._loss:
            return
        delay = self._delay()
        if delay == 0:
            self._deliver(message)
        elif not self._in_order:
            call_later(self._clock, delay, self._overtaking, message, NEWS)
        else:
            if not self._queue:
                self._alarm.set(delay)
            self._queue.append((self._clock.now + delay, message))

    def _record_sent(self, message: Message) -> None:
        if self._trace is not None:
            number, taken, readings, by, own = message
            self._trace.add(Sent(self._clock.now, number, by, own, taken, readings))

    def _message(self, readings: tuple[Reading, ...], by: str, own: bool) -> Message:
        self._sent += 1
        return Message(self._sent, self._clock.now, readings, by, own)

    def _overtaking(self, event: simpy.Event) -> None:
        self._deliver(event._value)

    def _arrive(self, _: simpy.Event) -> None:
        message = self._queue.popleft()[1]
        if self._queue:
            self._alarm.set(self._queue[0][0] - self._clock.now)
        self._deliver(message)
