"""The introduction to a world for an agent that does not know it: task, calls and glossary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from plandrift.sim.terms.calls import Call, Value, frozen
from plandrift.sim.terms.errors import SettingError, nearest

Kind = Literal["integer", "number", "string", "boolean", "list", "any"]

_JSON: dict[Kind, str] = {
    "integer": "integer",
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "list": "array",
}


@dataclass(frozen=True)
class Argument:
    """One argument of a call.

    Attributes:
        name: its name in the call.
        meaning: a description in plain words.
        kind: the type of its value; ``any`` if there may be several.
        options: all its possible values; empty if they cannot be listed.
        nothing: whether it may be None.

    >>> Argument("ticket", "which ticket", "integer", options=(1, 2)).schema()
    {'type': 'integer', 'enum': [1, 2], 'description': 'which ticket'}
    """

    name: str
    meaning: str
    kind: Kind = "any"
    options: tuple[Value, ...] = ()
    nothing: bool = False

    def schema(self) -> dict[str, Any]:
        """Return the argument in JSON Schema."""
        made: dict[str, Any] = {}
        if self.kind != "any":
            made["type"] = [_JSON[self.kind], "null"] if self.nothing else _JSON[self.kind]
        if self.options:
            made["enum"] = [_thawed(v) for v in self.options] + ([None] if self.nothing else [])
        return made | {"description": self.meaning}

    def read(self, value: Any, call: str) -> Value:
        """Convert the value given by a client to the form that a call holds.

        Raises:
            SettingError: it has the wrong type, or is not one of the options.
        """
        held = frozen(value)
        if held is None and self.nothing:
            return None
        if self.kind == "integer" and isinstance(held, float) and held.is_integer():
            held = int(held)
        if not _is(held, self.kind):
            raise self._wrong(value, call, f"give {_words(self.kind)}")
        if self.options and held not in self.options:
            given = str(held) if isinstance(held, str) else ""
            options = [str(option) for option in self.options]
            fix = nearest(given, options) if given else f"give one of {', '.join(options[:12])}"
            raise self._wrong(value, call, fix)
        return held

    def _wrong(self, value: Any, call: str, fix: str) -> SettingError:
        return SettingError(name=f"{call}.{self.name}", problem=f"= {value!r:.60}", fix=fix)


@dataclass(frozen=True)
class CallForm:
    """The signature of one action of a world.

    Attributes:
        action: the name of the action.
        meaning: what it does and when it fails, in plain words.
        arguments: its arguments, in the order in which the call holds them.

    >>> form = CallForm("close", "Close a ticket.", (Argument("ticket", "which", "integer"),))
    >>> str(form.call({"ticket": 3})), form.schema()["required"]
    ('close(ticket=3)', ['ticket'])
    """

    action: str
    meaning: str
    arguments: tuple[Argument, ...] = ()

    def schema(self) -> dict[str, Any]:
        """Return the arguments as one JSON Schema object."""
        return {
            "type": "object",
            "properties": {argument.name: argument.schema() for argument in self.arguments},
            "required": [argument.name for argument in self.arguments],
            "additionalProperties": False,
        }

    def call(self, given: Mapping[str, Any]) -> Call:
        """Return the call with these arguments.

        Raises:
            SettingError: an argument is missing, unknown, or of the wrong type.
        """
        known = [argument.name for argument in self.arguments]
        for name in given:
            if name not in known:
                fix = nearest(name, known) if known else "it takes no arguments"
                raise SettingError(name=f"{self.action}.{name}", problem="is not an argument", fix=fix)
        for name in known:
            if name not in given:
                raise SettingError(
                    name=f"{self.action}.{name}", problem="is missing", fix=f"give {', '.join(known)}"
                )
        return Call(
            self.action, tuple([(a.name, a.read(given[a.name], self.action)) for a in self.arguments])
        )


@dataclass(frozen=True)
class Introduction:
    """What an agent is told about a world before it begins. It says nothing about the world's current state.

    Attributes:
        task: what has to be done, and how the world answers, in plain words.
        forms: the calls that can be made.
        glossary: what fluents hold, by name or pattern.
        whole: whether the forms are complete.

    >>> from plandrift import Description, Streams
    >>> from plandrift.worlds import Tickets
    >>> told = Description.of(Tickets().begin(Streams(7), horizon=60.0)).introduction()
    >>> [form.action for form in told.forms]
    ['assign', 'fix', 'reply', 'close', 'close_duplicate']
    """

    task: str
    forms: tuple[CallForm, ...]
    glossary: Mapping[str, str]
    whole: bool = True

    def call(self, action: str, given: Mapping[str, Any]) -> Call:
        """Return the call of an action with these arguments.

        Raises:
            SettingError: there is no such action, or it does not take these arguments.
        """
        known = any(form.action == action for form in self.forms)
        if not known and not self.whole:
            return Call(action, tuple([(name, frozen(value)) for name, value in given.items()]))
        return self.form(action).call(given)

    def form(self, action: str) -> CallForm:
        """Return the form of an action.

        Raises:
            SettingError: there is no such action.
        """
        for form in self.forms:
            if form.action == action:
                return form
        raise SettingError(
            name="call", problem=f"= {action!r}", fix=nearest(action, [f.action for f in self.forms])
        )


class Introduced(Protocol):
    """Anything that an introduction can be derived from: a `Scene`."""

    first: Mapping[str, Value]
    goals: Mapping[str, Value]

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Return the calls that reach the goals."""

    def confusable(self, call: Call) -> Sequence[Call]:
        """Return the siblings of a call."""


def derived(scene: Introduced, about: str = "") -> Introduction:
    """Derive the introduction of a world that does not write its own, from the calls that it plans.

    Args:
        scene: the scene at its beginning.
        about: the world in a few words.
    """
    found: dict[str, dict[str, list[Value]]] = {}
    for call in _calls(scene):
        arguments = found.setdefault(call.action, {})
        for name, value in call.args:
            arguments.setdefault(name, []).append(value)
    forms = tuple(
        CallForm(
            action,
            f"Do {action.replace('_', ' ')}.",
            tuple(
                Argument(name, f"{name.replace('_', ' ')}: {_words(_kind_of(values))}")
                for name, values in arguments.items()
            ),
        )
        for action, arguments in found.items()
    )
    goals = "; ".join(f"{fluent} must be {wanted!r}" for fluent, wanted in scene.goals.items())
    task = " ".join(part for part in (about, f"Reach these goals: {goals}." if goals else "") if part)
    # A later plan may contain actions and types of values that this one does not.
    return Introduction(task, forms, {}, whole=False)


def _calls(scene: Introduced) -> Sequence[Call]:
    """Return the calls of a plan from the start, and those that can be confused with them."""
    calls = list(scene.plan(scene.first) or ())
    return calls + [other for call in calls for other in scene.confusable(call)]


def _kind_of(values: Sequence[Value]) -> Kind:
    held = [value for value in values if value is not None]
    for kind in ("boolean", "integer", "number", "string", "list"):
        if held and all(_is(value, kind) for value in held):
            return kind
    return "any"


def _is(value: Value, kind: Kind) -> bool:
    if kind == "any":
        return True
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "number"):
        wanted = int if kind == "integer" else int | float
        return isinstance(value, wanted) and not isinstance(value, bool)
    return isinstance(value, str if kind == "string" else tuple)


_WORDS: dict[Kind, str] = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "list": "a list",
    "any": "any value",
}


def _words(kind: Kind) -> str:
    return _WORDS[kind]


def _thawed(value: Value) -> Any:
    return [_thawed(v) for v in value] if isinstance(value, tuple) else value
