"""An agent's to-do lists: which calls declare a plan, and which only report progress.

An agent sends its whole list again whenever a status changes. A list with other steps is a new plan; the
same steps with other statuses are progress; a list with nothing left to do ends the plan.
"""

from __future__ import annotations

from typing import Any

LISTS = {"TodoWrite": "todos", "todowrite": "todos", "update_plan": "plan"}
"""The tools that send a to-do list, and the argument that holds it."""
OVER = {"completed", "cancelled"}
"""The statuses of a step that nobody will work on any more."""


class ToDos:
    """The current to-do lists, by agent.

    >>> lists = ToDos()
    >>> def reported(status: str) -> str:
    ...     return lists.said("s", "TodoWrite", {"todos": [{"content": "rename", "status": status}]})
    >>> [reported("pending"), reported("in_progress"), reported("completed")]
    ['list', 'progress', 'finished']
    """

    def __init__(self) -> None:
        self._steps: dict[str, list[str]] = {}

    def said(self, agent: str, tool: str, given: dict[str, Any]) -> str:
        """Return what a call says about the plan: ``list``, ``progress``, ``finished``, or nothing."""
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
