"""An episode that is known by its trace alone, for whatever takes an episode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from plandrift.experiments.playback.playback import Playback
from plandrift.sim import (
    Agent,
    Call,
    Change,
    Channel,
    Episode,
    Event,
    Handoff,
    Policy,
    Scene,
    Streams,
    Value,
    World,
)


@dataclass(frozen=True)
class Untold(World):
    """A world of which a trace tells the fluents and the goals, and nothing else."""

    fluents: Mapping[str, Value] = field(default_factory=dict)
    wanted: Mapping[str, Value] = field(default_factory=dict)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """A scene in which nothing happens: what happened is in the trace."""
        return _Still(self.fluents, self.wanted)


class _Still(Scene):
    """The scene of a world that is only told of."""

    def __init__(self, first: Mapping[str, Value], goals: Mapping[str, Value]) -> None:
        self.first, self.goals = first, goals

    def changes(self) -> Iterator[Change]:
        """None."""
        return iter(())

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Nothing that is known."""
        return {}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """Nothing that is known."""
        return {}

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """None: nobody plans here."""
        return None


@dataclass(frozen=True)
class Named(Policy):
    """A policy of which only the name is known."""

    title: str = ""

    @property
    def name(self) -> str:
        """As the trace has it."""
        return self.title


def retold(trace: Sequence[Event]) -> Episode:
    """The episode that a trace tells of.

    Raises:
        PlandriftError: it does not begin at the beginning, or has no end.

    >>> from plandrift import run
    >>> from plandrift.policies import gated
    >>> from plandrift.worlds import Records
    >>> episode = run(Records(), gated(), seed=7, trace=True)
    >>> again = retold(episode.trace)
    >>> again.metrics == episode.metrics, again.steps == episode.steps
    (True, True)
    """
    playback = Playback(trace).to_the_end()
    metrics, start, end = playback.metrics(), playback.start, playback.end
    assert end is not None
    return Episode(
        world=Untold(fluents=start.fluents, wanted=start.goals),
        policy=Named(title=start.policy),
        seed=start.seed,
        horizon=end.t,
        channel=Channel(),
        agent=Agent(),
        handoff=Handoff(),
        metrics=metrics,
        steps=tuple(playback.records),
        end=end.how,
        reason=end.reason,
        events=0,
        trace=tuple(trace),
    )
