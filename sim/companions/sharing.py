"""How a world's goals are shared by a crew: as tasks, each with a plan of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plandrift.sim.companions.companion import Companion
from plandrift.sim.terms.calls import Call, Value

Goals = Mapping[str, Value]


class Sharing(Companion):
    """The companion that divides the goals into tasks; see `Companion` for how to attach it.

    By default each goal is a task of its own, and a plan for some of the goals is the part of the scene's
    own plan that they need.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Records
    >>> scene = Records(records=3).begin(Streams(7), 60.0)
    >>> sharing = Sharing.of(scene)
    >>> tasks = sharing.tasks()
    >>> len(tasks), len(sharing.plan(scene.first, tasks[0])), len(sharing.plan(scene.first, scene.goals))
    (3, 1, 3)
    """

    def tasks(self) -> Sequence[Goals]:
        """Return the tasks, each as the goals that it must reach; together they make up all the goals."""
        return [{fluent: wanted} for fluent, wanted in self.scene.goals.items()]

    def plan(self, belief: Mapping[str, Value], goals: Goals) -> Sequence[Call] | None:
        """Return a plan for these goals, or None if there is none."""
        whole: Sequence[Call] | None = self.scene.plan(belief)
        if whole is None or len(goals) == len(self.scene.goals):
            return whole
        needed = set(goals)
        kept: list[Call] = []
        for call in reversed(whole):
            writes = self.scene.effects(call)
            if needed.intersection(writes):
                needed = needed.difference(writes) | set(self.scene.requires(call))
                kept.append(call)
        return kept[::-1]
