"""What is counted about a crew: its events, whose writes were lost, and which tasks were done right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plandrift.sim.measure.crew_figures import CrewFigures
from plandrift.sim.trace.crew_events import (
    Deadlock,
    LockGranted,
    LockWithdrawn,
    SlotGranted,
    TaskEnded,
    TaskTaken,
    Undone,
    Validated,
)
from plandrift.sim.trace.events import Event


@dataclass(slots=True, eq=False)
class TaskRecord:
    """How a task has gone.

    Attributes:
        agent: the agent that did it.
        went_wrong: whether one of its calls did the wrong thing.
        lost: whether a fellow's lost update replaced one of its writes.
        met: whether its goals held when the agent was done with it.
    """

    agent: int
    went_wrong: bool = False
    lost: bool = False
    met: bool = False

    @property
    def right(self) -> bool:
        """Whether it was completed, with no step gone wrong and no write lost."""
        return self.met and not self.went_wrong and not self.lost


class CrewTally:
    """The counts of a crew, by agent.

    Attributes:
        agents: the figures of each agent.
        current: the task that each agent is doing; None between two tasks.
        last: the task that wrote each fluent last.
    """

    __slots__ = ("_tasks", "agents", "current", "last")

    def __init__(self, agents: int) -> None:
        self.agents = [CrewFigures() for _ in range(agents)]
        self.current: list[TaskRecord | None] = [None] * agents
        self.last: dict[str, TaskRecord | None] = {}
        self._tasks: list[TaskRecord] = []

    def see(self, event: Event) -> None:
        """Count an event."""
        count = _COUNTS.get(type(event))
        if count is not None:
            count(self, event)

    def right(self, agent: int) -> int:
        """Return how many tasks an agent has done right."""
        return sum([task.right for task in self._tasks if task.agent == agent])

    def of(self, agent: int) -> CrewFigures:
        """Return an agent's complete figures."""
        figures = self.agents[agent]
        figures.right_tasks = self.right(agent)
        figures.right_squares = figures.right_tasks**2
        return figures

    def total(self, alone: float) -> CrewFigures:
        """Return the sums over all agents, with the right tasks per time of one agent alone."""
        found = CrewFigures(agents=0, alone=alone)
        for agent in range(len(self.agents)):
            found.add(self.of(agent))
        return found

    def _taken(self, event: TaskTaken) -> None:
        # A task that is begun again leaves nothing behind, so its earlier attempt is forgotten.
        self.current[event.agent] = TaskRecord(event.agent)
        self.agents[event.agent].aborts += bool(event.again)

    def _ended(self, event: TaskEnded) -> None:
        task = self.current[event.agent]
        assert task is not None
        task.met = event.met
        self._tasks.append(task)
        self.current[event.agent] = None

    def _granted(self, event: LockGranted) -> None:
        if event.waited is not None:
            self.agents[event.agent].lock_waits += 1
            self.agents[event.agent].lock_time += event.waited

    def _withdrawn(self, event: LockWithdrawn) -> None:
        self.agents[event.agent].lock_waits += 1
        self.agents[event.agent].lock_time += event.waited

    def _deadlock(self, event: Deadlock) -> None:
        self.agents[event.agent].deadlocks += 1

    def _undone(self, event: Undone) -> None:
        self.agents[event.agent].undone += 1

    def _slot(self, event: SlotGranted) -> None:
        self.agents[event.agent].model_time += event.waited

    def _validated(self, event: Validated) -> None:
        for fluent, _, _ in event.writes:
            self.last[fluent] = self.current[event.agent]


_COUNTS: dict[type[Event], Callable[[CrewTally, Any], None]] = {
    TaskTaken: CrewTally._taken,
    TaskEnded: CrewTally._ended,
    LockGranted: CrewTally._granted,
    LockWithdrawn: CrewTally._withdrawn,
    Deadlock: CrewTally._deadlock,
    Undone: CrewTally._undone,
    SlotGranted: CrewTally._slot,
    Validated: CrewTally._validated,
}
