"""One use of a tool, as a hook, a proxy or a decorator reports it to the guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.mapping import at_place


@dataclass(frozen=True)
class ToolUse:
    """A call that is about to be made, or that was answered.

    Attributes:
        session: the conversation.
        agent: the agent within it; empty for the main one.
        tool: the tool.
        given: its arguments.
        touches: what it reads and writes. Before the call these are only its writes, with the current content
            as `before` if that could be read; afterwards, all of it.
        call: the call's id; empty if the host has none, and calls are then told apart by tool and arguments.
        command: what an opaque call ran; see `Operation.command`.
        failed: after the call, whether it failed.
        error: why, one of `operation.ERRORS`.
        program: the agent's name.
        release: its version.
    """

    session: str
    agent: str
    tool: str
    given: Mapping[str, Any] = field(default_factory=dict)
    touches: tuple[Touch, ...] = ()
    call: str = ""
    command: str = ""
    failed: bool = False
    error: str = ""
    program: str = ""
    release: str = ""


def answered(
    use: ToolUse, touches: Sequence[Touch], output: Any, places: dict[str, str], place: str
) -> ToolUse:
    """Return an answered call of a mapped tool, with the version that each own write left.

    Args:
        use: the call.
        touches: what it read and wrote.
        output: what it returned.
        places: by fluent, where a read of it has its version; what this call read is added.
        place: where this tool's output has it.
    """
    made = []
    for touch in touches:
        if touch.kind == "read":
            places[touch.fluent] = place
        elif touch.kind == "write":
            # The new version of an own write is where a read of the same thing has it.
            at = places.get(touch.fluent, "")
            found = at_place({"output": output}, at) if at.startswith("output") else None
            touch = replace(touch, version=None if found is None else str(found))
        made.append(touch)
    return replace(use, touches=tuple([touch for touch in made if touch.kind != "opaque"]))


@dataclass(frozen=True)
class GuardRuling:
    """What the guard answers before a call.

    Attributes:
        did: ``let``, ``refused``, ``handed back``, or ``asked``: the person decides.
        text: what the agent is told; exactly the same text for the same state.
        verdicts: each policy's verdict by name, by fluent.
        basis: what each write depends on, by fluent; see `Logged.basis`.
    """

    did: str = "let"
    text: str = ""
    verdicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    basis: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds_back(self) -> bool:
        """Say whether the call must not be made (or not before the person agrees)."""
        return self.did != "let"
