"""The tools of a session: what a model is offered, how each is called, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plandrift.sim import Answer, Call, Known, Observation, Session, SettingError, plain
from plandrift.sim.terms.calls import frozen
from plandrift.sim.terms.errors import nearest

PATTERNS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "names to read, or patterns with * and ?, such as ['ticket-3.*']; everything if empty",
}
BACKGROUND = {
    "type": "boolean",
    "description": "do not wait for the answer: `wait` delivers it (false if not given)",
}
IF_MATCH = {
    "type": "object",
    "description": "what this call rests on: names with the values that you know, such as "
    "{'ticket-3.status': 'open'}; if one does not hold when the call arrives, it is refused and does nothing",
}
FAILED = ("error", "refused", "blocked")
"""What is reported of a call that did not do its work."""
MOST = 10_000
"""The most turns in a session; more are treated as a flood and end it."""


@dataclass(frozen=True)
class Tool:
    """One tool.

    Attributes:
        name: the tool's name.
        meaning: its description in plain words.
        schema: JSON Schema of its arguments.
        answer: the function that carries it out.
        reads: whether it changes nothing but what the agent knows.
    """

    name: str
    meaning: str
    schema: dict[str, Any]
    answer: Callable[[Mapping[str, Any]], dict[str, Any]]
    reads: bool = False

    @property
    def function(self) -> dict[str, Any]:
        """Return the tool as a function for a chat-completions endpoint."""
        return {"name": self.name, "description": self.meaning, "parameters": self.schema}


class Tools:
    """The tools of one session.

    Attributes:
        session: the session.
        listed: every tool by name: the world's actions first, then those that every session has.
        actions: the world's actions by the names of their tools.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        own = self._verbs()
        taken = {tool.name for tool in own}
        acts = [self._action(form.action, taken) for form in session.introduction.forms]
        self.listed: dict[str, Tool] = {tool.name: tool for tool in [*acts, *own]}
        self.actions = {tool.name: form.action for tool, form in zip(acts, self._forms, strict=True)}

    @property
    def _forms(self) -> Sequence[Any]:
        return self.session.introduction.forms

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a tool, and return the answer to the agent.

        Raises:
            PlandriftError: the tool does not exist, its arguments are wrong, or the session has ended.
        """
        tool = self.listed.get(name)
        if tool is None:
            raise SettingError(name="tool", problem=f"= {name!r:.60}", fix=nearest(name, self.listed))
        if not isinstance(arguments, Mapping):
            raise SettingError(name=name, problem=f"= {arguments!r:.60}", fix="give its arguments by name")
        known = tool.schema["properties"]
        for given in arguments:
            if given not in known:
                raise SettingError(
                    name=f"{name}.{given}",
                    problem="is not an argument",
                    fix=f"give {', '.join(known) or 'none'}",
                )
        if len(self.session.record) >= MOST:
            self.session.leave(f"more than {MOST} turns")
        return tool.answer(arguments)

    def brief(self) -> str:
        """Return what a model reads first: the task, the world's terms, and instructions."""
        introduction = self.session.introduction
        words = "\n".join(f"- {name}: {meaning}" for name, meaning in introduction.glossary.items())
        return (
            f"{introduction.task}\n\nWhat there is to know about:\n{words}\n\n"
            "Time passes while you think and while your calls are carried out. `recall` shows what you "
            "already know "
            "and when that was true; `look` reads afresh. What a call reports may not be the whole "
            "truth. You may declare a plan with `submit_plan`, and again whenever you change it. A call may "
            "be held back by a guard, which then says why. A call that carries what it rests on, in "
            "`if_match`, is refused if that does not hold when it arrives. Call `done` when the task is done."
        )

    def _action(self, action: str, taken: set[str]) -> Tool:
        form = self.session.introduction.form(action)
        schema = form.schema()
        own = {"background": BACKGROUND, "if_match": IF_MATCH}
        schema["properties"] = own | schema["properties"]
        name = f"act_{action}" if action in taken else action

        def answer(given: Mapping[str, Any]) -> dict[str, Any]:
            extra = own.keys() - {argument.name for argument in form.arguments}
            call = form.call({k: v for k, v in given.items() if k not in extra})
            rests = _rests(given, name) if "if_match" in extra else {}
            if "background" in extra and _flag(given, "background", name):
                self.session.send(call, if_match=rests)
                return self._after(None)
            return self._after(self.session.do(call, if_match=rests))

        return Tool(name, form.meaning, schema, answer)

    def _verbs(self) -> list[Tool]:
        step = {
            "type": "object",
            "properties": {"action": {"type": "string"}, "arguments": {"type": "object"}},
            "required": ["action", "arguments"],
        }
        plan = {
            "type": ["array", "null"],
            "items": step,
            "description": "the calls in order, each with its action and arguments; null if no plan is "
            "possible",
        }
        time = {"type": "number", "description": "how long to wait; until there is news if not given"}
        news = {"type": "boolean", "description": "whether news ends the wait early (false if not given)"}
        tools = [
            Tool(
                "recall",
                "Show what you know, without looking: costs no time.",
                _schema(patterns=PATTERNS),
                self._recall,
                reads=True,
            ),
            Tool("look", "Read how things are. It takes time.", _schema(patterns=PATTERNS), self._look, True),
            Tool("wait", "Let time pass.", _schema(time=time, news=news), self._wait),
            Tool(
                "submit_plan",
                "Declare the calls that you are going to make from now on.",
                _schema(["calls"], calls=plan, background=BACKGROUND),
                self._plan,
            ),
            Tool(
                "done",
                "Declare that the task is done.",
                _schema(),
                lambda _: self._after(self.session.done()),
            ),
        ]
        if self.session.pace.kind == "tokens":
            tokens = {"type": "number", "minimum": 0, "description": "tokens used since your last call"}
            tools.append(
                Tool("report_tokens", "Report tokens used.", _schema(["tokens"], tokens=tokens), self._tokens)
            )
        return tools

    def _recall(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = self.session.known(*_patterns(given, "recall"))
        return {"known": _shown(found)} | self._state()

    def _look(self, given: Mapping[str, Any]) -> dict[str, Any]:
        patterns = _patterns(given, "look")
        return {"known": _shown(self.session.look(*patterns))} | self._state()

    def _wait(self, given: Mapping[str, Any]) -> dict[str, Any]:
        time = given.get("time")
        if time is not None and (isinstance(time, bool) or not isinstance(time, int | float)):
            raise SettingError(name="wait.time", problem=f"= {time!r:.60}", fix="give a number")
        return self._after(self.session.wait(time, news=_flag(given, "news", "wait")))

    def _plan(self, given: Mapping[str, Any]) -> dict[str, Any]:
        calls = given.get("calls", ())
        if calls is not None and not isinstance(calls, list):
            raise SettingError(
                name="submit_plan.calls", problem="is missing or not a list", fix="give a list"
            )
        made = None if calls is None else [self._step(step) for step in calls]
        if _flag(given, "background", "submit_plan"):
            self.session.send_plan(made)
            return self._after(None)
        return self._after(self.session.submit_plan(made))

    def _step(self, given: Any) -> Call:
        if not isinstance(given, dict) or not isinstance(given.get("arguments"), dict):
            fix = "give objects with action and arguments"
            raise SettingError(name="submit_plan.calls", problem=f"has {given!r:.60}", fix=fix)
        action = self.actions.get(str(given.get("action")), str(given.get("action")))
        return self.session.introduction.call(action, given["arguments"])

    def _tokens(self, given: Mapping[str, Any]) -> dict[str, Any]:
        tokens = given.get("tokens")
        if isinstance(tokens, bool) or not isinstance(tokens, int | float) or not 0 <= tokens < float("inf"):
            raise SettingError(name="report_tokens.tokens", problem=f"= {tokens!r:.60}", fix="give a number")
        self.session.spent(tokens)
        return self._state()

    def _after(self, answer: Answer | None) -> dict[str, Any]:
        if answer is None:
            return {"reported": "under way" if self.session.busy else ""} | self._state()
        fields: dict[str, Any] = {"reported": answer.reported} if answer.reported else {}
        if answer.reason:
            fields["reason"] = answer.reason
        fields["news"] = [self._news(seen) for seen in answer.news]
        if answer.advice:
            fields["advice"] = f"make a new plan: {answer.advice}"
        return fields | self._state()

    def _news(self, seen: Observation) -> dict[str, Any]:
        held = {fluent: self.session.known(fluent)[fluent].value for fluent in seen.news}
        return {"heard": seen.time, "true_at": seen.taken, "changed": plain(held)}

    def _state(self) -> dict[str, Any]:
        session = self.session
        left = session.plan_left
        return {
            "time": session.time,
            "over": session.over,
            "goals_met": session.goals_met,
            "under_way": session.busy,
            "thinking": session.thinking,
            "plan_left": len(left),
            "next": _call(left[0]) if left else None,
        }


def as_text(answer: Mapping[str, Any]) -> str:
    """Return a tool's answer as one line of JSON."""
    return json.dumps(answer, ensure_ascii=False)


def _call(call: Call) -> dict[str, Any]:
    return {"action": call.action, "arguments": plain(dict(call.args))}


def _shown(found: Mapping[str, Known]) -> dict[str, Any]:
    return {name: {"value": plain(held.value), "true_at": held.time} for name, held in found.items()}


def _schema(required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _flag(given: Mapping[str, Any], name: str, tool: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise SettingError(name=f"{tool}.{name}", problem=f"= {value!r:.60}", fix="give true or false")
    return value


def _rests(given: Mapping[str, Any], tool: str) -> dict[str, Any]:
    rests = given.get("if_match", {})
    if not isinstance(rests, dict):
        raise SettingError(name=f"{tool}.if_match", problem=f"= {rests!r:.60}", fix="give names with values")
    return {name: frozen(value) for name, value in rests.items()}


def _patterns(given: Mapping[str, Any], tool: str) -> list[str]:
    patterns = given.get("patterns", [])
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise SettingError(name=f"{tool}.patterns", problem=f"= {patterns!r:.60}", fix="give a list of texts")
    return patterns
