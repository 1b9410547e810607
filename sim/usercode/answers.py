"""The rules for what users' methods may return, and the wrapper that enforces them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar, get_args, get_type_hints

from plandrift.sim.companions.companion import Companion
from plandrift.sim.companions.description import Description
from plandrift.sim.companions.planning import Planning
from plandrift.sim.companions.sharing import Sharing
from plandrift.sim.interfaces.policy import Decision, Policy, Reaction, Verdict
from plandrift.sim.interfaces.world import Scene, World
from plandrift.sim.terms.calls import Call
from plandrift.sim.terms.effects import EVENT, Effect, Nature
from plandrift.sim.terms.errors import nearest
from plandrift.sim.usercode.own_code import OwnCodeError, foreign

T = TypeVar("T", World, Scene, Policy)

Problem = Callable[[Any, Any], str]
"""A rule: given a method's owner and its answer, return what the answer should be; empty if it is valid."""


def answering(thing: T) -> T:
    """Return the same object, but with the answers of its user-written methods checked.

    Raises:
        OwnCodeError: when a method is called, not here; the message names the class, the method, its file and
        line.

    >>> from plandrift.policies import gated
    >>> policy = gated()
    >>> answering(policy) is policy
    True
    """
    held = _holding(type(thing))
    if held is type(thing) or not hasattr(thing, "__dict__"):
        return thing
    copy: T = object.__new__(held)
    for name, value in vars(thing).items():
        object.__setattr__(copy, name, value)
    return copy


def _holding(owner: type) -> type:
    """Return a subclass that checks each user-written method, or the class itself if it has none."""
    kind = next((kind for kind in RULES if issubclass(owner, kind)), owner)
    made: dict[str, Any] = {
        name: _held(name, getattr(owner, name), rule)
        for name, rule in RULES.get(kind, {}).items()
        if _own(owner, kind, name)
    }
    if issubclass(owner, Scene):
        companions = tuple([_holding(named) for named in owner.companions])
        if companions != tuple(owner.companions):
            made["companions"] = companions
    if not made:
        return owner
    return type(
        owner.__name__, (owner,), made | {"__module__": owner.__module__, "__qualname__": owner.__qualname__}
    )


def _own(owner: type, kind: type, name: str) -> bool:
    """Return whether a method was written by a user; the interface's own defaults need no check."""
    method = getattr(owner, name, None)
    if method is None or method is getattr(kind, name, None):
        return False
    code = getattr(inspect.unwrap(method), "__code__", None)
    return code is not None and foreign(code)


def _held(name: str, method: Callable[..., Any], fault: Problem) -> Callable[..., Any]:
    code: Any = inspect.unwrap(method)

    def refuse(owner: object, answer: object, what: str) -> OwnCodeError:
        return OwnCodeError(
            f"{type(owner).__name__}.{name} gave {answer!r:.80}: {what} "
            f"({code.__code__.co_filename}:{code.__code__.co_firstlineno})"
        )

    @wraps(method)
    def held(self: Any, *args: Any, **named: Any) -> Any:
        answer = method(self, *args, **named)
        if name == "changes":
            return each(self, answer)
        what = fault(self, answer)
        if what:
            raise refuse(self, answer, what)
        return answering(answer) if isinstance(answer, Scene) else answer

    def each(self: Any, answer: Any) -> Iterator[Any]:
        if not hasattr(answer, "__iter__"):
            raise refuse(self, answer, "yield changes (time, fluent, value)")
        for change in answer:
            what = fault(self, change)
            if what:
                raise refuse(self, change, what)
            yield change

    return held


def _change(scene: Scene, change: Any) -> str:
    if not isinstance(change, tuple | list) or len(change) != 3:
        return "yield changes (time, fluent, value)"
    time, fluent, value = change
    if isinstance(time, bool) or not isinstance(time, int | float):
        return "give its time as a number"
    return "" if fluent == EVENT else _fluents(scene, {fluent: value})


def _fluents(scene: Scene, values: Any) -> str:
    if not isinstance(values, Mapping):
        return "return a mapping of fluents to values"
    for name, value in values.items():
        if name not in scene.first:
            return f"{name!r} is not a fluent: {nearest(str(name), map(str, scene.first))}"
        try:
            hash(value)
        except TypeError:
            return f"the value of {name!r} cannot be hashed: give a string, a number or a tuple"
    return ""


def _plan(_: Scene, calls: Any) -> str:
    if calls is None:
        return ""
    if not isinstance(calls, Sequence) or not all(isinstance(call, Call) for call in calls):
        return "return a list of calls, or None"
    try:
        hash(tuple(calls))
    except TypeError:
        return "an argument of a call cannot be hashed: give a string, a number or a tuple"
    return ""


def _tasks(sharing: Sharing, tasks: Any) -> str:
    if not isinstance(tasks, Sequence):
        return "return a list of tasks, each a mapping of goals to values"
    return next((wrong for task in tasks if (wrong := _fluents(sharing.scene, task))), "")


def _effect(scene: Scene, effect: Any) -> str:
    return _fluents(scene, effect.writes) if isinstance(effect, Effect) else "return a plandrift.Effect"


def _calls(_: Scene, calls: Any) -> str:
    whole = isinstance(calls, Sequence) and all(isinstance(call, Call) for call in calls)
    return "" if whole else "return a list of calls"


def _sources(scene: Scene, named: Any) -> str:
    if not isinstance(named, Mapping):
        return "return a mapping of arguments to fluents"
    return next(
        (_fluents(scene, {fluent: None}) for fluent in named.values() if fluent not in scene.first), ""
    )


def _score(_: Scene, score: Any) -> str:
    pair = (
        isinstance(score, tuple) and len(score) == 2 and all(isinstance(part, int | float) for part in score)
    )
    return "" if pair else "return two numbers: the score reached and the score reachable"


def _scene(_: World, scene: Any) -> str:
    if not isinstance(scene, Scene):
        return "return a plandrift.Scene"
    for name in ("first", "goals"):
        if not isinstance(getattr(scene, name, None), Mapping):
            return f"its scene's `{name}` is not a mapping: set it in __init__"
    named: Any = scene.companions
    if not isinstance(named, tuple) or not all(_companion(one) for one in named):
        return (
            "its scene's `companions` is not a tuple of subclasses of Description, Planning or another kind"
        )
    return _fluents(scene, scene.goals) or _fluents(scene, scene.first)


def _companion(named: Any) -> bool:
    return inspect.isclass(named) and issubclass(named, Companion)


def _kind(kind: type, words: str) -> Problem:
    return lambda _, answer: "" if isinstance(answer, kind) else f"return {words}"


def _choice(kind: Any) -> Problem:
    known = get_args(kind)
    return lambda _, answer: "" if answer in known else f"return one of {', '.join(known)}"


def _decided(kind: type, words: str) -> Problem:
    known = get_args(get_type_hints(kind)["kind"])

    def fault(_: Any, answer: Any) -> str:
        if not isinstance(answer, kind):
            return f"return {words}"
        if answer.kind not in known:  # type: ignore[attr-defined]
            return f"answer {', '.join(known)}"
        after = getattr(answer, "after", 0.0)
        return "" if isinstance(after, int | float) else "give `after` as a number"

    return fault


_TEXT, _FLAG = _kind(str, "a string"), _kind(bool, "True or False")

RULES: dict[type, dict[str, Problem]] = {
    World: {"begin": _scene},
    Scene: {
        "changes": _change,
        "happen": _fluents,
        "announced": _FLAG,
        "requires": _fluents,
        "effects": _fluents,
        "plan": _plan,
        "nature": _choice(Nature),
        "answer": _effect,
        "side_effects": _fluents,
        "confusable": _calls,
        "sources": _sources,
        "score": _score,
    },
    Planning: {
        "repair": _plan,
        "no_plan": _TEXT,
        "optimum": _kind(int | None, "a whole number, or None"),  # type: ignore[arg-type]
        "offers_better": _FLAG,
    },
    Sharing: {"plan": _plan, "tasks": _tasks},
    Description: {"change": _TEXT, "call": _TEXT},
    Policy: {
        "observed": _decided(Decision, "a plandrift.Decision"),
        "before_fire": _decided(Verdict, "a plandrift.Verdict"),
        "answered": _decided(Reaction, "a plandrift.Reaction"),
        "used_up": _decided(Decision, "a plandrift.Decision"),
        "parts": _kind(Mapping, "a mapping"),
    },
}
"""For each method that a user may write, the rule for its answer."""
