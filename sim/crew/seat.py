"""A seat: one agent of a crew with everything that it does not share, going from task to task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plandrift.sim.crew.dealer import Task
from plandrift.sim.crew.environment import CrewEnvironment
from plandrift.sim.crew.room import Room
from plandrift.sim.crew.seat_executor import SeatExecutor
from plandrift.sim.crew.seat_planner import SeatPlanner
from plandrift.sim.crew.seat_state import SeatChannel, SeatState
from plandrift.sim.crew.shared_plan import SharedPlan
from plandrift.sim.engine.agent_process import AgentProcess
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.terms.calls import Value
from plandrift.sim.terms.fluents import Reading
from plandrift.sim.trace.crew_events import TaskEnded, TaskTaken
from plandrift.sim.trace.events import Event
from plandrift.sim.trace.files import Trace


class SeatTrace(Trace):
    """The trace of a crew as one agent writes to it: each event carries the agent's number."""

    __slots__ = ("_number",)

    def __init__(self, whole: Trace, number: int) -> None:
        self.events, self._number = whole.events, number

    def add(self, event: Event) -> None:
        """Append one event of this agent."""
        object.__setattr__(event, "agent", self._number)
        self.events.append(event)


class Seat(AgentProcess):
    """One agent of a crew.

    Attributes:
        room: what it shares with the others.
        own: its settings.
        number: its number, from 0.
        late: when it begins.
        task: the number of its task; -1 before the first.
        born: when it took the task.
        trace: its trace, None to keep none.
        ended: how it ended; None if it has not.
    """

    PARTS = (SeatState, SeatChannel, SeatExecutor)

    state: SeatState
    channel: SeatChannel
    executor: SeatExecutor

    def __init__(
        self,
        room: Room,
        setup: Setup,
        own: AgentSetup,
        environment: CrewEnvironment,
        late: float,
        left: Callable[[], None],
    ) -> None:
        self.room, self.own, self.number, self.late = room, own, own.number, late
        self.task = -1
        self.ended: str | None = None
        self._scene: Any = setup.scene
        self.trace, self._environment, self.born = setup.trace, environment, 0.0
        self._clock, self._left = setup.clock, left
        self._dealt: Task | None = None
        super().__init__(setup, own, environment, lambda _: None, SeatPlanner)
        self.planner.seat = self.executor.seat = self.state.seat = self
        self.tracked.tally = room.tally
        crowd = room.settings.agents > 1
        self.channel.crowded = crowd
        self.executor.keyed()

    @property
    def tracked(self) -> SharedPlan:
        """The tracked plan."""
        tracked = self.state.tracked
        assert isinstance(tracked, SharedPlan)
        return tracked

    @property
    def planner(self) -> SeatPlanner:
        """The planner."""
        planner = self.state.planner
        assert isinstance(planner, SeatPlanner)
        return planner

    def next_task(self) -> bool:
        """Get the next task; return False if there is none."""
        self._dealt = self.room.dealer.next(self.number)
        return self._dealt is not None

    def begin_task(self) -> None:
        """Begin the task."""
        assert self._dealt is not None
        first = self.task < 0
        self.task, goals = self._dealt
        self.born = self._clock.now
        self._aim(goals, "", 1.0)
        if first or self.state.belief.open:
            self.planner.request("start" if first else "next task")

    def begin_again(self, why: str) -> None:
        """Begin the same task again, after its writes have been taken back."""
        self.executor.drop_keys()
        cost = self.tracked.stale_share(whole=True)
        self._aim(dict(self.tracked.goals), why, cost)
        self.state.replan(why)

    def abort(self) -> None:
        """Take back what the task has written, where nobody has written since, and begin it again."""
        tracked, versions = self.tracked, self.room.truth.versions
        written = tuple(
            [
                tracked.undone(fluent, before)
                for fluent, (before, version) in tracked.undoes.items()
                if versions[fluent] == version
            ]
        )
        if written:
            self.channel.inform(written)
            self.tell(written)
        self.begin_again("deadlock")

    def tell(self, written: tuple[Reading, ...]) -> None:
        """Tell everybody what this agent wrote in the shared truth."""
        self._environment.tell(self.tracked, written)

    def end_task(self, how: str) -> None:
        """End the task."""
        met = not self.room.truth.unmet(self.tracked.goals)
        self.tracked.drop(TaskEnded(self._clock.now, self.task, how, met, agent=self.number))

    def leave(self, how: str) -> None:
        """Leave the crew: there are no more tasks, or the agent has given up."""
        if how == "gave-up":
            self.end_task(how)
        self.ended = how
        self.stop()
        self._left()

    def stop(self) -> None:
        """Stop, because there is nothing left to do, or because the episode is over."""
        super().stop()
        self.state.gone = True

    def _aim(self, goals: dict[str, Value] | Any, again: str, cost: float) -> None:
        self._scene.goals = goals
        self.tracked.aim(TaskTaken(self._clock.now, self.task, goals, again, agent=self.number))
        self.state.next_task()
        self.planner.next_task(cost)
        self.state.resting = False
