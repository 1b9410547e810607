"""A grounded problem, shared by the episodes of a process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.pddl.generator import DOMAINS, domain_text, problem_text
from plandrift.worlds.pddl.grounding import ground
from plandrift.worlds.pddl.others import HOW, OtherAgents
from plandrift.worlds.pddl.overlay import Overlay, overlay_path, read_overlay
from plandrift.worlds.pddl.reading import read
from plandrift.worlds.pddl.search import Found, Search
from plandrift.worlds.pddl.task import Kernel, Task
from plandrift.worlds.text_file import read_text


@dataclass(frozen=True, eq=False)
class GroundedProblem:
    """A grounded problem, with everything that the episodes of a process share about it.

    Attributes:
        task: the grounded task.
        overlay: the overlay with the events that happen by themselves.
        search: the search over the task.
        plans: earlier search results, by planner, state, goal and budget.
        others: the other agents, by how they choose actions.
    """

    task: Task
    overlay: Overlay
    search: Search
    plans: dict[tuple[str, int, Kernel, int], Found]
    others: dict[str, OtherAgents]


@lru_cache(maxsize=64)
def grounded_problem(
    domain: str, problem: str | None, overlay: str | None, size: int, number: int
) -> GroundedProblem:
    """Return the problem that these settings describe.

    Raises:
        SettingError: a file does not exist, or cannot be read as PDDL or as an overlay.
    """
    found = read_overlay(overlay_path(overlay)) if overlay else Overlay()
    texts, places = _texts(domain, problem, found, size, number)
    lifted = read(*texts, places, (found.schemas, f"{found.path}: schemas"))
    found.check(set(lifted.actions))
    task = ground(lifted, tuple(found.events))
    if not task.actions:
        raise SettingError(f"{places[1]}: no action of the agent can ever be carried out: check its :init")
    search = Search(task)
    others = {how: OtherAgents(task, search, how) for how in HOW}
    return GroundedProblem(task, found, search, {}, others)


def _texts(
    domain: str, problem: str | None, overlay: Overlay, size: int, number: int
) -> tuple[tuple[str, str], tuple[str, str]]:
    path = overlay.domain
    if path is None and domain in DOMAINS:
        text, place = domain_text(domain), domain
    else:
        path = path or Path(domain)
        if path.suffix != ".pddl" and not os.path.lexists(path):
            raise SettingError(
                name="world.domain",
                problem=f"= {domain}",
                fix=f"give a .pddl file, or {nearest(domain, DOMAINS)}",
            )
        text, place = _text(path, "world.domain"), str(path)
    task = overlay.problem or (Path(problem) if problem else None)
    if task is not None:
        return (text, _text(task, "world.problem")), (place, str(task))
    name = Path(place).stem
    if name not in DOMAINS or text != domain_text(name):
        raise SettingError(name="world.problem", problem="is not given", fix=f"give a problem of {place}")
    return (text, problem_text(name, size, number)), (place, f"{name}-{size}-{number}")


def _text(path: Path, name: str) -> str:
    try:
        return read_text(path, f"{name} = {path}", "give a PDDL file")
    except SettingError as error:
        raise SettingError(str(error), name=name) from None
