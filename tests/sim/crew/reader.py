"""A second reader of a crew's trace, written from the design alone: it shares no code with the engine.

It takes the rows of a trace as they stand in a file, and counts every figure of the crew again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
WORLD, NOBODY = -1, -2
COUNTED = (
    *("right_tasks", "lost_updates", "lost_values", "overwritten", "misfires_by_fellow", "lock_waits"),
    *("lock_time", "deadlocks", "aborts", "undone", "model_time", "thinking_wasted"),
    *("misfires", "refused", "harm", "steps_fired"),
)


@dataclass
class View:
    """The world as somebody finds it: the shared one, or an agent's private copy.

    Attributes:
        values: what each fluent holds.
        left: when a fluent last stopped holding a value, and whose write that was.
        own: what the agent has written in its copy and not merged, in order.
        rests: what its steps have required of others since then.
    """

    values: dict[str, Any]
    left: dict[tuple[str, Any], tuple[float, int]] = field(default_factory=dict)
    own: list[tuple[str, Any]] = field(default_factory=list)
    rests: set[str] = field(default_factory=set)

    def write(self, fluent: str, value: Any, time: float, author: int) -> None:
        if self.values[fluent] != value:
            self.left[fluent, hashable(self.values[fluent])] = time, author
        self.values[fluent] = value


@dataclass
class Task:
    agent: int
    goals: dict[str, Any]
    wrong: bool = False
    lost: bool = False
    done: bool = False

    @property
    def good(self) -> bool:
        return self.done and not self.wrong and not self.lost


@dataclass
class Hand:
    """One agent: its task, its plan, and the call that it has sent."""

    view: View
    task: Task | None = None
    plan: Row | None = None
    arrived: float = 0.0
    fired: int = 0
    step: Row = field(default_factory=dict)
    expects: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)


class CrewCount:
    """The figures of a crew, counted from the rows of its trace."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.figures: dict[str, float] = dict.fromkeys(COUNTED, 0)
        first, *rest = rows
        self.private: bool = first["private"]
        self.tasks: list[Task] = []
        self.hands: list[Hand] = []
        for row in rest[: first["agents"]]:
            shared = not self.private and self.hands
            self.hands.append(Hand(self.hands[0].view if shared else View(dict(row["fluents"]))))
        fluents = rest[0]["fluents"]
        self.main = View(dict(fluents)) if self.private else self.hands[0].view
        self.versions = dict.fromkeys(fluents, 0)
        self.authors: dict[str, int] = {}
        self.last: dict[str, Task | None] = {}
        for row in rest[first["agents"] :]:
            handler = getattr(self, "on_" + row["event"].replace("-", "_"), None)
            if handler is not None:
                handler(row, row.get("agent", 0))
        self.figures["right_tasks"] = self.right()
        done = [sum(task.good and task.agent == one for task in self.tasks) for one in range(len(self.hands))]
        squares = len(done) * sum(count * count for count in done)
        self.figures["fairness"] = sum(done) ** 2 / squares if squares else math.nan

    def write(self, fluent: str, value: Any, time: float, author: int) -> None:
        """Write in the shared world, and in each private copy that has not written the fluent itself."""
        self.versions[fluent] += 1
        self.authors[fluent] = author
        views = [self.main, *([hand.view for hand in self.hands] if self.private else [])]
        for view in views:
            if fluent not in [name for name, _ in view.own]:
                view.write(fluent, value, time, author)

    def on_exogenous(self, row: Row, _: int) -> None:
        self.write(row["fluent"], row["value"], row["t"], WORLD)

    def on_task(self, row: Row, agent: int) -> None:
        hand = self.hands[agent]
        if row["again"]:
            self.figures["aborts"] += 1
            if hand.plan is not None:
                self.figures["thinking_wasted"] += hand.arrived - hand.plan["basis_taken"]
        hand.task, hand.plan, hand.versions = Task(agent, row["goals"]), None, {}

    def on_task_ended(self, row: Row, agent: int) -> None:
        hand = self.hands[agent]
        assert hand.task is not None
        hand.task.done = all(self.main.values[f] == wanted for f, wanted in hand.task.goals.items())
        self.tasks.append(hand.task)
        hand.task = hand.plan = None

    def on_plan(self, row: Row, agent: int) -> None:
        hand = self.hands[agent]
        if row["steps"] is None:
            return
        if hand.plan is not None and not hand.fired:
            self.figures["thinking_wasted"] += hand.arrived - hand.plan["basis_taken"]
        hand.plan, hand.arrived, hand.fired = row, row["t"], 0
        if not hand.view.own:
            hand.view.rests = set()

    def on_fire(self, row: Row, agent: int) -> None:
        hand = self.hands[agent]
        assert hand.plan is not None
        hand.fired += 1
        hand.step = hand.plan["steps"][row["step"]]
        earlier = {f for step in hand.plan["steps"][: row["step"]] for f in step["writes"]}
        hand.expects = {
            f: hand.versions.get(f, -1) if f in earlier else hand.plan["basis"][f][1]
            for f in hand.step["requires"]
        }

    def on_outcome(self, row: Row, agent: int) -> None:
        hand, count, time = self.hands[agent], self.figures, row["t"]
        requires, view = hand.step["requires"], hand.view
        refused = row["outcome"] == "refused"
        count["steps_fired"] += 1
        count["refused"] += refused
        count["harm"] += row["outcome"] == "harmful"
        if row["violated"] and not refused:
            count["misfires"] += 1
            ends = [
                view.left.get((f, hashable(requires[f])), (0.0, NOBODY))
                for f in row["violated"]
                if f in requires
            ]
            first = min(ends, key=lambda end: end[0], default=(0.0, NOBODY))
            count["misfires_by_fellow"] += first[1] >= 0 and first[1] != agent
        if row["outcome"] in ("harmful", "void") and not row["silent"] and hand.task is not None:
            hand.task.wrong = True
        if self.private:
            view.rests |= {f for f in requires if f not in [name for name, _ in view.own]}
        for fluent, (value, version) in row["writes"].items():
            hand.versions[fluent] = version
            if self.private:
                view.write(fluent, value, time, agent)
                view.own.append((fluent, value))
                continue
            author = self.authors.get(fluent, WORLD)
            if author >= 0 and author != agent:
                if fluent not in requires:
                    count["overwritten"] += 1
                elif self.versions[fluent] != hand.expects[fluent]:
                    count["lost_updates"] += 1
                    if self.main.values[fluent] != requires[fluent]:
                        count["lost_values"] += 1
                        victim = self.last.get(fluent)
                        if victim is not None:
                            victim.lost = True
            self.write(fluent, value, time, agent)
            self.last[fluent] = hand.task

    def on_validated(self, row: Row, agent: int) -> None:
        view, time = self.hands[agent].view, row["t"]
        own, rests = view.own, view.rests
        view.own, view.rests = [], set()
        if row["conflicts"]:
            for fluent in dict(own):
                view.write(fluent, self.main.values[fluent], time, NOBODY)
            return
        for fluent, value in own:
            author = self.authors.get(fluent, WORLD)
            self.figures["overwritten"] += fluent not in rests and author >= 0 and author != agent
            self.write(fluent, value, time, agent)
            self.last[fluent] = self.hands[agent].task
        assert [list(write[:2]) for write in row["writes"]] == [list(write) for write in own]

    def on_undone(self, row: Row, agent: int) -> None:
        self.figures["undone"] += 1
        self.write(row["fluent"], row["value"], row["t"], agent)
        self.last[row["fluent"]] = None

    def on_deadlock(self, _: Row, agent: int) -> None:
        self.figures["deadlocks"] += 1

    def on_lock_asked(self, row: Row, agent: int) -> None:
        self.hands[agent].asked[row["lock"]] = row["t"]

    def on_lock_granted(self, row: Row, agent: int) -> None:
        since = self.hands[agent].asked.pop(row["lock"], None)
        if since is not None:
            self.figures["lock_waits"] += 1
            self.figures["lock_time"] += row["t"] - since

    on_lock_withdrawn = on_lock_granted

    def on_slot(self, row: Row, _: int) -> None:
        self.figures["model_time"] += row["waited"]

    def on_end(self, row: Row, agent: int) -> None:
        if agent < 0:
            self.figures["duration"] = row["t"]
            self.figures["right_rate"] = self.right() / row["t"]
            alone = row.get("alone", math.nan)
            self.figures["speedup"] = self.figures["right_rate"] / alone if alone else math.nan

    def right(self) -> int:
        return sum(task.good for task in self.tasks)


def hashable(value: Any) -> Any:
    return tuple(map(hashable, value)) if isinstance(value, list) else value
