"""The moments of an episode that a reader should not miss: calls that no longer fit, and what stopped them.

Each is told in plain words: what changed and when, where the news of it was, and what the agent did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plandrift.experiments.playback.playback import Playback
from plandrift.sim import Description, Episode, Event, Streams
from plandrift.sim.crew.shared_plan import SharedPlan
from plandrift.sim.trace.crew_events import Deadlock, Validated
from plandrift.sim.trace.events import Asked, Delivered, Exogenous, Landed, SideEffect

STOPS = ("block", "replan", "give-up")
"""The verdicts with which a gate keeps a call from being fired."""


@dataclass(frozen=True)
class Moment:
    """A moment at which a call failed or was stopped.

    Attributes:
        time: the time of the moment.
        kind: ``failed``, or ``stopped`` if something kept the call, or a crew's task, from doing its work.
        step: the step's position in the plan in hand; None if it is about a task.
        fluents: the fluents that violated the step's requirements, or are in the way of the task.
        sentence: what happened, in plain words.
        event: the position of its event in the trace.
        agent: the number of the agent.
    """

    time: float
    kind: str
    step: int | None
    fluents: tuple[str, ...]
    sentence: str
    event: int
    agent: int = 0


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
        self._playback = Playback(episode.trace)
        self._last: dict[str, Happened] = {}
        # For each agent and fluent, the versions of which it heard, and when: the time, and the event.
        self._heard: dict[tuple[int, str], list[tuple[int, tuple[float, int]]]] = {}
        for number, event in enumerate(episode.trace):
            if isinstance(event, Delivered):
                for reading in event.fluents:
                    known = self._heard.setdefault((event.agent, reading.fluent), [])
                    known.append((reading.version, (event.t, number)))

    def moments(self) -> Iterator[Moment]:
        playback = self._playback
        # The agents whose gate has just read.
        looked: set[int] = set()
        for number, event in enumerate(playback.events(), playback.opening):
            if isinstance(event, Exogenous | SideEffect):
                self._last[event.fluent] = Happened(event.t, event.version, event.told)
            elif isinstance(event, Asked):
                if event.verdict in STOPS:
                    yield self._stopped(event, event.agent in looked, number)
                looked.discard(event.agent)
                if event.verdict == "read":
                    looked.add(event.agent)
            elif isinstance(event, Landed):
                if event.violated:
                    yield self._landed(event, number)
                if playback.crew is not None and not playback.private:
                    self._written(event, {f: version for f, (_, version) in event.writes.items()})
            elif isinstance(event, Validated):
                if event.conflicts:
                    yield self._thrown_away(event, number)
                self._written(event, {fluent: version for fluent, _, version in event.writes})
            elif isinstance(event, Deadlock):
                yield self._deadlock(event, number)

    def _stopped(self, event: Asked, read: bool, number: int) -> Moment:
        believed = self._playback.tracked.perceived
        broken = [] if believed is None else believed.violated(event.step)
        words = "looks, sees that, and stops" if read and broken else "looks, and stops" if read else "stops"
        before = self._before(broken, event.agent, (event.t, number), with_news=not read)
        gate = "the gate" if self._playback.crew is None else f"the gate of agent {event.agent}"
        sentence = f"{before}At {clock(event.t)} {gate} {words} the call"
        why = f" that {self._describe(event.call)}" if broken else f": {event.reason or event.verdict}"
        return Moment(event.t, "stopped", event.step, tuple(broken), f"{sentence}{why}.", number, event.agent)

    def _landed(self, event: Landed, number: int) -> Moment:
        attempt = self._playback.attempt
        assert attempt is not None
        refused = event.outcome == "refused"
        what = {
            "refused": "and the world refuses it: nothing is done",
            "harmful": "and the world answers ok, but does the wrong thing",
            "void": "and the world answers ok, but does nothing",
            "rejected": "and the world rejects it",
            "repeat": "although it was already done",
        }[event.outcome]
        fired = attempt.record.time
        did = f"At {clock(fired)} {self._who(event.agent)} {self._describe(event.call)}, {what}."
        plan = self._playback.tracked
        for fluent, fellow in plan.replaced if isinstance(plan, SharedPlan) else ():
            did += f" What agent {fellow} wrote in {fluent} is lost."
        return Moment(
            event.t,
            "stopped" if refused else "failed",
            event.step,
            event.violated,
            self._before(list(event.violated), event.agent, (fired, number)) + did,
            number,
            event.agent,
        )

    def _thrown_away(self, event: Validated, number: int) -> Moment:
        changed = "has changed" if len(event.conflicts) == 1 else "have changed"
        sentence = (
            f"At {clock(event.t)} the merge throws away what agent {event.agent} did: "
            f"{', '.join(event.conflicts)} {changed} since it was planned."
        )
        return Moment(event.t, "stopped", None, event.conflicts, sentence, number, event.agent)

    def _deadlock(self, event: Deadlock, number: int) -> Moment:
        *others, last = map(str, event.cycle)
        sentence = (
            f"At {clock(event.t)} agents {', '.join(others)} and {last} wait for each other: "
            f"agent {event.agent} is aborted, and what its task wrote is taken back."
        )
        return Moment(event.t, "stopped", None, (), sentence, number, event.agent)

    def _written(self, event: Event, versions: Mapping[str, int]) -> None:
        """Note what an agent of a crew changed for the others."""
        for fluent, version in versions.items():
            told = f"agent {event.agent} set {fluent} to {self._playback.world[fluent]}"
            self._last[fluent] = Happened(event.t, version, told)

    def _who(self, agent: int) -> str:
        return "the agent" if self._playback.crew is None else f"agent {agent}"

    def _before(self, fluents: list[str], agent: int, now: tuple[float, int], with_news: bool = True) -> str:
        """Describe the last change of these fluents, and where its news was if the gate did not look."""
        changed = [f for f in fluents if f in self._last]
        if not changed:
            return ""
        fluent = max(changed, key=lambda f: self._last[f].time)
        last = self._last[fluent]
        known = self._heard.get((agent, fluent), ())
        heard = next((when for version, when in known if version >= last.version), None)
        if heard is None:
            news = "No news of it arrives."
        elif heard <= now:
            news = f"{self._who(agent).capitalize()} heard of it at {clock(heard[0])}."
        else:
            news = f"The news arrives at {clock(heard[0])}."
        change = f"At {clock(last.time)} {last.sentence or f'{fluent} changed'}. "
        return f"{change}{news} " if with_news else change
