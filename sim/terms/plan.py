"""A plan, the basis it was computed from, and the form in which the hand-off delivers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.dependencies import Dependencies
from plandrift.sim.terms.fluents import Belief


class Believed(NamedTuple):
    """The belief about one fluent: its value, its version, and when that was true in the world."""

    value: Value
    version: int
    time: float


class Basis:
    """The belief that a plan was computed from, as far as the plan depends on it.

    Attributes:
        time: the stamp of the newest observation that the belief held.
        taken: when the planner read the belief; plan age counts from here.
        changes: the value of `Belief.changes` at that time.
        names: the fluents that the plan or its goals depend on.
        versions: the believed version of each of those fluents.

    >>> from plandrift import Call
    >>> dependencies = Dependencies([Step(Call("enter"), {"door": "open"}, {"in": True})], {"in": True})
    >>> basis = Basis(dependencies, Belief({"door": "open", "in": False}, {}), taken=3.0)
    >>> basis.taken, basis.fluents["door"]
    (3.0, Believed(value='open', version=0, time=0.0))
    """

    __slots__ = ("_fluents", "_stamps", "_values", "changes", "names", "taken", "time", "versions")

    def __init__(self, dependencies: Dependencies, belief: Belief, taken: float) -> None:
        """Read the belief as it is now.

        Raises:
            KeyError: a step requires something that is not a fluent.
        """
        self.time, self.taken, self.changes = belief.heard, taken, belief.changes
        self.names = dependencies.names
        self._values = dependencies.read(belief.values)
        self.versions = dependencies.read(belief.versions)
        self._stamps = dependencies.read(belief.times)
        self._fluents: dict[str, Believed] | None = None

    @classmethod
    def recorded(
        cls,
        dependencies: Dependencies,
        time: float,
        taken: float,
        fluents: Mapping[str, tuple[Value, int, float]],
    ) -> Basis:
        """Rebuild a basis from what a trace recorded."""
        made = cls.__new__(cls)
        made.time, made.taken, made.changes = time, taken, -1
        made.names = dependencies.names
        made._fluents = {name: Believed._make(fluents[name]) for name in made.names}
        made.versions = tuple([held.version for held in made._fluents.values()])
        made._values = tuple([held.value for held in made._fluents.values()])
        made._stamps = tuple([held.time for held in made._fluents.values()])
        return made

    @property
    def fluents(self) -> Mapping[str, Believed]:
        """The belief about each fluent that the plan or its goals depend on."""
        # Built on demand: most plans are replaced before anybody asks.
        if self._fluents is None:
            held = zip(self._values, self.versions, self._stamps, strict=True)
            self._fluents = dict(zip(self.names, map(Believed._make, held), strict=True))
        return self._fluents


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """An ordered list of steps, the goals that they lead to, and the basis they were computed from.

    Attributes:
        number: 1 for the first plan of the episode.
        steps: the steps in the order in which they should be fired.
        goals: the value that each goal fluent should hold after the last step.
        basis: the belief that the plan was computed from.
        dependencies: the dependencies of the steps, as bit masks.
        wrong: the indexes of the steps in which the planner erred (see `agent.planner_error`).

    A policy sees the plan in hand:

    >>> from dataclasses import dataclass
    >>> from plandrift import FIRE, Policy, run
    >>> from plandrift.worlds import Records
    >>> @dataclass(frozen=True)
    ... class Counting(Policy):
    ...     def before_fire(self, view, step, call):
    ...         assert step in view.plan.steps and view.plan.number == 1
    ...         return FIRE
    >>> run(Records(), Counting()).metrics.steps_fired
    10
    """

    number: int
    steps: tuple[Step, ...]
    goals: Mapping[str, Value]
    basis: Basis
    dependencies: Dependencies
    wrong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class HandedPlan:
    """A plan as the executor receives it from the hand-off.

    Attributes:
        plan: the plan as the planner made it.
        calls: the call of each step as the executor received it.
        informed: whether the executor also received the steps' assumptions (a summary drops them).
        done: the indexes of the steps that the agent knows to be done already.
        in_flight: the index of the step whose call is in flight, if it is a step of this plan.
    """

    plan: Plan
    calls: Sequence[Call]
    informed: bool = True
    done: tuple[int, ...] = ()
    in_flight: int | None = None
