"""Lists of to-dos that an agent keeps: which call declares a plan, and which only says how far it is.

An agent gives its whole list anew with each status that changes. A list of other steps is another plan;
the same steps with other statuses are progress, and nothing left to do ends it.
"""

from __future__ import annotations

from typing import Any

LISTS = {"TodoWrite": "todos", "todowrite": "todos", "update_plan": "plan"}
"""The tools that give a list of to-dos, and the argument that holds it."""
OVER = {"completed", "cancelled"}
"""The statuses of a step that nobody will do any more."""


class ToDos:
    """The lists of to-dos in hand, agent by agent.

    >>> lists = ToDos()
    >>> def reported(status: str) -> str:
    ...     return lists.said("s", "TodoWrite", {"todos": [{"content": "rename", "status": status}]})
    >>> [reported("pending"), reported("in_progress"), reported("completed")]
    ['list', 'progress', 'finished']
    """

    def __init__(self) -> None:
        self._steps: dict[str, list[str]] = {}

    def said(self, agent: str, tool: str, given: dict[str, Any]) -> str:
        """What a call says of the plan: ``list``, ``progress``, ``finished``, or nothing."""
        held = given.get(LISTS.get(tool, ""))
        if not isinstance(held, list):
            return ""
        entries = [entry for entry in held if isinstance(entry, dict)]
        steps = [str(entry.get("content", entry.get("step"))) for entry in entries]
        if all(entry.get("status") in OVER for entry in entries):
            self._steps.pop(agent, None)
            return "finished"
        before, self._steps[agent] = self._steps.get(agent), steps
        return "progress" if steps == before else "list"
