"""What a world tells an agent that has never heard of it: the task, the calls that it can make, the words."""

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
        name: as the call has it.
        meaning: in plain words.
        kind: of its value; ``any`` where it may be of more than one.
        options: the only values there are, empty where they cannot be listed.
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
        """The argument as JSON Schema has it."""
        made: dict[str, Any] = {}
        if self.kind != "any":
            made["type"] = [_JSON[self.kind], "null"] if self.nothing else _JSON[self.kind]
        if self.options:
            made["enum"] = [_thawed(v) for v in self.options] + ([None] if self.nothing else [])
        return made | {"description": self.meaning}

    def read(self, value: Any, call: str) -> Value:
        """The value that a client gave, as a call holds it.

        Raises:
            SettingError: it is none of the kind, or no option.
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
    """How one action of a world is called.

    Attributes:
        action: its name.
        meaning: what it does and when it fails, in plain words.
        arguments: in the order in which the call holds them.

    >>> form = CallForm("close", "Close a ticket.", (Argument("ticket", "which", "integer"),))
    >>> str(form.call({"ticket": 3})), form.schema()["required"]
    ('close(ticket=3)', ['ticket'])
    """

    action: str
    meaning: str
    arguments: tuple[Argument, ...] = ()

    def schema(self) -> dict[str, Any]:
        """The arguments as one JSON Schema object."""
        return {
            "type": "object",
            "properties": {argument.name: argument.schema() for argument in self.arguments},
            "required": [argument.name for argument in self.arguments],
            "additionalProperties": False,
        }

    def call(self, given: Mapping[str, Any]) -> Call:
        """The call with these arguments.

        Raises:
            SettingError: one is missing, unknown, or of the wrong kind.
        """
        known = [argument.name for argument in self.arguments]
        for name in given:
            if name not in known:
                fix = nearest(name, known) if known else "it takes no arguments"
                raise SettingError(name=f"{self.action}.{name}", problem="is no argument", fix=fix)
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
    """What an agent is told of a world before it begins. It tells nothing of how things stand.

    Attributes:
        task: what is to be done, and how the world answers, in plain words.
        forms: the calls that can be made.
        glossary: for fluents, by name or pattern, what they hold.
        whole: whether the forms are all that there are.

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
        """The call of an action with these arguments.

        Raises:
            SettingError: there is no such action, or it is not called so.
        """
        known = any(form.action == action for form in self.forms)
        if not known and not self.whole:
            return Call(action, tuple([(name, frozen(value)) for name, value in given.items()]))
        return self.form(action).call(given)

    def form(self, action: str) -> CallForm:
        """How an action is called.

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
    """What an introduction is made from: a `Scene`."""

    first: Mapping[str, Value]
    goals: Mapping[str, Value]

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """The calls that reach the goals."""

    def confusable(self, call: Call) -> Sequence[Call]:
        """Siblings of a call."""


def derived(scene: Introduced, about: str = "") -> Introduction:
    """The introduction of a world that has none of its own, made from the calls that it plans.

    Args:
        scene: as it begins.
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
    goals = "; ".join(f"{fluent} is to hold {wanted!r}" for fluent, wanted in scene.goals.items())
    task = " ".join(part for part in (about, f"Bring this about: {goals}." if goals else "") if part)
    # A later plan may hold actions and kinds of values that this one does not.
    return Introduction(task, forms, {}, whole=False)


def _calls(scene: Introduced) -> Sequence[Call]:
    """The calls of a plan from the start, and those that can be confused with them."""
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
