"""An episode reconstructed from its trace alone, for everything that takes an episode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from plandrift.sim.settings.crew import ALONE, CrewSettings


@dataclass(frozen=True)
class TracedWorld(World):
    """A world known only by the fluents and goals in a trace."""

    fluents: Mapping[str, Value] = field(default_factory=dict)
    wanted: Mapping[str, Value] = field(default_factory=dict)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a scene in which nothing happens; what happened is in the trace."""
        return _TracedScene(self.fluents, self.wanted)


class _TracedScene(Scene):
    """A stand-in for the scene of an episode that is known only by its trace."""

    def __init__(self, first: Mapping[str, Value], goals: Mapping[str, Value]) -> None:
        self.first, self.goals = first, goals

    def changes(self) -> Iterator[Change]:
        """None."""
        return iter(())

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Return nothing, because requirements are unknown."""
        return {}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """Return nothing, because effects are unknown."""
        return {}

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Return None, because nobody plans here."""
        return None


@dataclass(frozen=True)
class TracedPolicy(Policy):
    """A policy known only by its name in a trace."""

    title: str = ""

    @property
    def name(self) -> str:
        """Return the name in the trace."""
        return self.title


def episode_from_trace(trace: Sequence[Event]) -> Episode:
    """Return the episode that produced this trace.

    Raises:
        PlandriftError: the trace does not start at the beginning of an episode, or has no end.

    >>> from plandrift import run
    >>> from plandrift.policies import gated
    >>> from plandrift.worlds import Records
    >>> episode = run(Records(), gated(), seed=7, trace=True)
    >>> again = episode_from_trace(episode.trace)
    >>> again.metrics == episode.metrics, again.steps == episode.steps
    (True, True)
    """
    playback = Playback(trace).to_the_end()
    metrics, start, end, crew = playback.metrics(), playback.start, playback.end, playback.crew
    assert end is not None
    whole = Episode(
        world=TracedWorld(fluents=start.fluents, wanted=start.goals if crew is None else crew.goals),
        policy=TracedPolicy(title=start.policy),
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
        crew=ALONE if crew is None else CrewSettings(crew.agents, crew.coordination),
    )
    agents = [
        replace(
            whole,
            policy=TracedPolicy(title=one.policy),
            metrics=figures,
            steps=tuple(plan.records),
            end=last.how,
            reason=last.reason,
            trace=(),
        )
        for one, plan, (last, figures) in zip(
            playback.starts, playback.plans, playback.agents(), strict=False
        )
    ]
    return replace(whole, agents=tuple(agents))
