"""Calls, steps, plans and their basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from sim.dependencies import Dependencies

Value: TypeAlias = Any
"""What a fluent holds: anything hashable. ``None`` stands for absence."""


class Call(NamedTuple):
    """An action with its arguments bound, such as ``update_record(record=7, endpoint='staging')``.

    Attributes:
        action: the kind of operation.
        args: name and value of each argument, in order.
    """

    action: str
    args: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, action: str, **args: Value) -> Call:
        """The call of `action` with these arguments.

        >>> str(Call.of("close", ticket=7))
        'close(ticket=7)'
        """
        return cls(action, tuple(args.items()))

    def arg(self, name: str) -> Value:
        """The value of one argument.

        Raises:
            KeyError: the call has no such argument.
        """
        for key, value in self.args:
            if key == name:
                return value
        raise KeyError(name)

    def but(self, **args: Value) -> Call:
        """The same call with some of its arguments changed."""
        return Call(self.action, tuple((k, args.get(k, v)) for k, v in self.args))

    def __str__(self) -> str:
        return f"{self.action}({', '.join(f'{k}={v!r}' for k, v in self.args)})"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a plan.

    Attributes:
        call: what is to be called.
        requires: the value that each fluent must hold when the call reaches the world.
        writes: the value that each fluent is expected to hold after it.
    """

    call: Call
    requires: Mapping[str, Value]
    writes: Mapping[str, Value]


class Believed(NamedTuple):
    """What was believed of one fluent: its value, its version, and when that was true in the world."""

    value: Value
    version: int
    time: float


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """The belief that a plan was computed from, as far as the plan depends on it.

    Attributes:
        time: the newest observation that the belief held; plan age counts from here.
        taken: when the belief was read to plan from it.
        fluents: what was believed of each fluent that the plan or its goals depend on.
        answers: how many calls had been answered with `ok` when the belief was read.
    """

    time: float
    taken: float
    fluents: Mapping[str, Believed]
    answers: int


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Steps in order, the goals they lead to, and the basis they were computed from.

    Attributes:
        number: 1 for the first plan of the episode.
        steps: in the order in which they are to be fired.
        goals: the value that each goal fluent is to hold after the last step.
        basis: the belief that the plan rests on.
        dependencies: what each step depends on, as bit masks.
        wrong: the places of the steps in which the planner erred (see `agent.planner_error`).
    """

    number: int
    steps: tuple[Step, ...]
    goals: Mapping[str, Value]
    basis: Basis
    dependencies: Dependencies
    wrong: frozenset[int] = frozenset()
