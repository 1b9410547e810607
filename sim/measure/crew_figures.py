"""What is measured about a crew, or one of its agents, besides the figures of every episode."""

from __future__ import annotations

from dataclasses import dataclass, fields

NAN = float("nan")


@dataclass(slots=True)
class CrewFigures:
    """Sums over one agent, or over all.

    Attributes:
        right_tasks: tasks in which no step went wrong and no write was lost.
        right_squares: the sum of the squares of the agents' right tasks.
        agents: how many agents.
        lost_updates: writes that replaced a fellow's newer version, by a step that requires the fluent.
        lost_values: those that replaced a value other than the one the step requires.
        overwritten: writes that replaced a fellow's value without having read it.
        misfires_by_fellow: misfires for which a fellow's write is to blame.
        lock_waits: locks and turns that were waited for.
        lock_time: time spent waiting for them.
        deadlocks: deadlocks, counted for the agent that was aborted.
        aborts: tasks begun again, because of a deadlock or a merge conflict.
        undone: writes taken back after a deadlock.
        model_time: time spent queueing for a model.
        thinking_wasted: time from basis to arrival of plans that were thrown away.
        alone: right tasks per time of one agent alone on the same seed; NaN if that was not asked for.
    """

    right_tasks: int = 0
    right_squares: int = 0
    agents: int = 1
    lost_updates: int = 0
    lost_values: int = 0
    overwritten: int = 0
    misfires_by_fellow: int = 0
    lock_waits: int = 0
    lock_time: float = 0.0
    deadlocks: int = 0
    aborts: int = 0
    undone: int = 0
    model_time: float = 0.0
    thinking_wasted: float = 0.0
    alone: float = NAN

    @property
    def fairness(self) -> float:
        """How evenly the right tasks are spread over the agents (Jain et al. 1984); NaN if there are none."""
        return self.right_tasks**2 / (self.agents * self.right_squares) if self.right_squares else NAN

    def add(self, other: CrewFigures) -> None:
        """Add the sums of another agent."""
        for field in fields(self):
            if field.name != "alone":
                setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
