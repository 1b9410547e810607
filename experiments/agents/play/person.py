"""A person plays: typed lines become turns, and answers become lines."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plandrift.experiments.agents.play.tools import Tools
from plandrift.sim import PlandriftError, Session

HELP = (
    "ACTION name=value …   make a call, such as: {example}\n"
    "look NAME …           read afresh: names, or patterns with *\n"
    "know NAME …           show what you already know, and when that was true\n"
    "wait TIME             let time pass; without TIME, until there is news\n"
    "task                  show the task again\n"
    "done                  declare the task done"
)


def play_lines(session: Session, lines: Iterable[str], say: Callable[[str], None]) -> None:
    """Play a session from lines, until it is over or there are no more lines."""
    tools = Tools(session)
    say(tools.brief().partition("\n\nTime passes")[0])
    say("")
    say(_help(session))
    for line in lines:
        turn_of(tools, line, say)
        if session.over:
            return
    session.leave("the player left")


def turn_of(tools: Tools, line: str, say: Callable[[str], None]) -> None:
    """Take the turn that a line describes; a mistake is reported and changes nothing."""
    try:
        _turn(tools, line, say)
    except PlandriftError as error:
        say(f"? {error}")
    except ValueError as error:
        say(f"? {line.strip()!r:.60}: {error}: type help")


def _turn(tools: Tools, line: str, say: Callable[[str], None]) -> None:
    session = tools.session
    words = shlex.split(line)
    if not words:
        return
    verb, rest = words[0], words[1:]
    if verb in ("help", "?"):
        say(_help(session))
    elif verb == "task":
        say(session.introduction.task)
    elif verb in ("look", "know"):
        found = tools.call("look" if verb == "look" else "recall", {"patterns": rest})
        for name, held in found["known"].items():
            say(f"  {name} = {json.dumps(held['value'])}   (at {held['true_at']:.2f})")
        say(_where(found))
    elif verb == "wait":
        _answer(tools.call("wait", {"time": float(rest[0])} if rest else {}), say)
    elif verb == "done":
        _answer(tools.call("done", {}), say)
    else:
        _answer(tools.call(verb, dict(_given(word) for word in rest)), say)


def _answer(answer: Mapping[str, Any], say: Callable[[str], None]) -> None:
    for news in answer["news"]:
        changed = ", ".join(f"{name} = {json.dumps(value)}" for name, value in news["changed"].items())
        if changed:
            say(f"  heard at {news['heard']:.2f}: {changed}   (at {news['true_at']:.2f})")
    if answer.get("reported"):
        say(f"  {answer['reported']}{': ' + answer['reason'] if answer.get('reason') else ''}")
    if answer.get("advice"):
        say(f"  {answer['advice']}")
    say(_where(answer))


def _where(answer: Mapping[str, Any]) -> str:
    met = ", and as far as you know every goal holds" if answer["goals_met"] else ""
    return f"[{answer['time']:.2f}{met}]"


def _given(word: str) -> tuple[str, Any]:
    name, equals, text = word.partition("=")
    if not equals:
        raise ValueError("give arguments as name=value")
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text


def _help(session: Session) -> str:
    form = session.introduction.forms[0]
    example = " ".join([form.action, *(f"{argument.name}=…" for argument in form.arguments)])
    return HELP.format(example=example)
