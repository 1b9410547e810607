"""Ledger: tasks that read and shift the entries of a shared book, made for crews of agents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from plandrift.sim import (
    EVENT,
    Argument,
    Call,
    CallForm,
    Change,
    Description,
    Effect,
    Introduction,
    Scene,
    SettingError,
    Streams,
    Value,
    World,
    arrivals,
    setting,
)
from plandrift.sim.companions.sharing import Goals, Sharing
from plandrift.sim.terms.effects import Nature


@dataclass(frozen=True)
class Ledger(World):
    """Tasks whose steps each need some entries of a book to be as they were read, and shift some of them.

    Each task's progress is private; the entries are shared. A step that no longer fits is done anyway and
    looks like success: it writes what follows from the old values, over whatever is there. Since every change
    is a shift, the book's final state is its first state plus the shifts that took effect, in any order.

    An agent does one task at a time, even when it is alone:

    >>> from plandrift import run
    >>> from plandrift.policies import gated
    >>> crew = run(Ledger(tasks=12, volatility=0.0), gated(), agents=4, coordination="step-lock", seed=7)
    >>> crew.metrics.right_tasks, crew.metrics.misfires, len(crew.agents)
    (12.0, 0, 4)
    """

    by_task: ClassVar[bool] = True

    tasks: int = setting(24, "tasks to be done (M)", unit="tasks", low=1, high=1000)
    steps: int = setting(4, "steps of each task (S)", unit="steps", low=1, high=100)
    requires: int = setting(
        2, "entries that each step needs to be as they were read (k)", unit="entries", low=1, high=100
    )
    writes: int = setting(1, "entries that each step shifts (w)", unit="entries", low=1, high=100)
    shared: int = setting(100, "entries of the book (D)", unit="entries", low=1, high=10_000)
    values: int = setting(
        100, "values that an entry can have: 0 to one less (V)", unit="values", low=2, high=1_000_000
    )
    zipf: float = setting(
        0.0,
        "how unevenly entries are used: the r-th in proportion to 1/r to this power; 0: all equally",
        low=0,
        high=5,
    )
    distinct: bool = setting(False, "no two steps of a task use the same entry")
    modify: bool = setting(True, "the entries that a step shifts are among those that it needs")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.modify and self.writes > self.requires:
            raise SettingError(
                name="world.writes",
                problem=f"= {self.writes}: a step needs only {self.requires} entries as read",
                fix=f"give at most {self.requires}, or modify = false",
            )
        most = self.uses * (self.steps if self.distinct else 1)
        if self.shared < most:
            of = "a task" if self.distinct else "a step"
            raise SettingError(
                name="world.shared",
                problem=f"= {self.shared}: {of} uses {most} different entries",
                fix=f"give at least {most}",
            )

    @property
    def uses(self) -> int:
        """How many different entries a step uses."""
        return self.requires + (0 if self.modify else self.writes)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a book with random entries, and steps with random needs."""
        return Book(self, random)


class LedgerDescription(Description):
    """The description of `Ledger`."""

    scene: Book

    def introduction(self) -> Introduction:
        """Return what an agent is told."""
        world = self.scene.world
        task = Argument("task", "which task", "integer", tuple(range(world.tasks)))
        step = Argument("step", "which of its steps", "integer", tuple(range(world.steps)))
        reads = Argument("reads", "the entries that the step needs, as you know them, in order", "list")
        writes = Argument("writes", "the new values of the entries that it shifts, in order", "list")
        rules = "; ".join(
            f"task {t} step {s}: needs {', '.join(use.needs)}, shifts "
            + ", ".join(f"{entry} by {shift}" for entry, shift in zip(use.shifts, use.by, strict=True))
            for (t, s), use in self.scene.uses.items()
        )
        return Introduction(
            f"Do the tasks 0 to {world.tasks - 1}, each with its steps 0 to {world.steps - 1} in order: "
            f"task-0.progress and so on must all be {world.steps} at the end. A step names the entries that "
            f"it needs as you know them, and the new values of those that it shifts, modulo {world.values}. "
            "Others change entries as well. A step with an old value is reported as a success, and writes "
            f"what you said. {rules}.",
            (CallForm("post", "Do one step of a task.", (task, step, reads, writes)),),
            {"entry-*": "a number that others change", "task-*": "how many steps of the task are done"},
        )

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """Describe how somebody shifts an entry."""
        return f"somebody changes {fluent} from {before} to {after}"

    def call(self, call: Call) -> str:
        """Describe a step."""
        use = self.scene.uses[call.arg("task"), call.arg("step")]
        new = ", ".join(
            f"{entry} to {value}" for entry, value in zip(use.shifts, call.arg("writes"), strict=True)
        )
        return f"does step {call.arg('step')} of task {call.arg('task')} and sets {new}"


class LedgerSharing(Sharing):
    """How a crew shares a `Ledger`: by task."""

    scene: Book

    def plan(self, belief: Mapping[str, Value], goals: Goals) -> Sequence[Call]:
        """Plan the rest of the tasks that have these goals."""
        return self.scene.planned(belief, [self.scene.places[fluent] for fluent in goals])


@dataclass(frozen=True, slots=True)
class Use:
    """What one step of a task uses.

    Attributes:
        needs: the entries that it needs to be as they were read.
        shifts: the entries that it shifts.
        by: by how much.
    """

    needs: tuple[str, ...]
    shifts: tuple[str, ...]
    by: tuple[int, ...]


class Book(Scene):
    """One episode of `Ledger`."""

    companions = (LedgerDescription, LedgerSharing)
    reacts = True

    def __init__(self, world: Ledger, random: Streams) -> None:
        self.world, self._random = world, random
        self.progress = [f"task-{number}.progress" for number in range(world.tasks)]
        self.places = {fluent: number for number, fluent in enumerate(self.progress)}
        self.entries = [f"entry-{number}" for number in range(world.shared)]
        first = random["world"].integers(world.values, size=world.shared).tolist()
        self.first = dict(zip(self.entries, first, strict=True)) | dict.fromkeys(self.progress, 0)
        self.goals: dict[str, Value] = dict.fromkeys(self.progress, world.steps)
        self.uses = _uses(world, self.entries, random["world.uses"])

    def changes(self) -> Iterator[Change]:
        """Yield the shifts of entries by others."""
        weights = dict.fromkeys(self.entries, 1.0)
        for time, entry, mark in arrivals(self._random["exogenous"], weights, self.world.volatility):
            yield time, EVENT, (entry, 1 + int(mark * (self.world.values - 1)))

    def happen(self, event: Value, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return the shifted entry with its new value."""
        entry, shift = event
        return {entry: (values[entry] + shift) % self.world.values}

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Return the task's progress, and the entries as read."""
        (_, task), (_, step), (_, reads), _ = call.args
        return {self.progress[task]: step} | dict(zip(self.uses[task, step].needs, reads, strict=True))

    def effects(self, call: Call) -> Mapping[str, Value]:
        """Advance the task by one step, and shift the entries."""
        (_, task), (_, step), _, (_, writes) = call.args
        return {self.progress[task]: step + 1} | dict(zip(self.uses[task, step].shifts, writes, strict=True))

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """A step that comes too early is rejected; one that read old values does the wrong thing."""
        return "rejected" if self.progress[call.args[0][1]] in violated else "harmful"

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """A step that has been done is not done again; a harmful one writes what it was meant to."""
        (_, task), (_, step), *_ = call.args
        violated = tuple([f for f, value in self.requires(call).items() if values[f] != value])
        if values[self.progress[task]] > step:
            return Effect("repeat", {}, violated)
        if violated and self.nature(call, violated) == "rejected":
            return Effect("rejected", {}, violated)
        return Effect("harmful" if violated else "effective", self.effects(call), violated)

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        """Do every task that is not believed done, with the values that the entries will have by then."""
        return self.planned(belief, range(self.world.tasks))

    def planned(self, belief: Mapping[str, Value], tasks: Sequence[int]) -> Sequence[Call]:
        """Return the steps left of these tasks."""
        held: dict[str, Value] = {}
        calls = []
        for task in tasks:
            for step in range(belief[self.progress[task]], self.world.steps):
                use = self.uses[task, step]
                reads = tuple([held.get(entry, belief[entry]) for entry in use.needs])
                before: list[Value] = [held.get(entry, belief[entry]) for entry in use.shifts]
                shifted = zip(before, use.by, strict=True)
                writes = tuple([(value + shift) % self.world.values for value, shift in shifted])
                held.update(zip(use.shifts, writes, strict=True))
                calls.append(
                    Call("post", (("task", task), ("step", step), ("reads", reads), ("writes", writes)))
                )
        return calls

    def confusable(self, call: Call) -> Sequence[Call]:
        """The same step with its first shift off by one."""
        first, *more = call.arg("writes")
        return [call.but(writes=((first + 1) % self.world.values, *more))]


def _uses(world: Ledger, entries: Sequence[str], random: np.random.Generator) -> dict[tuple[int, int], Use]:
    """Draw the entries that each step uses, and the shifts."""
    edges = np.cumsum(np.arange(1, world.shared + 1, dtype=float) ** -world.zipf)
    edges /= edges[-1]
    found: dict[tuple[int, int], Use] = {}
    for task in range(world.tasks):
        count = world.uses * world.steps
        drawn = _different(edges, count, random) if world.distinct else []
        for step in range(world.steps):
            if world.distinct:
                mine = drawn[step * world.uses : (step + 1) * world.uses]
            else:
                mine = _different(edges, world.uses, random)
            names = tuple([entries[place] for place in mine])
            needs = names[: world.requires]
            shifts = needs[: world.writes] if world.modify else names[world.requires :]
            by = tuple((1 + random.integers(world.values - 1, size=world.writes)).tolist())
            found[task, step] = Use(needs, shifts, by)
    return found


def _different(
    edges: np.ndarray[tuple[int], np.dtype[np.float64]], count: int, random: np.random.Generator
) -> list[int]:
    """Draw this many different places, each with the probability given by the edges."""
    if 4 * count > len(edges):
        weights = np.diff(edges, prepend=0.0)
        return [int(place) for place in random.choice(len(edges), size=count, replace=False, p=weights)]
    found: dict[int, None] = {}
    while len(found) < count:
        for place in np.searchsorted(edges, random.random(count), side="right").tolist():
            if len(found) < count:
                found[place] = None
    return list(found)
