"""A user's planner in place of the world's own, with checks of its answers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from plandrift.sim.interfaces.world import Scene
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.terms.errors import PlandriftError, nearest
from plandrift.sim.usercode.own_code import in_words

OwnPlanner = Callable[[Mapping[str, Value], Mapping[str, Value]], Iterable[Call] | None]
"""Your own planner: a function of the belief and the goals that returns calls in order, or None for no plan.

Belief and goals map fluent names to values and are read-only. An empty list means that nothing is left to
do, so it is an error while the belief does not meet the goals. If the planner returns None, the agent waits
for the next observation and asks again.
"""

Plans = Callable[[Mapping[str, Value], Mapping[str, Value]], Sequence[Call] | None]
"""An `OwnPlanner` whose answers have been checked."""


class PlannerError(PlandriftError):
    """A user's planner raised, or returned something that is not a plan.

    >>> from plandrift import run
    >>> from plandrift.policies import plan_once
    >>> from plandrift.worlds import Records
    >>> run(Records(), plan_once(), planner=lambda belief, goals: ["update"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    plandrift.sim.usercode.own_planner.PlannerError: planner ... returned 'update', which is not a Call: ...
    """


def checked(planner: OwnPlanner, scene: Scene) -> Plans:
    """Return the planner with each of its answers checked against the scene.

    Raises:
        PlannerError: when the planner is called, not here; the message names the planner, its file and line.
    """
    known: set[Call] = set()

    def plan(belief: Mapping[str, Value], goals: Mapping[str, Value]) -> Sequence[Call] | None:
        try:
            given = planner(MappingProxyType(dict(belief)), MappingProxyType(dict(goals)))
            calls = None if given is None else list(given)
        except PlandriftError:
            raise
        except (Exception, SystemExit) as error:
            did = "called sys.exit" if isinstance(error, SystemExit) else f"raised {in_words(error)}"
            raise PlannerError(f"planner {_place(planner, error)} {did}: fix it there") from error
        if calls is None:
            return None
        if not calls and any(belief[fluent] != wanted for fluent, wanted in goals.items()):
            raise PlannerError(
                f"planner {_place(planner)} returned no calls while goals are open: return calls, or None"
            )
        for call in calls:
            if not isinstance(call, Call):
                raise PlannerError(
                    f"planner {_place(planner)} returned {call!r:.80}, which is not a Call: return calls"
                )
            try:
                hash(call)
            except TypeError:
                raise PlannerError(
                    f"planner {_place(planner)} returned {call!s:.80}: an argument cannot be hashed: "
                    "give a string, a number or a tuple"
                ) from None
            if call not in known:
                _try(planner, scene, call)
                known.add(call)
        return calls

    return plan


def _try(planner: OwnPlanner, scene: Scene, call: Call) -> None:
    """Check that the world knows the call and has the fluents that it needs."""
    wrong = unknown_of(scene, call)
    if wrong is None:
        return
    unknown, why = wrong
    fix = f"return a call of {type(scene).__name__}"
    if not unknown:
        raise PlannerError(
            f"planner {_place(planner)} returned {call}, which the world does not know ({why}): {fix}"
        )
    raise PlannerError(
        f"planner {_place(planner)} returned {call}, which needs {unknown!r}, and there is no such "
        f"fluent ({nearest(str(unknown), map(str, scene.first))}): {fix}"
    )


def unknown_of(scene: Scene, call: Call) -> tuple[str, str] | None:
    """Return what is wrong with a call: a fluent that the world lacks, or the error that the call causes.

    Returns:
        (fluent, "") or ("", error); None if the call is valid.
    """
    try:
        fluents = [*scene.requires(call), *scene.effects(call)]
    except Exception as error:
        return "", f"{type(error).__name__}: {error}"
    return next(((fluent, "") for fluent in fluents if fluent not in scene.first), None)


def _place(planner: OwnPlanner, error: BaseException | None = None) -> str:
    """Return the planner's name with file and line: where it raised or, without an error, where it begins."""
    made: Any = planner if inspect.isroutine(planner) else type(planner).__call__
    name = getattr(planner, "__qualname__", type(planner).__name__)
    code = getattr(inspect.unwrap(made), "__code__", None)
    if code is None:
        return name
    file, line = code.co_filename, code.co_firstlineno
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{name} ({file}:{line})"
