"""Calls, and the steps that make up plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

Value: TypeAlias = Any
"""What a fluent holds: anything hashable. ``None`` stands for absence."""


def frozen(value: Any) -> Value:
    """Return a JSON value in the hashable form that calls and fluents hold: lists become tuples.

    >>> frozen([1, ["a"]])
    (1, ('a',))
    """
    return tuple([frozen(part) for part in value]) if isinstance(value, list | tuple) else value


class Call(NamedTuple):
    """An action with its arguments bound, such as ``update_record(record=7, endpoint='staging')``.

    Attributes:
        action: the kind of operation.
        args: the name and value of each argument, in order.

    >>> call = Call.of("close", ticket=7)
    >>> call.arg("ticket"), str(call.but(ticket=8))
    (7, 'close(ticket=8)')
    """

    action: str
    args: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, action: str, **args: Value) -> Call:
        """Return the call of `action` with these arguments.

        >>> str(Call.of("close", ticket=7))
        'close(ticket=7)'
        """
        return cls(action, tuple(args.items()))

    def arg(self, name: str) -> Value:
        """Return the value of one argument.

        Raises:
            KeyError: the call has no such argument.
        """
        for key, value in self.args:
            if key == name:
                return value
        raise KeyError(name)

    def but(self, **args: Value) -> Call:
        """Return a copy of the call with some of its arguments replaced."""
        return Call(self.action, tuple((k, args.get(k, v)) for k, v in self.args))

    def __str__(self) -> str:
        return f"{self.action}({', '.join(f'{k}={v!r}' for k, v in self.args)})"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a plan.

    Attributes:
        call: the call to make.
        requires: the value that each fluent must hold when the call reaches the world.
        writes: the value that each fluent is expected to hold after it.

    >>> step = Step(Call.of("close", ticket=7), {"ticket-7.status": "open"}, {"ticket-7.status": "closed"})
    >>> step.shown_by({"ticket-7.status": "open"})
    False
    """

    call: Call
    requires: Mapping[str, Value]
    writes: Mapping[str, Value]

    def carries(self, fluent: str) -> bool:
        """Return whether the call writes a required fluent back as it was read, such as the rest of a file.

        Such an assumption is not what the call's own change rests on: if it does not hold, somebody else's
        change is overwritten.

        >>> whole = Step(Call("save"), {"head": 1, "tail": 5}, {"head": 2, "tail": 5})
        >>> whole.carries("head"), whole.carries("tail")
        (False, True)
        """
        return fluent in self.writes and self.writes[fluent] == self.requires[fluent]

    def shown_by(self, values: Mapping[str, Value]) -> bool:
        """Return whether these values already show everything that the step should write."""
        for fluent, value in self.writes.items():  # noqa: SIM110 (twice as fast as `all`)
            if values[fluent] != value:
                return False
        return True
