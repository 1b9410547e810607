"""The observation channel: how news of the world reaches the belief."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

import simpy

from sim.agent import ZERO
from sim.clock import NEWS, Alarm
from sim.distribution import Distribution
from sim.picture import Picture, Reading
from sim.settings import Settings, setting
from sim.streams import Streams
from sim.trace import Trace


@dataclass(frozen=True)
class Channel(Settings):
    """Which news is sent, how long it is under way, how much of it is lost, and what can be seen."""

    sampling: str = setting(
        "push",
        "push: each change is sent; poll: a snapshot at an interval; on-action: one with each answer",
        choices=("push", "poll", "on-action"),
    )
    latency: Distribution = setting(
        ZERO, "observation latency: from the world to the belief (L)", unit="time", low=0
    )
    poll_every: float = setting(1.0, "interval of the snapshots when polling (T)", unit="time", above=0)
    loss: float = setting(0.0, "how likely a message is never to arrive", low=0, high=1)
    scope: tuple[str, ...] = setting(("*",), "which fluents can be seen: names, or patterns with * and ?")


class Message(NamedTuple):
    """News under way, stamped with the time at which it was taken.

    Attributes:
        number: counts the messages of an episode.
        taken: when it was true in the world.
        readings: what it tells.
        by: ``push``, ``poll``, ``on-action``, ``acknowledgment`` or ``read``.
        own: whether it tells of a write of the agent's own.
    """

    number: int
    taken: float
    readings: tuple[Reading, ...]
    by: str
    own: bool = False


class Line:
    """The channel of one episode at work: it stamps, loses, delays and delivers messages."""

    __slots__ = (
        "_alarm", "_deliver", "_env", "_latency", "_loss", "_poll", "_queue", "_random", "_sent",
        "_settings", "_trace", "_truth", "_visible", "pushes",
    )  # fmt: skip

    def __init__(
        self,
        env: simpy.Environment,
        settings: Channel,
        truth: Picture,
        random: Streams,
        deliver: Callable[[Message], None],
        trace: Trace | None,
    ) -> None:
        self._env, self._settings, self._truth = env, settings, truth
        self._deliver, self._trace = deliver, trace
        self._random = random
        self._latency = settings.latency.sampler(lambda: random["channel.latency"])
        self._loss = settings.loss
        self._sent = 0
        self._queue: deque[tuple[float, Message]] = deque()
        self._alarm = Alarm(env, self._arrive, NEWS)
        self.pushes = settings.sampling == "push"
        everything = settings.scope == ("*",)
        self._visible = (
            truth.values
            if everything
            else dict.fromkeys(f for f in truth.values if any(fnmatchcase(f, p) for p in settings.scope))
        )
        if settings.sampling == "poll":
            self._poll = Alarm(env, self._take_poll, NEWS)
            self._poll.set(settings.poll_every)

    def sees(self, fluent: str) -> bool:
        """Whether the fluent is in the channel's scope."""
        return fluent in self._visible

    def push(self, readings: tuple[Reading, ...], own: bool) -> None:
        """Send a change that the world has just made, if changes are pushed and it can be seen."""
        if self._visible is not self._truth.values:
            readings = tuple(r for r in readings if r.fluent in self._visible)
            if not readings:
                return
        self.send(self._message(readings, "push", own))

    def acted(self) -> None:
        """An answer has come: with on-action sampling, a snapshot is taken with it."""
        if self._settings.sampling == "on-action":
            self._snapshot("on-action")

    def read(self, fluents: list[str]) -> Message:
        """Take a fresh reading of those of the fluents that can be seen; the caller brings it home."""
        seen = self._truth.read(f for f in fluents if f in self._visible)
        message = self._message(seen, "read", False)
        self.record_sent(message)
        return message

    def acknowledge(self, readings: tuple[Reading, ...], landed: float) -> Message:
        """An acknowledgment as a message: what the agent is told that its call has written."""
        self._sent += 1
        message = Message(self._sent, landed, readings, "acknowledgment", True)
        self.record_sent(message)
        return message

    def send(self, message: Message) -> None:
        """Send a message: it is lost, or arrives after the latency."""
        self.record_sent(message)
        if self._loss and self._random["channel.loss"].random() < self._loss:
            return
        delay = self._latency()
        if delay == 0:
            self._deliver(message)
        elif self._settings.latency.fixed is None:
            arrival = simpy.Event(self._env)
            arrival._ok, arrival._value = True, message
            assert arrival.callbacks is not None
            arrival.callbacks.append(self._overtaking)
            self._env.schedule(arrival, NEWS, delay)
        else:
            # With a constant latency messages arrive in the order sent: one reused event is enough.
            if not self._queue:
                self._alarm.set(delay)
            self._queue.append((self._env.now + delay, message))

    def record_sent(self, message: Message) -> None:
        """Put the sending of a message into the trace."""
        if self._trace is not None:
            self._trace.add(
                self._env.now,
                "observation-sent",
                message=message.number,
                by=message.by,
                own=message.own,
                taken=message.taken,
                fluents=[[r.fluent, r.value, r.version] for r in message.readings],
            )

    def _message(self, readings: tuple[Reading, ...], by: str, own: bool) -> Message:
        self._sent += 1
        return Message(self._sent, self._env.now, readings, by, own)

    def _overtaking(self, event: simpy.Event) -> None:
        message = event.value
        assert isinstance(message, Message)
        self._deliver(message)

    def _arrive(self, _: simpy.Event) -> None:
        message = self._queue.popleft()[1]
        if self._queue:
            self._alarm.set(self._queue[0][0] - self._env.now)
        self._deliver(message)

    def _take_poll(self, _: simpy.Event) -> None:
        self._poll.set(self._settings.poll_every)
        self._snapshot("poll")

    def _snapshot(self, by: str) -> None:
        self.send(self._message(self._truth.read(self._visible), by, False))
