"""What the page shows only for a crew: locks, queues, merges, lost updates, and time spent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plandrift.experiments.playback.playback import Playback
from plandrift.sim import Episode, Event, Step, Value
from plandrift.sim.crew.coordination.merge_queue import PLACE
from plandrift.sim.crew.shared_plan import SharedPlan
from plandrift.sim.trace.crew_events import (
    CrewBegan,
    LockAsked,
    LockGranted,
    LockReleased,
    LockWithdrawn,
    SlotGranted,
    TaskEnded,
    TaskTaken,
    Validated,
)
from plandrift.sim.trace.events import HandedOver, Landed, Started

LOCKS: dict[type[Event], str] = {
    LockAsked: "waits",
    LockGranted: "holds",
    LockReleased: "frees",
    LockWithdrawn: "leaves",
}
"""What each event of a lock does to it."""
COUNTED = (Landed, TaskTaken, TaskEnded, LockGranted, LockWithdrawn)
"""The events that change the counts of a crew."""


class CrewLanes:
    """Collects what is shown of a crew, event by event.

    Args:
        playback: the playback of its trace, which has seen each event before `see` is told.
        place: the number of each fluent.
    """

    def __init__(self, playback: Playback, place: dict[str, int]) -> None:
        self._playback, self._place = playback, place
        self._sum: list[float] = []
        self._private: list[dict[str, Value]] = [{} for _ in playback.plans]
        # Who wrote each fluent last, and when.
        self._wrote: dict[str, tuple[int, float]] = {}
        self._lost: list[list[Any]] = []

    def see(self, event: Event) -> dict[str, Any]:
        """Return what an event changes on the page.

        The keys are ``lock`` (what happens to which lock, and whether it is exclusive), ``private`` (the
        agent's writes that wait for the merge), ``lost`` (the fluents with a lost update, and whose it was),
        ``task`` (the agent's task, None between two), ``sum`` (the counts of the whole crew).
        """
        place, seen = self._place, dict[str, Any]()
        if isinstance(event, LockAsked | LockGranted | LockReleased | LockWithdrawn):
            exclusive = getattr(event, "exclusive", False)
            seen["lock"] = [LOCKS[type(event)], place.get(event.lock, event.lock), int(exclusive)]
        elif isinstance(event, TaskTaken):
            seen["task"] = event.task
        elif isinstance(event, TaskEnded):
            seen["task"] = None
        elif isinstance(event, Landed):
            seen |= self._landed(event)
        elif isinstance(event, Validated):
            self._private[event.agent] = {}
            seen["private"] = []
            self._wrote |= {fluent: (event.agent, event.t) for fluent, _, _ in event.writes}
        if isinstance(event, COUNTED):
            total = self._total()
            if total != self._sum:
                self._sum = seen["sum"] = total
        return seen

    def _landed(self, event: Landed) -> dict[str, Any]:
        place, plan = self._place, self._playback.tracked
        if self._playback.private:
            mine = self._private[event.agent]
            mine |= {fluent: value for fluent, (value, _) in event.writes.items()}
            return {"private": [[place[fluent], value] for fluent, value in mine.items()]}
        lost = plan.replaced if isinstance(plan, SharedPlan) else []
        for fluent, fellow in lost:
            _, written = self._wrote.get(fluent, (fellow, event.t))
            self._lost.append([event.agent, round(event.t, 4), fellow, round(written, 4)])
        self._wrote |= dict.fromkeys(event.writes, (event.agent, event.t))
        return {"lost": [[place[fluent], fellow] for fluent, fellow in lost]} if lost else {}

    def _total(self) -> list[float]:
        """Return right tasks, calls fired, misfires, those by fellows, lost updates, and work begun again."""
        figures = [self._playback.tally.of(agent) for agent in range(len(self._playback.plans))]
        return [
            sum(one.right_tasks for one in figures),
            self._playback.fired,
            self._playback.misfires,
            sum(one.misfires_by_fellow for one in figures),
            sum(one.lost_values for one in figures),
            sum(one.lock_waits for one in figures),
            sum(one.aborts for one in figures),
        ]

    def whole(self, episode: Episode, steps: Iterable[Step]) -> dict[str, Any]:
        """Return what is known about the crew as a whole, once all events have been seen."""
        place, began = self._place, episode.trace[0]
        assert isinstance(began, CrewBegan)
        return {
            "policies": [e.policy for e in episode.trace[1 : began.agents + 1] if isinstance(e, Started)],
            "names": list(place),
            "goals": [place[fluent] for fluent in began.goals],
            "requires": [[[place[f], value] for f, value in step.requires.items()] for step in steps],
            "writes": [[place[f] for f in step.writes] for step in steps],
            "spans": list(_spans(episode.trace)),
            "lost": self._lost,
        }


def _spans(trace: Iterable[Event]) -> Iterable[list[Any]]:
    """Yield what takes an agent's time apart from its calls: agent, kind, beginning, end, and what for."""
    tasks: dict[int, tuple[float, int]] = {}
    merges: dict[int, float] = {}
    for event in trace:
        found: tuple[str, float, str | int] | None = None
        if isinstance(event, TaskTaken | TaskEnded):
            if event.agent in tasks:
                since, task = tasks.pop(event.agent)
                found = "task", since, task
            if isinstance(event, TaskTaken):
                tasks[event.agent] = event.t, event.task
        elif isinstance(event, LockGranted | LockWithdrawn):
            if event.waited:
                found = "wait", event.t - event.waited, event.lock
            if event.lock == PLACE and isinstance(event, LockGranted):
                merges[event.agent] = event.t
        elif isinstance(event, LockReleased) and event.lock == PLACE:
            found = "merge", merges.pop(event.agent), event.lock
        elif isinstance(event, SlotGranted) and event.waited:
            found = "queue-for", event.t - event.waited, "a model"
        elif isinstance(event, HandedOver) and event.basis_taken is not None:
            found = "think", event.basis_taken, ""
        if found is not None and event.t > found[1]:
            yield [event.agent, found[0], round(found[1], 4), round(event.t, 4), found[2]]
