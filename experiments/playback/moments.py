"""The moments of an episode that a reader should not miss: calls that no longer fit, and what stopped them.

Each is told in plain words: what changed and when, where the news of it was, and what the agent did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plandrift.experiments.playback.playback import Playback
from plandrift.sim import Description, Episode, Streams
from plandrift.sim.trace.events import Asked, Delivered, Exogenous, Landed, SideEffect

STOPS = ("block", "replan", "give-up")
"""The verdicts with which a gate keeps a call from being fired."""


@dataclass(frozen=True)
class Moment:
    """A moment at which a plan met the world.

    Attributes:
        time: the time of the moment.
        kind: ``failed``, or ``stopped`` if a gate or the world kept the call from doing its work.
        step: the step's position in the plan in hand.
        fluents: the fluents that violated the step's requirements.
        sentence: what happened, in plain words.
        event: the position of its event in the trace.
    """

    time: float
    kind: str
    step: int | None
    fluents: tuple[str, ...]
    sentence: str
    event: int


@dataclass(frozen=True)
class Happened:
    """The last change of a fluent: its time, the version it made, and a sentence about it."""

    time: float
    version: int
    sentence: str


def moments(episode: Episode) -> list[Moment]:
    """Return the moments of an episode, in order.

    Args:
        episode: an episode run with ``trace=True``.

    >>> from plandrift import run
    >>> from plandrift.policies import plan_once
    >>> from plandrift.worlds import Records
    >>> found = moments(run(Records(), plan_once(), seed=7, latency=1.0, trace=True))
    >>> found[0].kind, found[0].sentence.startswith("At ")
    ('failed', True)
    """
    return list(_Moments(episode).moments())


def clock(time: float) -> str:
    """Format a time for people."""
    return f"{round(time, 2):g}"


class _Moments:
    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        scene = episode.world.begin(Streams(episode.seed), episode.horizon)
        self._describe = Description.of(scene).call
        self._last: dict[str, Happened] = {}
        self._heard: dict[str, list[tuple[int, float]]] = {}
        for event in episode.trace:
            if isinstance(event, Delivered):
                for reading in event.fluents:
                    self._heard.setdefault(reading.fluent, []).append((reading.version, event.t))

    def moments(self) -> Iterator[Moment]:
        playback = Playback(self._episode.trace)
        read = False
        # The first event is the start, which the playback has seen.
        for number, event in enumerate(playback.events(), 1):
            if isinstance(event, Exogenous | SideEffect):
                self._last[event.fluent] = Happened(event.t, event.version, event.told)
            elif isinstance(event, Asked):
                if event.verdict in STOPS:
                    yield self._stopped(event, playback, read, number)
                read = event.verdict == "read"
            elif isinstance(event, Landed) and event.violated:
                yield self._landed(event, playback, number)

    def _stopped(self, event: Asked, playback: Playback, read: bool, number: int) -> Moment:
        believed = playback.tracked.perceived
        broken = [] if believed is None else believed.violated(event.step)
        words = "looks, sees that, and stops" if read and broken else "looks, and stops" if read else "stops"
        before = self._before(broken, event.t, with_news=not read)
        sentence = f"{before}At {clock(event.t)} the gate {words} the call"
        why = f" that {self._describe(event.call)}" if broken else f": {event.reason or event.verdict}"
        return Moment(event.t, "stopped", event.step, tuple(broken), f"{sentence}{why}.", number)

    def _landed(self, event: Landed, playback: Playback, number: int) -> Moment:
        attempt = playback.attempt
        assert attempt is not None
        refused = event.outcome == "refused"
        what = {
            "refused": "and the world refuses it: nothing is done",
            "harmful": "and the world answers ok, but does the wrong thing",
            "void": "and the world answers ok, but does nothing",
            "rejected": "and the world rejects it",
            "repeat": "although it was already done",
        }[event.outcome]
        did = f"At {clock(attempt.record.time)} the agent {self._describe(event.call)}, {what}."
        return Moment(
            event.t,
            "stopped" if refused else "failed",
            event.step,
            event.violated,
            self._before(list(event.violated), attempt.record.time) + did,
            number,
        )

    def _before(self, fluents: list[str], now: float, with_news: bool = True) -> str:
        """Describe the last change of these fluents, and where its news was if the gate did not look."""
        changed = [f for f in fluents if f in self._last]
        if not changed:
            return ""
        fluent = max(changed, key=lambda f: self._last[f].time)
        last = self._last[fluent]
        heard = next((t for version, t in self._heard.get(fluent, ()) if version >= last.version), None)
        if heard is None:
            news = "No news of it arrives."
        elif heard <= now:
            news = f"The agent heard of it at {clock(heard)}."
        else:
            news = f"The news arrives at {clock(heard)}."
        change = f"At {clock(last.time)} {last.sentence or f'{fluent} changed'}. "
        return f"{change}{news} " if with_news else change
