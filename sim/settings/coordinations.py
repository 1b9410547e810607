"""The coordinations by name. To add one, write a file in `sim.crew.coordination` and a line below."""

from __future__ import annotations

from typing import NamedTuple


class Coordinates(NamedTuple):
    """One line of the registry.

    Attributes:
        place: its module in `sim.crew.coordination`, and its class.
        meaning: what it does, in a few words.
        locks: whether it takes locks, so that `crew.lease` and `crew.fenced` apply.
    """

    place: str
    meaning: str
    locks: bool = False


COORDINATIONS: dict[str, Coordinates] = {
    "none": Coordinates("coordination.Coordination", "the last write wins"),
    "serial": Coordinates("serial.Serial", "one task at a time"),
    "step-lock": Coordinates("step_lock.StepLock", "each step locks what it requires and writes", True),
    "plan-lock": Coordinates(
        "plan_lock.PlanLock",
        "a task locks what each step needs when the step comes, and keeps all locks until its end",
        True,
    ),
    "start-lock": Coordinates(
        "start_lock.StartLock", "a plan locks everything that it needs before its first step", True
    ),
    "merge-queue": Coordinates(
        "merge_queue.MergeQueue",
        "a task is done on a private copy, and merged unless something that it depends on has changed",
    ),
    "notify": Coordinates(
        "notify.Notify", "agents whose plans depend on a written fluent hear of the write at once"
    ),
}
"""Every coordination, by the word that selects it in `crew.coordination`."""
