"""What a host is to the guard: it turns JSON into an event, and a ruling into the host's own answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from plandrift.experiments.agents.guard.disk import look, looked, resolved
from plandrift.experiments.agents.guard.tool_use import GuardRuling, ToolUse
from plandrift.experiments.agents.transcripts.commands import command_kind, error_kind
from plandrift.experiments.agents.transcripts.digest import asked_hash, content_hash
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.mapping import Mapping as ToolMappings
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall
from plandrift.experiments.agents.transcripts.shell_touches import shell_touches

Payload = Mapping[str, Any]
When = Literal["before", "after", "compacted", "ended", "nothing"]


@dataclass(frozen=True)
class HookAnswer:
    """What a hook ends with.

    Attributes:
        out: its standard output.
        code: its exit code.
        error: its standard error.
    """

    out: str = ""
    code: int = 0
    error: str = ""


@dataclass(frozen=True)
class HostEvent:
    """What a host has told.

    Attributes:
        when: what it is about.
        use: the call, or for other events the session and the agent.
        transcript: the host's own record of the session, if it says where.
    """

    when: When
    use: ToolUse
    transcript: Path | None = None


@dataclass(frozen=True)
class HookFile:
    """A file that makes a host use the guard.

    Attributes:
        path: where it is, in the project.
        content: what belongs in it; a table is merged into what is there.
        note: what else a person must do or know.
    """

    path: str
    content: Mapping[str, Any] | str
    note: str = ""


@dataclass(frozen=True)
class Host:
    """A host of agents.

    Attributes:
        name: its name on the command line.
        event: reads what it tells a hook.
        refusal: turns a ruling that holds the call back into its form.
        after: turns a text after a call into its form, for the payload that it answers; the text is empty if
            there is nothing to say.
        hook: returns the file that makes it use the guard, for a command as a list of words.
        closed: whether a call is held back there if the hook itself crashes or takes too long.
        reads: whether its hooks see what its read tool showed.
        fine: what it must be told if there is no objection; empty if nothing.
    """

    name: str
    event: Callable[[Payload, ToolMappings], HostEvent]
    refusal: Callable[[GuardRuling], Mapping[str, Any]]
    after: Callable[[str, Payload], HookAnswer]
    hook: Callable[[Sequence[str]], HookFile]
    closed: str
    reads: str
    fine: Mapping[str, Any] = field(default_factory=dict)

    def before(self, ruling: GuardRuling) -> HookAnswer:
        """Turn a ruling into the host's form."""
        return json_answer(self.refusal(ruling)) if ruling.holds_back else self.no_objection()

    def no_objection(self) -> HookAnswer:
        """Return what lets a call or an event pass."""
        return json_answer(self.fine) if self.fine else HookAnswer()


@dataclass(frozen=True)
class HostCall:
    """A call as a host reports it, in a form that all hosts have in common.

    Attributes:
        tool: the tool.
        given: its arguments.
        folder: the working folder.
        shell: the command, if it is a shell's.
        printed: what that printed; None if unknown or cut.
        files: what a file tool touched.
    """

    tool: str
    given: Mapping[str, Any]
    folder: str = ""
    shell: str | None = None
    printed: str | None = None
    files: Sequence[Touch] = field(default_factory=tuple)


def touched(
    told: HostCall, tools: ToolMappings, *, answered: bool, failed: bool, result: Any
) -> tuple[tuple[Touch, ...], str]:
    """Return what a call touches, and what kind of command it ran; before the call, only what it writes."""
    mapped = tools.touches(told.tool, dict(told.given), result)
    command = ""
    if mapped is not None:
        touches = mapped
    elif told.shell is not None:
        ran = shell_touches(told.shell, told.folder, told.printed, ok=not failed, trimmed=True)
        touches, command = ran.touches, command_kind(told.shell) if ran.changing else ""
    else:
        touches = list(told.files)
    if answered:
        return tuple(t for t in touches if t.kind != "opaque"), command
    return tuple(looked(t) for t in touches if t.kind == "write" and t.fluent), command


def use_of(
    told: HostCall,
    tools: ToolMappings,
    *,
    session: object,
    agent: object = "",
    call: object = "",
    answered: bool,
    failed: bool = False,
    text: str = "",
    result: Any = None,
    program: str,
) -> ToolUse:
    """Return a call as the guard takes it."""
    touches, command = touched(told, tools, answered=answered, failed=failed, result=result)
    return ToolUse(
        session=str(session or "unknown"),
        agent=str(agent or ""),
        tool=told.tool,
        given=told.given,
        touches=touches,
        call=str(call or ""),
        command=command if answered else "",
        failed=failed,
        error=error_kind(text) if failed else "",
        program=program,
    )


def made_call(told: HostCall, answer: Mapping[str, Any]) -> MadeCall:
    """Return a call as the readers of transcripts take it."""
    asked = {
        "tool": told.tool,
        "asked": asked_hash(told.tool, told.given),
        "folder": told.folder,
        "input": dict(told.given),
    }
    return MadeCall("", "", "", 0, 0.0, 0.0, 0, 0, asked, dict(answer), "", "")


def whole_if_it_is(touch: Touch) -> Touch:
    """Return a read as one of the whole if it shows all that is in the file.

    Some hosts do not say whether they cut what they show.
    """
    if touch.kind != "read" or touch.whole or touch.text is None or touch.start != 1:
        return touch
    known, now = look(resolved(touch.fluent))
    same = known and now is not None and content_hash(now) == content_hash(touch.text)
    return replace(touch, whole=True) if same else touch


def json_answer(held: Mapping[str, Any]) -> HookAnswer:
    """Return an answer that is one JSON object."""
    return HookAnswer(json.dumps(held, ensure_ascii=False))


def quiet(text: str, said: Callable[[str], Mapping[str, Any]]) -> HookAnswer:
    """Return an answer that says a text, or nothing at all if there is none."""
    return json_answer(said(text)) if text else HookAnswer()


def object_of(held: object) -> dict[str, Any]:
    """Return a JSON object that may come as text; an empty one if it is none."""
    if isinstance(held, str):
        try:
            held = json.loads(held)
        except ValueError:
            return {}
    return held if isinstance(held, dict) else {}


def text_in(held: object, *names: str) -> str | None:
    """Return a text, or the first text under one of these names; None if there is none."""
    if isinstance(held, str):
        return held
    for name in names:
        found = held.get(name) if isinstance(held, dict) else None
        if isinstance(found, str):
            return found
        if isinstance(found, list):
            return "\n".join(str(part.get("text", "")) for part in found if isinstance(part, dict))
    return None


def path_in(held: object) -> Path | None:
    """Return a path, if it is one."""
    return Path(held) if isinstance(held, str) and held else None


def ask_a_person(ruling: GuardRuling) -> str:
    """Return the text of a refusal for a host whose hooks cannot ask the person."""
    return f"{ruling.text} Ask the person before you try again." if ruling.did == "asked" else ruling.text
