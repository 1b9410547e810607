"""The room: what all agents of a crew share."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

import simpy

from plandrift.sim.crew.dealer import Dealer
from plandrift.sim.crew.shared_truth import SharedTruth
from plandrift.sim.crew.slots import Slots
from plandrift.sim.crew.streams import KeyedTimes
from plandrift.sim.crew.tally import CrewTally
from plandrift.sim.settings.agent import Agent
from plandrift.sim.settings.coordinations import COORDINATIONS
from plandrift.sim.settings.crew import CrewSettings
from plandrift.sim.trace.events import Event
from plandrift.sim.trace.files import Trace

if TYPE_CHECKING:
    from plandrift.sim.crew.coordination.coordination import Coordination
    from plandrift.sim.crew.seat import Seat


@dataclass(eq=False)
class Room:
    """What all agents of a crew share, besides the scene.

    Attributes:
        clock: SimPy's environment.
        settings: the crew's settings.
        agent: the settings of each agent.
        seed: the seed of its random streams.
        truth: what every fluent really holds.
        dealer: deals the tasks.
        trace: receives the events, None to keep none.
        tally: the counts.
        slots: the models; None if each agent has its own.
        seats: the agents.
    """

    clock: simpy.Environment
    settings: CrewSettings
    agent: Agent
    seed: int
    truth: SharedTruth
    dealer: Dealer
    trace: Trace | None
    seats: list[Seat] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tally = CrewTally(self.settings.agents)
        self.slots = None if self.settings.models is None else Slots(self.settings.models)
        agent, seed = self.agent, self.seed
        self.thinking = KeyedTimes(seed, "agent.thinking_time", agent.thinking_time)
        self.duration = KeyedTimes(seed, "agent.step_duration", agent.step_duration)
        self.latency = KeyedTimes(seed, "agent.action_latency", agent.action_latency)
        self.prepare = KeyedTimes(seed, "agent.prepare_time", agent.prepare_time)
        self.merge = KeyedTimes(seed, "crew.merge_time", self.settings.merge_time)
        module, _, kind = COORDINATIONS[self.settings.coordination].place.partition(".")
        made: type[Coordination] = getattr(import_module(f"plandrift.sim.crew.coordination.{module}"), kind)
        self.coordination = made(self)

    def note(self, event: Event) -> None:
        """Count an event, and add it to the trace."""
        self.tally.see(event)
        if self.trace is not None:
            self.trace.add(event)

    def wake(self, agent: int) -> None:
        """Wake an agent that waits for the coordination."""
        self.seats[agent].executor.proceed()
