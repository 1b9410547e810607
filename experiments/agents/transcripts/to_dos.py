"""An agent's to-do lists: which calls declare a plan, and which only report progress.

Some agents send their whole list again whenever a status changes. A list with other steps is a new plan; the
same steps with other statuses are progress; a list with nothing left to do ends the plan. Others make one
call per task: the plan is the set of tasks that are not deleted, and tasks created one after the other are
one plan.
"""

from __future__ import annotations

from typing import Any

LISTS = {"TodoWrite": "todos", "todowrite": "todos", "update_plan": "plan"}
"""The tools that send a to-do list, and the argument that holds it."""
TASKS = {"TaskCreate", "TaskUpdate"}
"""The tools that create a task, or change one."""
OVER = {"completed", "cancelled", "deleted"}
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
        self._tasks: dict[str, dict[str, object]] = {}
        self._creating: set[str] = set()

    def said(self, agent: str, tool: str, given: dict[str, Any], result: object = None) -> str:
        """Return what a call says about the plan: ``list``, ``progress``, ``finished``, or nothing.

        Args:
            agent: the agent.
            tool: the tool's name.
            given: the call's arguments.
            result: its result, which names a new task.
        """
        if tool in TASKS:
            return self._task(agent, tool, given, result)
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

    def _task(self, agent: str, tool: str, given: dict[str, Any], result: object) -> str:
        tasks = self._tasks.setdefault(agent, {})
        if tool == "TaskCreate":
            made = result.get("task") if isinstance(result, dict) else None
            id = made.get("id") if isinstance(made, dict) else None
            tasks[str(id if id is not None else f"task {len(tasks)}")] = "pending"
            more = agent in self._creating
            self._creating.add(agent)
            return "progress" if more else "list"
        self._creating.discard(agent)
        id, status = str(given.get("taskId")), given.get("status")
        tasks[id] = tasks.get(id, "pending") if status is None else status
        if all(task in OVER for task in tasks.values()):
            tasks.clear()
            return "finished"
        return "list" if status == "deleted" else "progress"
